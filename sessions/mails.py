"""The mail of a message: text and HTML, in the clinic's name and the clinic's time."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from bonefit.clients.answer_links import address_of
from bonefit.clients.models import AnswerLink, Client
from bonefit.clinics import rows
from bonefit.clinics.models import Clinic

from .mail_words import GONE, groups_of, place_of, speech, subject_of
from .models import Notice, OrganiserNotice, StaffNotice

_TEXT: dict[str, str] = {
    Notice.Kind.REMINDER: "sessions/email/reminder.txt",
    Notice.Kind.CHANGE: "sessions/email/change.txt",
    Notice.Kind.OFFER: "sessions/email/offer.txt",
    Notice.Kind.FALLS: "sessions/email/month.txt",
    Notice.Kind.INTAKE: "sessions/email/questions.txt",
    Notice.Kind.ANSWER: "sessions/email/answer.txt",
}
_HTML: dict[str, str] = {
    Notice.Kind.REMINDER: "sessions/email/reminder.html",
    Notice.Kind.CHANGE: "sessions/email/change.html",
    Notice.Kind.OFFER: "sessions/email/offer.html",
    Notice.Kind.FALLS: "sessions/email/month.html",
    Notice.Kind.INTAKE: "sessions/email/questions.html",
    Notice.Kind.ANSWER: "sessions/email/answer.html",
}
#: Signs the link that turns reminders off; a link is good for ever, like the mail it stands in.
_REMINDERS = signing.Signer(salt="sessions.reminders")


def mail_of(notice: Notice, *, now: datetime) -> EmailMultiAlternatives:
    """The mail of a message. Needs its ``client`` and ``clinic``.

    The product's own name is left out of it: it is a word about bones.
    """
    said = speech(notice.clinic, now)
    context = _context(notice, now)
    mail = EmailMultiAlternatives(
        subject=_one_line(subject_of(notice, said)),
        body=render_to_string(_TEXT[notice.kind], context),
        from_email=sender_of(notice.clinic),
        to=[notice.to],
        headers=_headers(notice, context),
    )
    mail.attach_alternative(render_to_string(_HTML[notice.kind], context), "text/html")
    return mail


def message_id(notice: Notice | StaffNotice | OrganiserNotice) -> str:
    """The same for every copy of one message, so that a mail program can tell it came twice."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    # An organisation's message has no clinic, and a key that no other of them has.
    whose = "across" if isinstance(notice, OrganiserNotice) else notice.clinic_id
    name = hashlib.sha256(f"{whose}|{notice.key}".encode()).hexdigest()[:32]
    return f"<{name}@{host}>"


# --- the link to turn reminders off ---------------------------------------------------------------
def reminders_token(client: Client) -> str:
    """The secret of the link in her reminders."""
    return _REMINDERS.sign(str(client.pk))


def client_behind(token: str) -> Client | None:
    """Whose reminders the link is about; None for one that we did not make."""
    try:
        pk = _REMINDERS.unsign(token)
    except signing.BadSignature:
        return None
    with rows.seeing_clinic_of(Client, int(pk)):
        return Client.objects.select_related("clinic").filter(pk=int(pk)).first()


def _reminders_address(client: Client) -> str:
    return settings.SITE_URL + reverse("reminders", args=[reminders_token(client)])


# --- parts ----------------------------------------------------------------------------------------
def _context(notice: Notice, now: datetime) -> dict[str, Any]:
    clinic, client, facts = notice.clinic, notice.client, notice.facts
    said = speech(clinic, now)
    context: dict[str, Any] = {
        "client": client,
        "clinic": clinic,
        "place": place_of(clinic),
        # Who has no log-in is not sent to a page that asks for one.
        "url": _page(notice) if client.membership_id else "",
        "link": "Answer here" if notice.kind == Notice.Kind.OFFER else "Your page",
        "subject": _one_line(subject_of(notice, said)),
    }
    if notice.kind == Notice.Kind.FALLS:
        context |= {"month": said.month(facts["month"]), "answer_url": _answer_address(notice)}
    elif notice.kind == Notice.Kind.INTAKE:
        context |= {"until": said.at(facts["until"]), "answer_url": _answer_address(notice)}
    elif notice.kind == Notice.Kind.CHANGE:
        context["groups"] = groups_of(facts["lines"], said)
        context["gone"] = any(line["what"] in GONE for line in facts["lines"])
    elif notice.kind != Notice.Kind.ANSWER:
        context["when"], context["room"] = said.span(facts), facts["room"]
    if notice.kind in (Notice.Kind.REMINDER, Notice.Kind.FALLS):
        context["off_url"] = _reminders_address(client)
    if notice.kind == Notice.Kind.OFFER and notice.expires_at is not None:
        context["until"] = said.at(notice.expires_at.isoformat())
    return context


def _answer_address(notice: Notice) -> str:
    """Where it is answered without a log-in; ValueError where the link is of no use any more."""
    link = AnswerLink.objects.get(pk=notice.facts["link"], clinic_id=notice.clinic_id)
    address = address_of(link)
    if not address:
        raise ValueError("The site’s key has changed since the link was made.")
    return address


def _page(notice: Notice) -> str:
    """Her own page; of an offer the page where it is answered."""
    slug = notice.clinic.slug
    if notice.kind == Notice.Kind.OFFER:
        path = reverse("sessions:portal-offer", args=[slug, notice.facts["waiting"]])
    else:
        path = reverse("sessions:portal", args=[slug])
    return settings.SITE_URL + path


def sender_of(clinic: Clinic) -> str:
    """The clinic's name with the site's address."""
    return sender_named(clinic.name)


def sender_named(name: str) -> str:
    """A name with the site's address."""
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((_one_line(name), address))


def _headers(notice: Notice, context: dict[str, Any]) -> dict[str, str]:
    headers = {"Message-ID": message_id(notice), "Auto-Submitted": "auto-generated"}
    if off := context.get("off_url"):
        # RFC 8058: a mail program shows a button that turns these mails off with one POST.
        headers["List-Unsubscribe"] = f"<{off}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _one_line(text: str) -> str:
    return " ".join(text.split())
