"""What cancelling a seat means, said before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bonefit.clinics.dates import say_day
from programs.plans import rules_at
from programs.rules import Rules

from .models import Visit


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause that can be chosen, and what follows from it, in words."""

    value: str
    title: str
    meaning: str


def in_time(visit: Visit, rules: Rules, *, now: datetime) -> bool:
    """Whether a client who cancels now does so with the notice that the clinic asks for."""
    return visit.starts_at - now >= timedelta(hours=rules.late_cancel_hours)


def made_up_until(visit: Visit, rules: Rules) -> date:
    """The last day on which this session can be made up for."""
    day = visit.starts_at.astimezone(visit.clinic.tz).date()
    return day + timedelta(days=rules.makeup_days)


def causes(visit: Visit, *, now: datetime) -> list[Cause]:
    """The three causes with what each means for this seat. Needs client, makes_up and clinic."""
    rules = rules_at(visit.clinic, now).rules
    credit = _credit(visit, rules)
    hours = rules.late_cancel_hours
    if in_time(visit, rules, now=now):
        of_hers = f"In time: {hours} hours’ notice or more."
    else:
        of_hers = f"Late: less than {hours} hours’ notice. It counts as missed."
    fair = "It does not count as missed."
    return [
        Cause("client", f"{visit.client.name} cannot come", f"{of_hers} {credit}"),
        Cause("clinic", "The clinic cannot", f"{fair} {credit}"),
        Cause(
            "excused",
            "Excused for a medical reason",
            f"{fair} {credit}",
        ),
    ]


def _credit(visit: Visit, rules: Rules) -> str:
    if visit.purpose == Visit.Purpose.EXTRA:
        return "An extra session is not made up."
    if visit.makes_up is not None:
        until = made_up_until(visit.makes_up, rules)
        return f"The session it makes up for can still be made up until {say_day(until)}."
    return f"It can be made up until {say_day(made_up_until(visit, rules))}."
