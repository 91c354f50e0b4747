"""Mails to the staff and to organisations: that something waits, how much, not of whom or what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from bonefit.clinics.access import Can

from .mails import message_id, sender_named, sender_of
from .models import OrganiserNotice, StaffNotice
from .notices.staff import still_waiting

LOG_IN = "Log in to see them"
#: Below a monthly link.
HOW_TO_STOP = "You can stop these mails on the page of all reports."
#: Said to the admins of a red flag whose own mail did not arrive.
NOT_DELIVERED = (
    "A mail about this did not reach the colleague it was for: please tell them, and see to it "
    "that their address is right."
)


def mail_of(notice: StaffNotice, now: datetime) -> EmailMultiAlternatives:
    """The mail of a message. Needs its ``member`` and ``clinic``."""
    subject, lines = words_of(notice)
    context = {
        "subject": subject,
        "lines": lines,
        "url": _page(notice),
        "link": "Open the report" if notice.kind == StaffNotice.Kind.MONTHLY else LOG_IN,
        "signed": notice.clinic.name,
    }
    return _mail(notice, context, sender_of(notice.clinic))


def mail_across(notice: OrganiserNotice, now: datetime) -> EmailMultiAlternatives:
    """The mail of a link across clinics. Needs its ``organiser`` with the organisation."""
    organisation = notice.organiser.organisation
    said = f"Your report for the month at {' '.join(organisation.name.split())}"
    report = reverse("organisation:report-saved", args=[organisation.slug, notice.facts["saved"]])
    context = {
        "subject": said,
        "lines": [f"{said} is ready to be opened.", HOW_TO_STOP],
        "url": f"{settings.SITE_URL}{report}?month={notice.facts['month']}",
        "link": "Open the report",
        "signed": organisation.name,
    }
    return _mail(notice, context, sender_named(organisation.name))


def _mail(
    notice: StaffNotice | OrganiserNotice, context: Mapping[str, object], sender: str
) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=str(context["subject"]),
        body=render_to_string("sessions/email/staff.txt", dict(context)),
        from_email=sender,
        to=[notice.to],
        headers={"Message-ID": message_id(notice), "Auto-Submitted": "auto-generated"},
    )
    page = render_to_string("sessions/email/staff.html", dict(context))
    mail.attach_alternative(page, "text/html")
    return mail


def words_of(notice: StaffNotice) -> tuple[str, list[str]]:
    """Subject and sentences of a message; the clinic's name is all that is said of the clinic."""
    place = " ".join(notice.clinic.name.split())
    facts = notice.facts
    if notice.kind == StaffNotice.Kind.RED:
        said = _waiting(still_waiting(notice), "red flag", place)
        return said, [f"{said}.", *([NOT_DELIVERED] if facts.get("passed_on") else [])]
    if notice.kind == StaffNotice.Kind.UNREAD:
        number = still_waiting(notice)
        subject = f"{_count(number, 'red flag')} not read at {place}"
        return subject, [
            f"Nobody has read {_count(number, 'red flag')} at {place} yet.",
            "Please see to it that somebody does.",
        ]
    if notice.kind == StaffNotice.Kind.MORNING:
        red, amber = facts["red"], facts["amber"]
        parts = [f"{number} {name}" for number, name in ((red, "red"), (amber, "amber")) if number]
        said = _waiting(red + amber, "flag", place)
        return said, [f"{said}: {' and '.join(parts)}."]
    if notice.kind == StaffNotice.Kind.MONTHLY:
        said = f"Your report for the month at {place}"
        return said, [f"{said} is ready to be opened.", HOW_TO_STOP]
    if notice.kind == StaffNotice.Kind.ASKED:
        said = f"A request waits for you at {place}"
        return said, [f"{said}.", "Log in to read it and to answer it."]
    return f"The week’s flags at {place}", _week(facts, place)


def _week(facts: Mapping[str, int], place: str) -> list[str]:
    lines = [
        f"Last week at {place}: {_count(facts['opened'], 'flag')} opened, {facts['closed']} closed."
    ]
    if facts["open"]:
        between = facts["open"] - facts["young"] - facts["old"]
        ages = [
            f"{number} {words}"
            for number, words in (
                (facts["young"], "for less than a week"),
                (between, "for one to four weeks"),
                (facts["old"], "for more than four weeks"),
            )
            if number
        ]
        lines.append(f"Open on Monday: {facts['open']} ({', '.join(ages)}).")
    else:
        lines.append("Open on Monday: none.")
    if facts["by_hand"]:
        share = round(100 * facts["not_useful"] / facts["by_hand"])
        lines.append(
            f"Of {facts['by_hand']} that somebody closed, "
            f"{facts['not_useful']} were called not useful ({share} %)."
        )
    return lines


def _waiting(number: int, what: str, place: str) -> str:
    return f"{_count(number, what)} {'waits' if number == 1 else 'wait'} for you at {place}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _page(notice: StaffNotice) -> str:
    if notice.kind == StaffNotice.Kind.MONTHLY:
        report = reverse("sessions:report-saved", args=[notice.clinic.slug, notice.facts["saved"]])
        return f"{settings.SITE_URL}{report}?month={notice.facts['month']}"
    if notice.kind == StaffNotice.Kind.ASKED:
        return _own_or_home(notice, "clients:corrections", Can.ANSWER_CORRECTIONS)
    return _own_or_home(notice, "sessions:flags", Can.SEE_FLAGS)


def _own_or_home(notice: StaffNotice, name: str, right: Can) -> str:
    """The page of that name; for who may not see it, her way into the clinic."""
    view = name if right in notice.member.can else "clinic_home"
    return settings.SITE_URL + reverse(view, args=[notice.clinic.slug])
