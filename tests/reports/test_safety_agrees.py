"""Every figure of safety against plain Python, on clinics made up at random."""

import random
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from django.db import transaction

from bonefit.clients.models import Fall
from sessions.models import AdverseEvent
from sessions.reports import rates
from sessions.reports.safety import KIND, share_cells
from tests.reports import second_safety as second
from tests.reports.floor import (
    ATTENDED,
    CLINIC,
    EXCUSED,
    EXTRA,
    LATE,
    MAKE_UP,
    NO_SHOW,
    PARTIAL,
    PLANNED,
    REGULAR,
    someone,
    visit,
)
from tests.reports.test_retention import cells, table
from tests.reports.test_safety import DAYS, FIRST, event, fall, month, noon, scope

KINDS = ("sharp", "back", "fall")
SEVERITIES = ("mild", "moderate", "severe")
YEARS = ("years", "per_year", "year_low", "year_high")


@pytest.fixture(scope="module", params=["Pacific/Chatham", "America/Havana"])
def clinics(request, module_cast):
    """Two clinics in two zones, with people of every past."""
    with transaction.atomic():
        for clinic in (module_cast.north, module_cast.harbor):
            clinic.timezone = request.param if clinic == module_cast.north else "Europe/Berlin"
            clinic.save(update_fields=["timezone"])
        invent(module_cast, random.Random(f"safety in {request.param}"))
        yield module_cast.north, module_cast.harbor
        transaction.set_rollback(True)


def invent(cast, chance):
    """People of two clinics, each with her own past."""
    for member, clinic in ((cast.ana, cast.north), (cast.otto, cast.harbor)):
        member.clinic = clinic
        for number in range(10):
            _invent(member, f"Jo {number}", chance)


def _invent(member, name, chance):
    start = FIRST + chance.randrange(-100, 230) * DAYS
    #: Withdrawn on the first day, in the first week, later, or not at all.
    end = chance.choice([0, 3, chance.randrange(150), chance.randrange(150), None])
    more = {} if end is None else {"ended_on": start + end * DAYS}
    jo = someone(member, name, start, **more)
    jo.clinic = member.clinic
    visits = _visits(jo, start, chance, chance.choice([time(0), time(9), time(23)]))
    if end is not None and chance.random() < 0.7:
        # Back after a while, on the very day, or written down as if never away.
        back = more["ended_on"] + chance.choice([-2, 0, 1, 20]) * DAYS
        again = someone(member, name, back, client=jo.client, ended_on=back + 25 * DAYS)
        again.clinic = member.clinic
        visits += _visits(again, back, chance, time(12))
    for _ in range(chance.randrange(6)):
        _event(jo, visits, chance)
    for number in range(1, 10):
        if chance.random() < 0.7:
            asked = chance.random() < 0.8
            month(jo, number, asked=asked, answered=chance.random() < 0.7)
    for _ in range(chance.randrange(6)):
        _fall(jo, chance)


def _visits(jo, start, chance, at):
    """None for whoever never came."""
    found = []
    for step in range(chance.choice([0, 5, 12])):
        state = chance.choice(
            [ATTENDED, ATTENDED, PARTIAL, EXCUSED, NO_SHOW, LATE, CLINIC, PLANNED]
        )
        purpose = chance.choice([REGULAR, REGULAR, REGULAR, EXTRA, MAKE_UP])
        found.append(visit(jo, start + (4 * step - 2) * DAYS, state, purpose, at=at))
    return found


def _event(jo, visits, chance):
    one = chance.choice(visits) if visits and chance.random() < 0.3 else None
    at = one.during[0] if one else noon(jo.starts_on + chance.randrange(-60, 260) * DAYS)
    more = {
        "what": chance.choice(KINDS),
        "severity": chance.choice(SEVERITIES),
        "serious": chance.choice([None, True, False]),
        "related": chance.choice(["", "unlikely", "possible", "definite"]),
        "visit": one,
    }
    made = event(jo, at, **more)
    if chance.random() < 0.4:
        moved = timedelta(hours=chance.choice([0, 30, 2000]))
        event(jo, at + moved, **{**more, "what": chance.choice(KINDS)}, replaces=made)


def _fall(jo, chance):
    more = {one: chance.choice([None, True, True]) for one in ("fracture", "confirmed")}
    more["injured"] = chance.choice([None, True, False])
    day = FIRST + chance.randrange(-20, 260) * DAYS
    made = fall(jo, day, **more)
    if chance.random() < 0.4:
        why = chance.choice(["", "It was a stumble."])
        fall(jo, day + chance.choice([0, 31]) * DAYS, **more, replaces=made, taken_back_why=why)


def _questions(seed):
    """Days and moments: a single day, a month, years, and one that ends tomorrow."""
    chance = random.Random(seed)
    for length in (0, 30, 120, 3650):
        first = FIRST + chance.randrange(-10, 200) * DAYS
        if chance.random() < 0.5:
            first = first.replace(day=chance.choice([1, 2]))
        as_at = datetime(2025, chance.choice([5, 8, 9, 11]), 28, chance.randrange(24), tzinfo=UTC)
        last = first + length * DAYS
        if length and chance.random() < 0.5:
            last = last.replace(day=1) - chance.choice([1, 2]) * DAYS
        yield first, last, as_at


@pytest.mark.parametrize("seed", range(3))
def test_both_agree_on_every_figure(clinics, seed):
    for first, last, as_at in _questions(seed):
        theirs = {one.pk: second.clinic(one, first, last, as_at) for one in clinics}
        report = KIND.make(scope(None, first, last, as_at, clinics=clinics))
        every = list(theirs.values())
        if not any(one.people or one.events or one.falls or one.asked for one in every):
            assert report.nothing
            continue
        _agree_on_rates(report, every)
        _agree_on_people(report, every)
        _agree_on_clinics(report, theirs)
        _agree_on_kinds(report, every)
        _agree_on_months(report, every)


def _all(every, name):
    return [one for clinic in every for one in getattr(clinic, name)]


def _answered(every):
    return sum(len(one.asked["answered"]) for one in every)


def _agree_on_rates(report, every):
    sessions, days = len(_all(every, "sessions")), len(_all(every, "days"))
    events = _all(every, "events")
    assert (report.lead is None) == (not sessions and not events) or report.lead
    for key, number in (
        ("events", len(events)),
        ("related", sum(one["related"] for one in events)),
        ("serious", sum(one["serious"] for one in events)),
    ):
        assert cells(report, "rates", key, "events", "sessions") == (number, sessions)
        ends = cells(report, "rates", key, "per_session", "session_low", "session_high")
        assert ends == second.by_sessions(number, sessions), key
        assert cells(report, "rates", key, *YEARS) == second.by_years(number, days=days), key
    falls = _all(every, "counted")
    for key, number in (
        ("falls", len(falls)),
        ("hurt", sum(one["hurt"] for one in falls)),
        ("broke", sum(one["broke"] for one in falls)),
    ):
        assert cells(report, "rates", key, "events", "sessions") == (number, None)
        said = second.by_years(number, months=_answered(every))
        assert cells(report, "rates", key, *YEARS) == said, key


def _agree_on_people(report, every):
    columns = ("people", "of", "share", "low", "high", "three")
    people, answered = set(_all(every, "people")), set(_all(every, "answered"))
    events, falls = _all(every, "events"), _all(every, "counted")
    for key, happened, of in (
        ("events", {one["client"] for one in events} & people, people),
        ("serious", {one["client"] for one in events if one["serious"]} & people, people),
        ("falls", {one["client"] for one in falls}, answered),
        ("often", second.often(falls), answered),
        ("broke", {one["client"] for one in falls if one["broke"]}, answered),
    ):
        said = second.of_people(len(happened), len(of))
        assert cells(report, "people", key, *columns) == said, key


def _agree_on_clinics(report, theirs):
    every = list(theirs.values())
    for key, those in {"total": every, **{str(pk): [one] for pk, one in theirs.items()}}.items():
        sessions, events = len(_all(those, "sessions")), len(_all(those, "events"))
        falls = len(_all(those, "counted"))
        row = cells(report, "clinics", key, "people", "sessions", "events", "falls")
        assert row == (len(_all(those, "people")), sessions, events, falls)
        years = second.by_years(events, days=len(_all(those, "days")))[:2]
        told = second.by_years(falls, months=_answered(those))[:2]
        assert cells(report, "clinics", key, "years", "per_year") == years
        assert cells(report, "clinics", key, "fall_years", "falls_a_year") == told
        rate = second.by_sessions(events, sessions)[:1]
        assert cells(report, "clinics", key, "per_session") == rate


def _agree_on_kinds(report, every):
    events = _all(every, "events")
    assert {row.key for row in table(report, "kinds").rows} == {one["what"] for one in events}
    columns = (*SEVERITIES, "all", "serious", "related", "lost")
    for key in (*{one["what"] for one in events}, "total"):
        those = [one for one in events if key in ("total", one["what"])]
        severities = Counter(one["severity"] for one in those)
        assert cells(report, "kinds", key, *columns) == (
            *(severities[one] for one in SEVERITIES),
            len(those),
            *(sum(one[name] for one in those) for name in ("serious", "related", "lost")),
        )


def _agree_on_months(report, every):
    sessions = Counter(_all(every, "sessions"))
    events = Counter(one["month"] for one in _all(every, "events"))
    rows = {row.key for row in table(report, "by_month").rows}
    assert {*sessions, *events} <= rows
    columns = ("events", "sessions", "per_session", "low", "high")
    for key in rows:
        said = second.by_sessions(events[key], sessions[key])
        assert cells(report, "by_month", key, *columns) == (events[key], sessions[key], *said)
    outside = sum(not one["answered"] for one in _all(every, "falls"))
    for key in ("answered", "unanswered", "not_asked"):
        number = sum(len(one.asked[key]) for one in every)
        assert cells(report, "months", key, "number") == (number,)
    assert cells(report, "months", "outside", "number") == (outside,)


def test_the_clinics_have_what_could_go_wrong(clinics):
    """Else the comparison above says nothing of it."""
    asked = [question for seed in range(3) for question in _questions(seed)]
    theirs = [second.clinic(one, *question) for question in asked for one in clinics]
    assert AdverseEvent.objects.exclude(replaces=None).exists()
    assert Fall.objects.exclude(taken_back_why="").exists()
    assert any({one["client"] for one in each.events} - each.people for each in theirs)
    assert any(one["lost"] for one in _all(theirs, "events"))
    assert any(second.often(each.counted) for each in theirs)
    assert any(one["broke"] for one in _all(theirs, "counted"))


# --- bounds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("events", [*range(25), 60, 150])
def test_the_exact_ends_of_a_count_are_those_of_another_method(events):
    assert rates.poisson_interval(events) == pytest.approx(second.poisson(events), rel=1e-9)


def test_the_bound_of_no_event_is_where_nothing_is_seen_once_in_twenty_times():
    for sessions in (1, 10, 70, 4_321):
        rate = rates.per_thousand_sessions(0, sessions)
        # The chance of no event, (1 − mean/n)^n for a fine n, is 5 %.
        mean, n = rate.high / 1000 * sessions, 10**9
        assert (1 - mean / n) ** n == pytest.approx(0.05, rel=1e-6)
        # Three is what the rule of three rounds it to.
        assert 0.99 < mean / 3 < 1


@pytest.mark.parametrize("people", [1, 2, 3, 4, 19, 49, 415, 10_000])
def test_the_bound_of_a_share_leaves_nobody_seen_one_chance_in_twenty(people):
    upper = rates.upper_share(people)
    assert (1 - Fraction(upper)) ** min(people, 500) == pytest.approx(
        0.05 ** (min(people, 500) / people), rel=1e-6
    )
    assert upper <= rates.rule_of_three(people) == min(1.0, 3 / people)
    assert share_cells(0, people) == second.of_people(0, people)


def test_an_upper_bound_falls_with_more_people_and_grows_with_more_events():
    assert all(a > b for a, b in pairwise(map(rates.upper_share, range(1, 200))))
    assert all(a < b for a, b in pairwise(rates.poisson_interval(n)[1] for n in range(1, 80)))
    # One seen allows more than none seen, though one bound is on both sides.
    assert rates.poisson_interval(0)[1] < rates.poisson_interval(1)[1]
