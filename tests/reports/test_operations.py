"""How a clinic runs: places, cancellations, make-ups, flags, scans and tests, by hand."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from programs.models import Enrollment, RuleSet
from sessions.models import Flag, Leave, Pause, Room, Slot, Supervision, Visit
from sessions.reports.operations import KIND
from sessions.reports.scope import By, Filters, Scope
from tests.reports.floor import (
    ATTENDED,
    BY_CLIENT,
    CLINIC,
    CLOSED,
    EXCUSED,
    EXTRA,
    LATE,
    MAKE_UP,
    NO_SHOW,
    PARTIAL,
    PLANNED,
    RELEASED,
    UNRECORDED,
    someone,
    twice_a_week,
    visit,
)
from tests.reports.test_retention import cells, table
from tests.sessions.test_due_list import a_round, scanned

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
NOW = datetime(2025, 12, 31, 12, tzinfo=UTC)
DAY = date(2025, 3, 3)
DAYS = timedelta(days=1)
PLACES = ("classes", "offered", "held", "used", "came", "alone")


def scope(cast, first=FIRST, last=LAST, as_at=NOW, clinics=None, **more):
    clinics = clinics or (cast.north,)
    return Scope(
        clinics=clinics,
        enrollments=Enrollment.objects.filter(clinic__in=clinics),
        filters=Filters(first, last, by=By.CLINIC),
        as_at=as_at,
        **more,
    )


def made(cast, **more):
    return KIND.make(scope(cast, **more))


def a_class(by, day, *, room="Hall", at=9, planned=(), named=(), capacity=None, off=False):
    """A class with who was planned and who was named, each with a client of her own or not."""
    begins = datetime(day.year, day.month, day.day, at, tzinfo=by.clinic.tz)
    slot = Slot.objects.create(
        clinic=by.clinic,
        room=room,
        starts_at=begins,
        ends_at=begins + timedelta(minutes=30),
        capacity=capacity,
        called_off_at=begins if off else None,
        called_off_by=by if off else None,
    )
    for member in planned:
        Supervision.objects.create(
            clinic=by.clinic, slot=slot, member=member, during=(slot.starts_at, slot.ends_at)
        )
    for member in named:
        Supervision.objects.create(
            clinic=by.clinic, slot=slot, member=member, named_at=slot.starts_at
        )
    return slot


def sit(slot, by, *statuses):
    """Clients in a class, by what became of them."""
    for status in statuses:
        one = visit(someone(by, str(uuid.uuid4())[:8], FIRST), date(2025, 12, 30), status, by=by)
        Visit.objects.filter(pk=one.pk).update(slot=slot, during=(slot.starts_at, slot.ends_at))
    Slot.objects.filter(room__startswith="Room ", supervisions=None).exclude(
        pk__in=Visit.objects.values("slot")
    ).delete()


# --- places ---------------------------------------------------------------------------------------


def test_places_are_what_supervisors_rooms_racks_and_the_class_itself_allow(cast):
    Room.objects.create(clinic=cast.north, name="Small", places=4)
    Room.objects.create(clinic=cast.north, name="Racks", racks=1)
    tess, ana = cast.tess, cast.ana
    a_class(ana, DAY, at=6, planned=[ana])  # 6
    a_class(ana, DAY, at=7, planned=[ana], named=[tess])  # 12
    a_class(ana, DAY, at=8, planned=[ana], room="Small")  # 4
    a_class(ana, DAY, at=9, planned=[ana], room="Racks")  # 2
    a_class(ana, DAY, at=10, planned=[ana], capacity=5)  # 5
    a_class(ana, DAY, at=11)  # nobody
    a_class(ana, DAY, at=12, planned=[ana], off=True)
    a_class(ana, LAST + DAYS, planned=[ana])
    report = made(cast)
    assert cells(report, "month", "total", *PLACES) == (5, 29, 0, Decimal("0.0"), 0, 1)
    assert cells(report, "room", f"{cast.north.pk}.Hall", "classes", "offered") == (3, 23)
    assert cells(report, "therapist", str(ana.pk), "classes", "offered") == (5, 29)
    assert cells(report, "therapist", str(tess.pk), "classes", "offered") == (1, 12)
    assert table(report, "therapist").total is None


def test_a_place_is_held_until_it_is_given_back(cast):
    slot = a_class(cast.ana, DAY, planned=[cast.ana])
    held = (ATTENDED, PARTIAL, NO_SHOW, UNRECORDED)
    sit(slot, cast.ana, *held, LATE, BY_CLIENT, EXCUSED, CLINIC, RELEASED)
    report = made(cast)
    assert cells(report, "month", "2025-03", *PLACES) == (1, 6, 4, Decimal("66.7"), 2, 0)
    assert (report.lead.value, report.lead.unit) == ("66.7", "%")


def test_who_was_on_leave_supervises_only_where_she_was_named(cast):
    Leave.objects.create(
        clinic=cast.north, member=cast.ana, starts_on=DAY, ends_on=DAY, added_by=cast.ada
    )
    a_class(cast.ana, DAY, at=8, planned=[cast.ana])
    a_class(cast.ana, DAY, at=9, named=[cast.ana])
    assert cells(made(cast), "month", "2025-03", *PLACES) == (1, 6, 0, Decimal("0.0"), 0, 1)


# --- cancellations --------------------------------------------------------------------------------


def sheet(cast):
    """Protocol sheet 8.14: 31 attended, 3 excused, 2 no-shows, 2 late, 2 by the clinic; of 40."""
    jo = someone(cast.ana, "Jo", FIRST)
    states = [*[ATTENDED] * 31, *[EXCUSED] * 3, *[NO_SHOW] * 2, *[LATE] * 2, *[CLINIC] * 2]
    return jo, twice_a_week(jo, states)


def test_the_vector_of_the_protocol_sheet_holds(cast):
    sheet(cast)
    report = made(cast)
    said = {figure.sentence: figure.value for figure in report.beside}
    assert said["cancelled or not come, client’s causes: 7 of 40"] == "17.5"
    assert said["the same with the clinic’s causes: 9 of 40"] == "22.5"
    assert said["of the sessions were no-shows: 2 of 40"] == "5.0"
    assert cells(report, "causes", "attended", "number", "share", "low", "high") == (
        *(31, Decimal("77.5"), Decimal("62.5"), Decimal("87.7")),
    )
    assert cells(report, "causes_by_month", "total", "scheduled", "client", "clinic") == (40, 7, 2)
    (elsewhere,) = report.pictures["no_shows"].benchmarks
    assert (elsewhere.name, elsewhere.low) == ("US outpatient physiotherapy 10.4 ± 7.4", 10.4)


def test_an_open_session_counts_when_its_grace_is_over_whether_a_sweep_came_or_not(cast):
    jo = someone(cast.ana, "Jo", FIRST)
    visit(jo, date(2025, 12, 30), PLANNED)
    visit(jo, date(2025, 12, 31), PLANNED, at=time(12))  # within its grace
    visit(jo, date(2025, 12, 29), RELEASED)
    visit(jo, date(2025, 12, 28), NO_SHOW, EXTRA)
    report = made(cast)
    assert [(row.key, row.cells[1]) for row in table(report, "causes").rows] == [
        ("unrecorded", 1),
        ("no_show", 1),
    ]


# --- make-ups -------------------------------------------------------------------------------------


def owed(cast, *, makes_up=None, **more):
    report = made(cast, **more)
    return cells(report, "credits", "total", "owed", "taken", "booked", "open", "lapsed", "share")


def test_make_ups_are_taken_booked_open_or_lapsed(cast):
    jo = someone(cast.ana, "Jo", FIRST)
    today = date(2025, 12, 31)

    def made_up(day, on, status):
        one, other = visit(jo, day, NO_SHOW), visit(jo, on, status, MAKE_UP)
        Visit.objects.filter(pk=other.pk).update(makes_up=one)

    made_up(DAY, DAY + 9 * DAYS, ATTENDED)
    made_up(DAY + DAYS, DAY + 10 * DAYS, NO_SHOW)  # used up
    made_up(DAY + 2 * DAYS, DAY + 11 * DAYS, LATE)  # given back, and its days are over
    made_up(today - 20 * DAYS, today + 2 * DAYS, PLANNED)
    visit(jo, today - 14 * DAYS, CLINIC)  # the last day
    visit(jo, today - 15 * DAYS, CLOSED)
    visit(jo, today - DAYS, NO_SHOW, EXTRA)  # nobody owed it
    visit(jo, today - 2 * DAYS, UNRECORDED)
    assert owed(cast) == (6, 1, 1, 1, 3, Decimal("25.0"))


def test_what_a_pause_excused_is_not_owed_and_what_was_agreed_before_is(cast):
    jo = someone(cast.ana, "Jo", FIRST)
    in_pause, before = visit(jo, DAY, EXCUSED), visit(jo, DAY + DAYS, EXCUSED)
    behind = visit(jo, DAY + 5 * DAYS, EXCUSED)
    pause = Pause.objects.create(
        clinic=cast.north,
        enrollment=jo,
        starts_on=DAY,
        ends_on=DAY + 9 * DAYS,
        resumed_on=DAY + 5 * DAYS,
        why="Travels",
        added_at=NOW - 300 * DAYS,
        added_by=cast.ana,
    )
    said = {"said_by": cast.ana, "said_why": "x"}
    Visit.objects.filter(pk=in_pause.pk).update(said_at=pause.added_at, **said)
    Visit.objects.filter(pk=before.pk).update(said_at=pause.added_at - DAYS, **said)
    assert owed(cast)[0] == 2
    rows = KIND.behind(scope(cast), "credits", "total", "owed").rows
    assert {int(row.key) for row in rows} == {before.pk, behind.pk}


def test_where_nothing_can_be_made_up_nothing_is_owed(cast):
    sheet(cast)
    first = RuleSet.objects.get(clinic=cast.north)
    RuleSet.objects.filter(pk=first.pk).update(values={**first.values, "makeup_days": "0"})
    assert owed(cast)[0] == 0


# --- flags ----------------------------------------------------------------------------------------


def flag(about, opened, closed=None, *, kind="no_show", severity="amber", how="called"):
    return Flag.objects.create(
        clinic=about.clinic,
        enrollment=about if isinstance(about, Enrollment) else None,
        member=None if isinstance(about, Enrollment) else about,
        kind=kind,
        severity=severity,
        subject=str(uuid.uuid4()),
        rule="F01.1",
        evidence_key=str(uuid.uuid4()),
        opened_at=opened,
        resolved_at=closed,
        resolution=how if closed else "",
    )


def test_flags_are_counted_by_rule_with_the_median_until_a_person_closed_them(cast):
    jo = someone(cast.ana, "Jo", FIRST)
    at = datetime(2025, 6, 1, tzinfo=UTC)
    for hours in (24, 48, 120):
        flag(jo, at, at + timedelta(hours=hours))
    flag(jo, at, at + DAYS, how="not_useful")
    flag(jo, at, at + 60 * DAYS, how="by_itself")
    flag(jo, at)
    flag(jo, datetime(2024, 12, 20, tzinfo=UTC), datetime(2025, 1, 1, 3, tzinfo=UTC))
    flag(jo, at, kind="clean_weeks", severity="good")
    flag(cast.ana, at, kind="supervisor", severity="red")
    report = made(cast)
    # Closed by a person after 1, 1, 2, 5 and 12.1 days.
    assert cells(
        report, "flags", "no_show.amber", "opened", "waits", "closed", "person", "days"
    ) == (6, 1, 6, 5, Decimal("2.0"))
    assert cells(report, "flags", "no_show.amber", "useless", "useless_share") == (
        *(1, Decimal("20.0")),
    )
    assert cells(report, "flags", "supervisor.red", "opened", "days") == (1, None)
    assert cells(report, "flags", "total", "opened", "closed") == (7, 6)
    assert [row.cells[1] for row in table(report, "flags").rows] == ["Red", "Amber"]


# --- scans and tests ------------------------------------------------------------------------------


def test_scans_and_tests_are_due_when_the_clinic_says_and_done_in_time_or_late(cast):
    start = date(2025, 1, 6)
    jo, bea = someone(cast.ana, "Jo", start), someone(cast.ana, "Bea", start)
    scanned(jo.client, cast.ana, start + 27 * DAYS)  # the last day of week 4
    scanned(bea.client, cast.ana, start + 28 * DAYS)  # a day late
    a_round(jo.client, cast.ana, start)
    a_round(jo.client, cast.ana, date(2025, 4, 20))  # due on 6 May, early
    a_round(jo.client, cast.ana, date(2025, 9, 7))  # due on 6 September: a day late
    report = made(cast)
    # The next scan is due on 2 and 3 February 2026: not yet.
    assert [row.cells[:5] for row in table(report, "checks").rows] == [
        ("First scan", 2, 1, 1, 0),
        ("First tests", 2, 1, 0, 1),
        ("Tests", 4, 1, 1, 2),
    ]
    assert cells(report, "checks", "total", "due", "share") == (8, Decimal("37.5"))


def test_what_came_due_after_she_left_is_not_due(cast):
    jo = someone(cast.ana, "Jo", date(2025, 1, 6), ended_on=date(2025, 2, 1))
    visit(jo, date(2025, 1, 6), ATTENDED)
    report = made(cast)
    assert not table(report, "checks").rows
    assert table(report, "checks").notes == ("Nothing came due.",)


# --- all of it ------------------------------------------------------------------------------------


def test_nothing_is_a_sentence(cast):
    report = made(cast, first=date(2019, 1, 1), last=date(2019, 1, 31))
    assert report.nothing == "Nothing took place from 1 January 2019 to 31 January 2019."


def test_an_organisation_counts_each_clinics_own_days_and_names_nobody(cast):
    late = time(23)  # of the 31st in New York: the next year in UTC
    visit(someone(cast.otto, "Olga", FIRST), LAST, NO_SHOW, at=late)
    end = datetime(2026, 1, 9, tzinfo=UTC)
    asked = scope(cast, clinics=(cast.north, cast.harbor), as_at=end, named=False)
    assert cells(KIND.make(asked), "causes", "no_show", "number") == (1,)
    row = next(iter(KIND.behind(asked, "causes", "total", "number").rows))
    assert row.cells[1].startswith("Enrollment ")
    assert row.href == ""


def test_a_share_opens_what_it_is_divided_by(cast):
    jo, visits = sheet(cast)
    Visit.objects.filter(pk=visits[0].pk).update(makes_up=visits[31], purpose="make_up")
    sit(a_class(cast.ana, DAY, planned=[cast.ana]), cast.ana, ATTENDED, NO_SHOW)
    flag(jo, NOW - 50 * DAYS, NOW - 20 * DAYS, how="not_useful")
    asked = scope(cast)
    report = KIND.make(asked)

    def opened(*figure):
        return len(KIND.behind(asked, *figure).rows)

    assert opened("causes", "no_show", "share") == cells(report, "causes", "total", "number")[0]
    assert opened("month", "total", "used") == opened("month", "total", "classes")
    assert opened("flags", "total", "days") == 1
    for name, column in (("month", "colour"), ("flags", "number"), ("else", "number")):
        assert KIND.behind(asked, name, "total", column) is None


def test_it_takes_four_queries_however_many_there_are(cast, django_assert_num_queries):
    for people in (1, 12):
        for number in range(people):
            jo = someone(cast.ana, f"Jo {people} {number}", FIRST)
            visit(jo, DAY, NO_SHOW)
            flag(jo, NOW - 50 * DAYS)
            a_round(jo.client, cast.ana, FIRST)
        with django_assert_num_queries(4):
            KIND.make(scope(cast))


@pytest.mark.parametrize("column", ["classes", "alone"])
def test_a_room_is_named_with_its_clinic(cast, column):
    a_class(cast.ana, DAY, planned=[cast.ana])
    a_class(cast.otto, DAY)
    asked = scope(cast, clinics=(cast.north, cast.harbor))
    rows = table(KIND.make(asked), "room").rows
    halls = [row.cells[:3] for row in rows if row.cells[0] == "Hall"]
    assert halls == [("Hall", "Northside", 1), ("Hall", "Harbor", 0)]
