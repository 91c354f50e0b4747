"""The question about falls: in the first days of a month every client in training is asked once.

It is about the month before. No answer is not "no fall": the month stays unanswered, and is in no
rate. Who has turned reminders off is not written to, and can be asked at a check-in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db.models import Exists, OuterRef, Q

from bonefit.clients.answer_links import make_link
from bonefit.clients.models import Client, FallsMonth
from bonefit.clinics.models import Clinic
from bonefit.clinics.rows import clinics_in_sight
from programs.calendar import wall_time
from programs.models import Enrollment
from programs.plans import rules_at
from sessions.contained import SweepIncomplete, contained
from sessions.models import Notice

from .rows import quiet_of, row

#: Asked from the first day of a month to this one.
LAST_DAY = 7


def ask_about_falls(now: datetime, batch: int = 200) -> int:
    """Ask about the month before, in each clinic that asks and where it is time; how many.

    Who has no address, or wants no reminders, gets a row that nobody asked: the clinic sees it.
    Raises SweepIncomplete at the end if a client could not be asked.
    """
    asked, failed = 0, [0]
    for clinic in clinics_in_sight().order_by("pk"):
        done, wrong = contained([clinic], partial(_ask_clinic, now=now, batch=batch, failed=failed))
        asked += done
        failed.append(wrong)
    if any(failed):
        raise SweepIncomplete(
            f"{sum(failed)} clients could not be asked, {asked} were.", failed=sum(failed)
        )
    return asked


def month_before(day: date) -> date:
    """The first day of the month before that of ``day``."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _ask_clinic(clinics: Sequence[Clinic], *, now: datetime, batch: int, failed: list[int]) -> int:
    (clinic,) = clinics
    today = now.astimezone(clinic.tz).date()
    if today.day > LAST_DAY or not rules_at(clinic, now).rules.ask_about_falls:
        return 0
    month, asked, after = month_before(today), 0, 0
    while clients := _to_ask(clinic, month, after, batch):
        done, wrong = contained(clients, partial(_settle, clinic=clinic, month=month, now=now))
        asked, after = asked + done, clients[-1].pk
        failed.append(wrong)
    return asked


def _to_ask(clinic: Clinic, month: date, after: int, size: int) -> list[Client]:
    """Clients in training for the whole month with no row of it yet, or one that can be asked."""
    enrolled = Enrollment.objects.active().filter(client=OuterRef("pk"), starts_on__lte=month)
    rows = FallsMonth.objects.filter(client=OuterRef("pk"), month=month)
    open_ = rows.filter(asked_at=None, answered_at=None)
    can_mail = ~Q(email="") & Q(reminders_off_at=None)
    return list(
        Client.objects.filter(Exists(enrolled), clinic=clinic, pk__gt=after)
        .filter(~Exists(rows) | can_mail & Exists(open_))
        .order_by("pk")[:size]
    )


def _settle(clients: Sequence[Client], *, clinic: Clinic, month: date, now: datetime) -> int:
    return sum(_ask(client, clinic, month, now) for client in clients)


def _ask(client: Client, clinic: Clinic, month: date, now: datetime) -> int:
    """The row of the month, the link and the message, in the sweep's transaction; 1 if asked."""
    FallsMonth.objects.get_or_create(clinic=clinic, client=client, month=month)
    if not client.email or client.reminders_off_at is not None:
        return 0
    asked = FallsMonth.objects.select_for_update(of=("self",)).get(
        clinic=clinic, client=client, month=month
    )
    if asked.asked_at is not None or asked.answered_at is not None:
        return 0  # another sweep was faster, or she was asked at a check-in
    ends = _end_of_asking(clinic, month)
    link = make_link(month=asked, expires_at=ends, by=None, now=now)
    asked.asked_at = now
    asked.save(update_fields=["asked_at"])
    client.clinic = clinic
    message = row(
        client,
        Notice.Kind.FALLS,
        f"falls|{client.pk}|{month:%Y-%m}",
        {"month": month.isoformat(), "link": link.pk},
        now=now,
        due_at=quiet_of(clinic, now).next_chance(now),
        expires_at=ends,
    )
    Notice.objects.bulk_create([message], ignore_conflicts=True)
    return 1


def _end_of_asking(clinic: Clinic, month: date) -> datetime:
    """The end of the month in which it is asked: then the next question comes."""
    asked_in = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    following = (asked_in.replace(day=28) + timedelta(days=4)).replace(day=1)
    return wall_time(following, time.min, clinic.tz)
