"""Adverse events and falls once more, in plain Python from protocol sheet 5.6, 5.7 and 8.26.

Rows in, the definitions' sentences, whole numbers and fractions out. Nothing of sessions.reports is
used; the bounds are found by another way than there.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import exp, lgamma, log, sqrt
from typing import Any
from zoneinfo import ZoneInfo

from bonefit.clients.models import Fall, FallsMonth
from programs.models import Enrollment
from sessions.models import AdverseEvent, Visit

CAME = {"attended", "attended_partial"}
#: Sessions that a client lost, by what became of them.
LOST = {"excused", "no_show", "late_cancel", "cancelled_client"}
POSSIBLY = {"possible", "probable", "definite"}
DAY = timedelta(days=1)


@dataclass
class Clinic:
    """What happened in one clinic, and what it is divided by."""

    #: Each day of each client who was in training on it.
    days: set[tuple[int, date]] = field(default_factory=set)
    #: The month of each attended session.
    sessions: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    falls: list[dict[str, Any]] = field(default_factory=list)
    #: (client, month) by what became of the question.
    asked: dict[str, set[tuple[int, date]]] = field(default_factory=lambda: defaultdict(set))

    @property
    def people(self) -> set[int]:
        return {client for client, _ in self.days}

    @property
    def answered(self) -> set[int]:
        """Who answered about a month at least."""
        return {client for client, _ in self.asked["answered"]}

    @property
    def counted(self) -> list[dict[str, Any]]:
        """The falls of answered months."""
        return [one for one in self.falls if one["answered"]]


def clinic(one: Any, first: date, last: date, as_at: datetime) -> Clinic:
    """Count by walking through every day and row of the clinic."""
    zone, found = ZoneInfo(one.timezone), Clinic()
    today = as_at.astimezone(zone).date()
    until = min(last, today)
    clients = set()
    for client, begins, ends in Enrollment.objects.filter(clinic=one).values_list(
        "client_id", "starts_on", "ended_on"
    ):
        clients.add(client)
        day = max(first, begins)
        while day <= until and (ends is None or day <= ends):
            found.days.add((client, day))
            day += DAY
    visits = defaultdict(list)
    for client, during, key, status, purpose in Visit.objects.filter(clinic=one).values_list(
        "client_id", "during", "id", "status", "purpose"
    ):
        began = during.lower
        visits[client].append((began, key, status, purpose))
        if status in CAME and _within(began, zone, first, last, as_at):
            found.sessions.append(f"{began.astimezone(zone):%Y-%m}")
    corrected = set(AdverseEvent.objects.values_list("replaces_id", flat=True))
    for row in AdverseEvent.objects.filter(clinic=one, client__in=clients).values():
        onset = row["onset_at"]
        if row["id"] in corrected or not _within(onset, zone, first, last, as_at):
            continue
        later = [(at, *rest) for at, *rest in visits[row["client_id"]] if at < as_at]
        found.events.append(
            {
                "client": row["client_id"],
                "what": row["what"],
                "severity": row["severity"],
                "serious": bool(row["serious"]),
                "related": row["related"] in POSSIBLY,
                "month": f"{onset.astimezone(zone):%Y-%m}",
                "lost": lost(onset, row["visit_id"], sorted(later)),
            }
        )
    _months(found, one, first, until)
    _falls(found, one, first, until, clients)
    return found


def _within(at: datetime, zone: ZoneInfo, first: date, last: date, as_at: datetime) -> bool:
    return first <= at.astimezone(zone).date() <= last and at < as_at


def lost(onset: datetime, visit: int | None, visits: list[Any]) -> int:
    """Regular sessions from the event on that she lost, until she next came to one."""
    number = 0
    for at, key, status, purpose in visits:
        if at < onset or key == visit:
            continue
        if status in CAME:
            break
        number += purpose == "regular" and status in LOST
    return number


def _months(found: Clinic, one: Any, first: date, until: date) -> None:
    """Months that lie within the days as a whole."""
    for row in FallsMonth.objects.filter(clinic=one).values():
        begins = row["month"]
        ends = begins.replace(day=monthrange(begins.year, begins.month)[1])
        if first <= begins and ends <= until:
            became = "answered" if row["answered_at"] else "unanswered"
            if not (row["answered_at"] or row["asked_at"]):
                became = "not_asked"
            found.asked[became].add((row["client_id"], begins))


def _falls(found: Clinic, one: Any, first: date, until: date, clients: set[int]) -> None:
    corrected = set(Fall.objects.values_list("replaces_id", flat=True))
    for row in Fall.objects.filter(clinic=one, client__in=clients).values():
        taken_back = row["id"] in corrected or row["taken_back_why"]
        if taken_back or not first <= row["fell_on"] <= until:
            continue
        month = (row["client_id"], row["fell_on"].replace(day=1))
        found.falls.append(
            {
                "client": row["client_id"],
                "answered": month in found.asked["answered"],
                "hurt": bool(row["injured"] or row["fracture"]),
                "broke": bool(row["fracture"] and row["confirmed"]),
            }
        )


# --- figures --------------------------------------------------------------------------------------


def by_sessions(events: int, sessions: int) -> tuple[Decimal | None, ...]:
    """Per 1,000 attended sessions, with its ends."""
    return _rate(events, Fraction(sessions, 1000), 2)


def by_years(events: int, *, days: int = 0, months: int = 0) -> tuple[Decimal | None, ...]:
    """Person-years, then events per person-year with its ends."""
    years = Fraction(days * 100, 36525) + Fraction(months, 12)
    return (rounded(years, 2) if years else None, *_rate(events, years, 3))


def _rate(events: int, time: Fraction, places: int) -> tuple[Decimal | None, ...]:
    if not time:
        return None, None, None
    low, high = poisson(events)
    rate = rounded(Fraction(events) / time, places)
    return rate, *(rounded(Fraction(end) / time, places) for end in (low, high))


def of_people(happened: int, of: int) -> tuple[Any, ...]:
    """People, of how many, the share in per cent with its ends, and the rule of three."""
    if not of:
        return happened, of, None, None, None, None
    percent = rounded(Fraction(100 * happened, of), 2)
    if not happened:
        # So large that none of so many would be seen once in twenty times: (1 − p)^n = 0.05.
        most = rounded(Fraction(100 * (1 - exp(log(0.05) / of))), 2)
        three = rounded(min(Fraction(100), Fraction(300, of)), 2)
        return 0, of, percent, rounded(Fraction(0), 2), most, three
    z, share = 1.959963984540054, happened / of
    middle = share + z * z / (2 * of)
    reach = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    ends = ((middle + sign * reach) / (1 + z * z / of) for sign in (-1, 1))
    return happened, of, percent, *(rounded(Fraction(100 * end), 2) for end in ends), None


def often(falls: list[dict[str, Any]]) -> set[int]:
    """Who fell more than once."""
    times = Counter(one["client"] for one in falls)
    return {client for client, number in times.items() if number > 1}


def poisson(events: int) -> tuple[float, float]:
    """The exact ends of a count, by Newton's method on the logarithms of the probabilities."""
    if not events:
        return 0.0, log(20)  # e^(−mean) = 0.05
    return _mean_where(events - 1, 0.975), _mean_where(events, 0.025)


def _mean_where(events: int, probability: float) -> float:
    """The mean of which so many events or fewer have this probability."""
    mean = events + 0.5
    for _ in range(100):
        terms = [exp(n * log(mean) - mean - lgamma(n + 1)) for n in range(events + 1)]
        # The last term is how much less probable it grows with the mean.
        mean += (sum(terms) - probability) / terms[-1]
        mean = max(mean, 1e-9)
    return mean


def rounded(value: Fraction, places: int) -> Decimal:
    """Half up."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
