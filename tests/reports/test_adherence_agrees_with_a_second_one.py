"""The figures once more, in plain Python from protocol sheet 5.2 and 5.3, on invented half-years.

Nothing of sessions.reports is used to compute them: rows in, the sheet's sentences, figures out.
"""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest

from programs.models import Enrollment
from sessions.models import Visit
from sessions.reports.adherence import Filters, adherence
from tests.reports.floor import another_program, someone, visit

FIRST = date(2025, 9, 1)
DAYS = 120


def second_opinion(clinic, first, last, as_at):
    """The table, computed row by row."""
    zone = ZoneInfo(clinic.timezone)
    today = as_at.astimezone(zone).date()
    table = {}
    for enrollment in Enrollment.objects.filter(clinic=clinic).select_related("client"):
        here = enrollment.starts_on <= min(last, today)
        gone = enrollment.ended_on is not None and enrollment.ended_on < first
        numbers = defaultdict(int)
        told = False
        for row in enrollment.visits.select_related("slot"):
            state, day = row.status, row.slot.starts_at.astimezone(zone).date()
            if not first <= day <= last or row.slot.starts_at > as_at:
                continue
            told |= state not in ("planned", "checked_in", "released")
            if state in ("planned", "checked_in") and row.missed_after <= as_at:
                state = "unrecorded"
            if state in ("planned", "checked_in", "released"):
                continue
            present = state in ("attended", "attended_partial")
            if row.purpose == "regular":
                numbers["planned"] += 1
                numbers["attended"] += present
                numbers[state] += not present
            elif present:
                numbers[row.purpose] += 1
        if not (here and not gone) and not told:
            continue
        prescribed = 0
        for track in enrollment.tracks.select_related("version"):
            for number in range((min(last, today) - track.starts_on).days + 1):
                day = track.starts_on + timedelta(days=number)
                if enrollment.ended_on is not None and day > enrollment.ended_on:
                    break
                week, weekday = divmod(number, 7)
                if week >= track.version.weeks:
                    break
                each = track.version.frequency
                whole = (weekday + 1) * each // 7 - weekday * each // 7
                prescribed += whole if day >= first else 0
        numbers["prescribed"] = prescribed
        numbers["missed"] = sum(
            numbers[state] for state in ("no_show", "late_cancel", "cancelled_client")
        )
        numbers["clinic"] = numbers["clinic_cancelled"] + numbers["holiday_closed"]
        table[enrollment.client.name] = numbers
    return table


def rounded(part, whole):
    if whole == 0:
        return ""
    exact = Decimal(part) * 100 / Decimal(whole)
    return str(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


def invent(cast, chance):
    """Clients with any past: early, late, gone, silent, of two programs, at any hour."""
    thrice = another_program(cast.north, frequency=3, weeks=6)
    for number in range(12):
        starts_on = FIRST + timedelta(days=chance.randrange(-60, DAYS))
        more = {"version": thrice} if chance.random() < 0.3 else {}
        if chance.random() < 0.4:
            more["ended_on"] = starts_on + timedelta(days=chance.randrange(0, 90))
        jo = someone(cast.ana, f"Jo {number:02}", starts_on, **more)
        for _ in range(chance.randrange(0, 16)):
            visit(
                jo,
                starts_on + timedelta(days=_ * 5 + chance.randrange(5)),
                chance.choice(list(Visit.Status)),
                chance.choices(list(Visit.Purpose), [8, 1, 1])[0],
                at=time(chance.choice([0, 6, 9, 12, 17, 23]), chance.choice([0, 29])),
            )


@pytest.mark.parametrize("zone", ["Australia/Brisbane", "America/New_York", "Pacific/Chatham"])
@pytest.mark.parametrize("seed", range(4))
def test_both_agree_on_every_figure(cast, zone, seed):
    cast.north.timezone = zone
    cast.north.save(update_fields=["timezone"])
    for member in (cast.ada, cast.ana):
        member.clinic = cast.north
    chance = random.Random(f"{zone} {seed}")
    invent(cast, chance)

    for _ in range(4):
        first = FIRST + timedelta(days=chance.randrange(-20, DAYS))
        last = first + timedelta(days=chance.choice([0, 6, 30, 90, 3650]))
        as_at = datetime.combine(
            FIRST + timedelta(days=chance.randrange(DAYS)), time(chance.randrange(24)), UTC
        )
        expected = second_opinion(cast.north, first, last, as_at)

        report = adherence(cast.ada, Filters(first, last), as_at=as_at)

        assert [row.name for row in report.rows] == sorted(expected)
        total = defaultdict(int)
        for row in report.rows:
            theirs = expected[row.name]
            for name in ("planned", "attended", "unrecorded", "missed", "excused", "clinic"):
                assert getattr(row.counts, name) == theirs[name], (row.name, name)
            for name in ("prescribed", "make_up", "extra"):
                assert getattr(row.counts, name) == theirs[name], (row.name, name)
            could = theirs["planned"] - theirs["excused"] - theirs["clinic"]
            assert row.counts.a3 == rounded(theirs["attended"], could)
            assert row.counts.a1 == rounded(theirs["attended"], theirs["prescribed"])
            for name, number in theirs.items():
                total[name] += number
        could = total["planned"] - total["excused"] - total["clinic"]
        assert report.total.counts.a3 == rounded(total["attended"], could)
        assert report.total.counts.a1 == rounded(total["attended"], total["prescribed"])
