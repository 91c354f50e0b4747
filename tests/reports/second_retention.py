"""Retention once more, in plain Python from protocol sheet 5.3. Nothing of sessions.reports."""

from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from programs.models import Enrollment, RuleSet, Track
from sessions.models import Pause, Visit

CENSORED = {"transfer", "died", "closed"}


def second_starts(clinics, first, last, as_at):
    """Each start with its outcome, its week, and the week if the lapsed have left."""
    found = {}
    for clinic in clinics:
        zone = ZoneInfo(clinic.timezone)
        today = as_at.astimezone(zone).date()
        rows = Enrollment.objects.filter(clinic=clinic).values_list(
            "id", "starts_on", "ended_on", "status", "end_kind", "therapist_id"
        )
        for key, starts_on, ended_on, status, kind, therapist in rows:
            if not first <= starts_on <= min(last, today):
                continue
            if ended_on is not None and ended_on < starts_on:
                continue
            over = ended_on is not None and ended_on <= today
            visits = Visit.objects.filter(enrollment_id=key).values_list(
                "during", "status", "missed_after"
            )
            came, booked = None, False
            for during, state, grace in visits:
                day = during.lower.astimezone(zone).date()
                if state in ("attended", "attended_partial") and day <= today:
                    came = day if came is None else max(came, day)
                if state in ("planned", "checked_in") and day >= today and grace > as_at:
                    booked = True
            came_week = 1 if came is None else max(1, (came - starts_on).days // 7 + 1)
            if not over:
                outcome, week = "running", (today - starts_on).days // 7 + 1
            elif status == "finished":
                outcome, week = "finished", (ended_on - starts_on).days // 7 + 1
            else:
                outcome, week = ("elsewhere" if kind in CENSORED else "left"), came_week
            lapsed = (
                outcome == "running"
                and (today - (came or starts_on)).days >= lapsed_days(clinic, as_at)
                and not booked
                and not paused(key, today)
            )
            found[key] = {
                "outcome": outcome,
                "week": week,
                "came_week": came_week,
                "lapsed": lapsed,
                "kind": kind,
                "month": starts_on.strftime("%Y-%m"),
                "program": str(program(key)),
                "therapist": str(therapist),
                "clinic": str(clinic.pk),
            }
    return found


def lapsed_days(clinic, as_at):
    days = 21
    for number, begins, values in RuleSet.objects.filter(clinic=clinic).values_list(
        "number", "effective_from", "values"
    ):
        if begins <= as_at or number == 1:
            days = int(values.get("lapsed_days", 21))
    return days


def paused(key, today):
    for starts, ends, back in Pause.objects.filter(enrollment_id=key).values_list(
        "starts_on", "ends_on", "resumed_on"
    ):
        if back is not None:
            ends = min(ends, back - timedelta(days=1))
        if starts <= today <= ends:
            return True
    return False


def program(key):
    rows = Track.objects.filter(enrollment_id=key, version__program__kind="main")
    return rows.order_by("starts_on", "id").values_list("version__program_id", flat=True)[0]


def at_risk(starts, week):
    return sum(one["week"] >= week for one in starts)


def left_by(starts, week):
    return sum(one["week"] <= week and one["outcome"] == "left" for one in starts)


def retained(starts, week, *, if_lapsed_left=False):
    """Week by week: of those still here, who leaves. "" where nobody was watched so long."""
    pairs = []
    for one in starts:
        if if_lapsed_left and one["lapsed"]:
            pairs.append((one["came_week"], True))
        else:
            pairs.append((one["week"], one["outcome"] == "left"))
    share = Fraction(1)
    for number in range(1, week + 1):
        here = [pair for pair in pairs if pair[0] >= number]
        if not here:
            break
        share *= 1 - Fraction(sum(when == number and left for when, left in here), len(here))
    if share and not any(when >= week for when, _ in pairs):
        return None
    return rounded(share * 100)


def rounded(value):
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def moment(day, hour=12):
    return datetime.combine(day, time(hour), UTC)
