"""Ending somebody's part in the clinic: what of hers is still to come, why, and then she is out."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.forms_people import EndForm
from bonefit.clinics.lately import lately
from bonefit.clinics.models import Membership
from bonefit.clinics.people import CannotGive, end_membership
from bonefit.htmx import UNPROCESSABLE
from programs.models import Enrollment
from sessions.models import Supervision

#: Classes and clients that the page names; how many more there are is said.
MOST_SHOWN = 12


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@requires(Can.GIVE_ROLES)
@lately
def person_end(request: MemberRequest, pk: int) -> HttpResponse:
    """Her classes and clients, so that they are handed over first; a reason; it holds at once."""
    member, now = request.member, timezone.now()
    found = Membership.objects.visible_to(member).staff().select_related("user", "clinic")
    leaver = get_object_or_404(found, pk=pk)
    if leaver.pk == member.pk:
        raise Http404
    form = EndForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            end_membership(member=leaver, by=member, now=now, **form.cleaned_data)
        except CannotGive as refused:
            form.put_wrong(refused.wrong)
        else:
            messages.success(
                request, f"{leaver} does not work here any more. It holds from now on."
            )
            return redirect("clinics:people", member.clinic.slug)
    classes = Supervision.objects.visible_to(member).filter(
        member=leaver, during__isnull=False, slot__starts_at__gt=now, slot__called_off_at=None
    )
    clients = Enrollment.objects.visible_to(member).filter(
        therapist=leaver, status=Enrollment.Status.ACTIVE
    )
    context = {
        "of": leaver,
        "form": form,
        "classes": classes.select_related("slot").order_by("slot__starts_at")[:MOST_SHOWN],
        "classes_in_all": classes.count(),
        "clients": clients.select_related("client").order_by("client__name", "pk")[:MOST_SHOWN],
        "clients_in_all": clients.count(),
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "sessions/person_end.html", context, status=status)
