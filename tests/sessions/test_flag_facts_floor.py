"""What a review finds of the clinic's floor: groups, papers, notes; from what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bonefit.clinics.credentials import record
from bonefit.clinics.models import Membership
from sessions import flag_work, noting, reviewing, reviewing_clinics
from sessions.contained import SweepIncomplete
from sessions.flag_facts import FAMILIES, OF_CLINIC, Scope
from sessions.models import Flag, Visit
from tests.cast import NOW, TODAY, Cast
from tests.sessions.classes import check_in, class_of, supervise
from tests.sessions.test_flag_facts_health import complete

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def open_(kind: str) -> list[tuple[str, str]]:
    rows = Flag.objects.open().filter(kind=kind).order_by("pk")
    return [(row.severity, row.subject) for row in rows]


def look(cast: Cast, now=NOW) -> reviewing.Reviewed:
    return reviewing_clinics.review_clinic(cast.north, now)


def twice(cast: Cast, now=NOW) -> None:
    """Reviewing again changes nothing."""
    before = list(Flag.objects.order_by("pk").values())
    done = look(cast, now)
    assert (done.opened, done.resolved) == (0, 0)
    assert list(Flag.objects.order_by("pk").values()) == before


# --- groups ---------------------------------------------------------------------------------------


def crowd(cast: Cast, people: int) -> list[Visit]:
    visits = class_of(cast, people)
    supervise(cast.ana, visits[0], cast.ana)
    Visit.objects.filter(pk__in=[one.pk for one in visits]).update(status="checked_in")
    return visits


@pytest.mark.parametrize(("people", "severity"), [(6, None), (7, "amber"), (9, "red")])
def test_a_group_that_was_too_big_is_flagged_about_its_class(
    cast: Cast, people: int, severity: str | None
):
    slot = crowd(cast, people)[0].slot
    look(cast)
    assert open_("group_too_big") == ([(severity, str(slot.pk))] if severity else [])
    if severity:
        flag = Flag.objects.get(kind="group_too_big")
        assert (flag.enrollment, flag.slot) == (None, slot)
    twice(cast)


def test_a_group_that_grows_is_another_flag(cast: Cast):
    visits = crowd(cast, 9)
    absent = Visit.objects.filter(pk__in=[one.pk for one in visits[:2]])
    absent.update(status="planned")
    look(cast)
    absent.update(status="checked_in")
    look(cast)
    assert [severity for severity, _ in open_("group_too_big")] == ["red"]
    assert Flag.objects.filter(kind="group_too_big", resolution="by_itself").count() == 1
    twice(cast)


def test_a_second_supervisor_who_is_named_later_closes_it(cast: Cast):
    visits = crowd(cast, 7)
    look(cast)
    supervise(cast.ana, visits[0], cast.ana, cast.tess)
    look(cast, NOW + 60 * DAY)
    assert open_("group_too_big") == []


def test_what_nobody_has_answered_stays_and_what_was_answered_does_not_return(cast: Cast):
    crowd(cast, 7)
    look(cast)
    twice(cast, NOW + 60 * DAY)
    flag = Flag.objects.get(kind="group_too_big")
    flag_work.resolve_flag(flag=flag, by=cast.ana, resolution="expected", now=NOW)
    twice(cast)


@pytest.mark.parametrize(("seconds", "counted"), [(-1, True), (0, False), (1, False)])
def test_a_class_is_counted_again_for_fourteen_days(cast: Cast, seconds: int, counted: bool):
    slot = crowd(cast, 9)[0].slot
    look(cast, slot.starts_at + 14 * DAY + timedelta(seconds=seconds))
    assert open_("group_too_big") == ([("red", str(slot.pk))] if counted else [])


# --- papers ---------------------------------------------------------------------------------------


def shown(cast: Cast, member: Membership, **more: object) -> None:
    usual = {
        "profession": "Physiotherapist",
        "licence": "PHY 1",
        "jurisdiction": "Queensland",
        "expires_on": TODAY + 100 * DAY,
        "insured_until": None,
        "first_aid_until": None,
        "trained_on": TODAY - 100 * DAY,
    }
    record(member=member, **{**usual, **more}, by=cast.ada, now=NOW)  # type: ignore[arg-type]


def test_a_supervisor_whose_licence_ran_out_is_red_until_the_new_one_is_recorded(cast: Cast):
    look(cast)
    assert open_("supervisor") == []  # nothing was ever recorded: nothing is said
    shown(cast, cast.ana, expires_on=TODAY - DAY)
    look(cast)
    assert open_("supervisor") == [("red", str(cast.ana.pk))]
    flag = Flag.objects.get(kind="supervisor")
    assert (flag.enrollment, flag.member) == (None, cast.ana)
    twice(cast)

    shown(cast, cast.ana)
    look(cast)
    assert open_("supervisor") == []


def test_nothing_is_said_of_who_is_on_no_floor_or_has_left(cast: Cast):
    for member in (cast.lea, cast.ada):
        shown(cast, member, expires_on=TODAY - DAY)
    look(cast)
    assert open_("supervisor") == []


# --- notes ----------------------------------------------------------------------------------------


@pytest.fixture
def attended(cast: Cast) -> Visit:
    cast.log_all(cast.visit)
    complete(cast, cast.visit)
    return cast.visit


def sign(cast: Cast, visits: Sequence[Visit]) -> None:
    floor = noting.floor_of(cast.ana).filter(pk__in=[one.pk for one in visits])
    noting.sign_as_drafted(list(floor), by=cast.ana, now=NOW + 2 * DAY)


def test_a_late_note_is_found_within_the_hour_and_closes_when_it_is_signed(
    cast: Cast, attended: Visit
):
    late = attended.ends_at + DAY
    reviewing_clinics.review_clinics(late)
    assert open_("note_unsigned") == []
    reviewing_clinics.review_clinics(late + timedelta(seconds=1))
    assert open_("note_unsigned") == [("amber", "")]
    assert reviewing_clinics.late_notes(cast.north, late + timedelta(hours=1)) == []

    sign(cast, [attended])
    reviewing.sweep(NOW + 2 * DAY)
    assert open_("note_unsigned") == []


def test_a_sweep_finds_a_late_note_too_on_the_first_day_that_begins_with_it(
    cast: Cast, attended: Visit
):
    reviewing.sweep(NOW)
    reviewing.sweep(NOW + 2 * DAY)
    assert open_("note_unsigned") == [("amber", "")]


def test_the_past_is_asked_about_notes_too(cast: Cast, attended: Visit):
    sign(cast, [attended])
    scope = Scope.of(cast.north, (cast.enrollment.pk,), NOW + 5 * DAY, back=90)
    facts = FAMILIES["notes"](scope)[cast.enrollment.pk]
    assert [one.signed_at for one in facts.visits] == [NOW + 2 * DAY]
    assert FAMILIES["notes"](Scope.of(cast.north, scope.enrollments, NOW + 5 * DAY)) == {}


# --- all of them ----------------------------------------------------------------------------------


def test_one_clinic_that_fails_stops_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    crowd(cast, 9)
    read = OF_CLINIC["classes"]

    def broken(scope: Scope):
        if scope.clinic == cast.harbor:
            raise ValueError
        return read(scope)

    monkeypatch.setitem(OF_CLINIC, "classes", broken)
    with pytest.raises(SweepIncomplete):
        reviewing_clinics.review_clinics(NOW)
    assert [severity for severity, _ in open_("group_too_big")] == ["red"]


def test_a_clinic_costs_the_same_queries_whatever_its_size(
    cast: Cast, django_assert_max_num_queries
):
    look(cast)
    crowd(cast, 9)
    shown(cast, cast.ana, expires_on=TODAY - DAY)
    with django_assert_max_num_queries(14):
        look(cast)
    assert check_in(cast.ana, cast.visit)
