"""Messages to clients: wake up, read one row, send, record that it was sent. And long files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from bonefit.beats import SWEEP, Did, swept
from bonefit.clinics import rows
from bonefit.clinics.login_links import (
    address_of,
    clinic_of,
    link_may_be_used,
    may_be_mailed,
    may_have_link,
)
from bonefit.clinics.models import LoginLink

from .importing import running
from .models import Client, Import

#: A mail server that is not there is tried for hours; see the waits in tests/portal.
UNTIL_SENT: dict[str, Any] = {
    "ignore_result": True,
    "acks_late": True,
    "autoretry_for": (OSError,),  # SMTPException is one too
    "retry_backoff": 30,
    "retry_backoff_max": 3600,
    "max_retries": 12,
    "soft_time_limit": 150,
    "time_limit": 180,
}
#: Seconds. A file that takes longer is given up, and its page says so.
LONGEST = 3600


@shared_task(**UNTIL_SENT)
def send_invitation(client_id: int, *_args: Any, **_kwargs: Any) -> None:
    """Tell a client that she can log in: at least once, and no health word is in it.

    The row is locked while the mail goes out, so that of two workers the second finds it sent. A
    crash between the mail and its record sends it again, with the same link: harmless; the other
    order would lose it.
    """
    with rows.seeing_clinic_of(Client, client_id), transaction.atomic():
        client = (
            Client.objects.select_for_update(of=("self",))
            .select_related("clinic", "membership__user")
            .filter(pk=client_id, membership__is_active=True, invitation_sent_at=None)
            .exclude(email="")
            .first()
        )
        if client is None:
            return
        now = timezone.now()
        link = _link_of_invitation(client)
        _send(
            "clients/email/invitation",
            to=client.membership.user.email,  # type: ignore[union-attr]
            subject=f"Your appointments at {client.clinic.name}",
            client=client,
            clinic=client.clinic,
            link=address_of(link) if link and link_may_be_used(link, now=now) else "",
        )
        # Said of what stands for a link too: a copy of the record would tell who works elsewhere.
        if link is not None and may_be_mailed(link, now=now):
            link.sent_at = now
            link.save(update_fields=["sent_at"])
        client.invitation_sent_at = now
        client.save(update_fields=["invitation_sent_at"])


@shared_task(**UNTIL_SENT)
def send_login_link(link_id: int, *_args: Any, **_kwargs: Any) -> None:
    """Mail a link that the desk had made: at least once, and not after it is used or too old.

    Who works in another clinic is mailed how she logs in instead.
    """
    whose = LoginLink.objects.filter(pk=link_id).values_list("user", flat=True).first()
    if whose is None:
        return
    # Who made it is a row of the clinic, whose name and telephone the mail says.
    with rows.seeing_person(whose), transaction.atomic():
        link = (
            LoginLink.objects.select_for_update(of=("self",))
            .select_related("user", "made_by__clinic")
            .filter(pk=link_id, sent_at=None)
            .first()
        )
        now = timezone.now()
        if link is None or not may_be_mailed(link, now=now):
            return
        clinic, opens = clinic_of(link), may_have_link(link.user)
        _send(
            "clients/email/login_link",
            to=link.sent_to,
            subject=f"Your link to log in at {clinic}" if opens else f"Your log-in at {clinic}",
            person=link.user,
            clinic=link.made_by.clinic if link.made_by else None,
            clinic_name=clinic,
            link=address_of(link) if opens else "",
        )
        link.sent_at = now
        link.save(update_fields=["sent_at"])


def _link_of_invitation(client: Client) -> LoginLink | None:
    """The link that was made with the invitation, or what stands for one."""
    if client.membership is None or client.invited_at is None:
        return None
    return (
        LoginLink.objects.filter(user=client.membership.user, made_at=client.invited_at)
        .exclude(made_by=None)
        .select_related("user")
        .order_by("-pk")
        .first()
    )


def _send(template: str, *, to: str, subject: str, **said: Any) -> None:
    """One mail of text and HTML; ``said`` is what the templates print."""
    said["url"] = settings.SITE_URL + reverse(settings.LOGIN_URL)
    said["email"] = to
    mail = EmailMultiAlternatives(
        " ".join(subject.split()), render_to_string(f"{template}.txt", said), None, [to]
    )
    mail.attach_alternative(render_to_string(f"{template}.html", said), "text/html")
    mail.send()


# --- files of clients and of measurements ---------------------------------------------------------
@shared_task(ignore_result=True, acks_late=True, time_limit=LONGEST, soft_time_limit=LONGEST - 60)
def run_import(import_id: int, *_args: Any, **_kwargs: Any) -> None:
    """Check or write a file. Twice or in parallel is harmless: one worker claims it."""
    with rows.seeing_clinic_of(Import, import_id):
        running.run(import_id)


@shared_task(**SWEEP)
@swept("take_up_imports")
def take_up_imports(now: datetime) -> Did:
    """Wake workers for files whose message or worker was lost; every minute."""
    woken = list(running.waiting(now).order_by("pk").values_list("pk", flat=True)[:20])
    for pk in woken:
        run_import.delay(pk)
    return Did(seen=len(woken))
