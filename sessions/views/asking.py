"""One form, one action: what the pages of the timetable have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect

from bonefit.clinics.access import MemberRequest
from bonefit.htmx import UNPROCESSABLE, render_page
from sessions.clashes import Clash, from_database
from sessions.forms_timetable import TimetableForm
from sessions.models import Room


def ask(
    request: MemberRequest,
    template: str,
    form: TimetableForm,
    act: Callable[[dict[str, Any]], str],
    *,
    back: str,
    context: Callable[[], dict[str, Any]] = dict,
) -> HttpResponse:
    """Show a form; once it is right, do it, say the words that ``act`` returns, and go ``back``.

    What stands in the way comes back beside its field, with everything that was typed.
    """
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                with transaction.atomic():
                    words = act(form.cleaned_data)
            except Clash as clash:
                form.refuse(clash)
            except IntegrityError as refusal:
                if (clash_there := from_database(refusal)) is None:
                    raise
                form.refuse(clash_there)
            else:
                messages.success(request, words)
                return redirect(back)
    page = {"form": form, "back": back, **context()}
    return render_page(request, template, page, partial="form", status=status)


def room_names(request: MemberRequest) -> list[str]:
    """The rooms of the clinic by name."""
    return list(Room.objects.visible_to(request.member).values_list("name", flat=True))
