"""Red flags are told at once, once, to who can act on them; unread ones to the admins."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from sessions import actions  # noqa: F401 - the world of the cast
from sessions.models import Flag, StaffNotice
from sessions.notices import staff as telling
from sessions.notices import tell_staff
from tests.cast import NOW, Cast
from tests.notices.staff import DAY, HOUR, MINUTE, flag, of_clinic, rows, told
from tests.notices.writing import set_rules

pytestmark = pytest.mark.django_db

UNREAD = StaffNotice.Kind.UNREAD


def test_a_red_flag_is_told_to_the_therapist_once(cast: Cast):
    one = flag(cast.enrollment)
    assert tell_staff(NOW) == 1
    assert tell_staff(NOW + MINUTE) == 0
    assert told() == [(cast.ana, [one.pk])]
    row = rows()[0]
    assert (row.due_at, row.to, row.expires_at) == (NOW, "ana@example.org", None)


def test_all_that_are_new_are_one_message(cast: Cast):
    first, second = flag(cast.enrollment), flag(cast.enrollment)
    other = flag(cast.cam_enrollment)
    assert tell_staff(NOW) == 2
    third = flag(cast.enrollment)
    assert tell_staff(NOW + MINUTE) == 1
    assert told() == [
        (cast.ana, [first.pk, second.pk]),
        (cast.tess, [other.pk]),
        (cast.ana, [third.pk]),
    ]


@pytest.mark.parametrize("severity", ["amber", "info", "good"])
def test_what_is_not_red_waits_for_the_morning(cast: Cast, severity: str):
    flag(cast.enrollment, severity)
    assert tell_staff(NOW) == 0


def test_who_has_it_now_is_told_not_who_had_it(cast: Cast):
    one = flag(cast.enrollment, owner=cast.tess)
    tell_staff(NOW)
    assert told() == [(cast.tess, [one.pk])]

    Flag.objects.filter(pk=one.pk).update(owner=cast.ana)
    tell_staff(NOW + HOUR)
    assert told() == [(cast.tess, [one.pk]), (cast.ana, [one.pk])]


def test_what_she_has_read_herself_she_is_not_told_and_what_a_colleague_read_she_is(cast: Cast):
    flag(cast.enrollment, seen_at=NOW, seen_by=cast.ana)
    read = flag(cast.enrollment, seen_at=NOW, seen_by=cast.tess)
    tell_staff(NOW)
    assert told() == [(cast.ana, [read.pk])]


def test_what_is_put_off_is_told_on_its_day(cast: Cast):
    today = NOW.astimezone(cast.north.tz).date()
    one = flag(cast.enrollment, snoozed_until=today + DAY)
    assert tell_staff(NOW) == 0
    assert tell_staff(NOW + DAY - 13 * HOUR) == 0  # five to midnight is still today
    tell_staff(NOW + DAY)
    assert (cast.ana, [one.pk]) in told()


def test_what_is_closed_is_not_told(cast: Cast):
    flag(cast.enrollment, resolved_at=NOW, resolution="by_itself")
    assert tell_staff(NOW) == 0


# --- who cannot be written to -------------------------------------------------------------------


@pytest.mark.parametrize("why", ["left", "log-in closed", "no address"])
def test_where_she_cannot_be_written_to_the_admins_are(cast: Cast, why: str):
    if why == "left":
        cast.ana.is_active = False
        cast.ana.save()
    elif why == "log-in closed":
        cast.ana.user.is_active = False
        cast.ana.user.save()
    else:
        cast.ana.user.email = ""
        cast.ana.user.save()
    one = flag(cast.enrollment)
    tell_staff(NOW)
    assert told() == [(cast.ada, [one.pk])]


def test_a_flag_of_the_clinic_is_the_admins(cast: Cast):
    one = of_clinic(cast, kind=Flag.Kind.GROUP_TOO_BIG)
    tell_staff(NOW)
    assert told() == [(cast.ada, [one.pk])]


def test_papers_that_run_out_are_told_to_her_as_well(cast: Cast):
    one = flag(None, clinic=cast.north, kind=Flag.Kind.SUPERVISOR, member=cast.tess)
    tell_staff(NOW)
    assert sorted(told(), key=lambda row: row[0].pk) == [
        (cast.tess, [one.pk]),
        (cast.ada, [one.pk]),
    ]


def test_nobody_of_another_clinic_hears_of_it(cast: Cast):
    flag(cast.enrollment)
    mine = flag(cast.olga_enrollment)
    tell_staff(NOW)
    assert (cast.otto, [mine.pk]) in told()
    assert len(told()) == 2


# --- unread -------------------------------------------------------------------------------------


def test_what_nobody_has_read_for_hours_is_told_to_the_admins_once(cast: Cast):
    one = flag(cast.enrollment)
    tell_staff(NOW + 4 * HOUR - MINUTE)
    assert told(UNREAD) == []
    tell_staff(NOW + 4 * HOUR)
    tell_staff(NOW + 5 * HOUR)
    tell_staff(NOW + 3 * DAY)
    assert told(UNREAD) == [(cast.ada, [one.pk])]


def test_the_hours_are_the_clinics(cast: Cast):
    set_rules(cast.north, red_unread_hours=1)
    flag(cast.enrollment)
    tell_staff(NOW + HOUR)
    assert len(told(UNREAD)) == 1


def test_what_somebody_has_read_is_not_told_to_the_admins(cast: Cast):
    flag(cast.enrollment, seen_at=NOW, seen_by=cast.tess)
    tell_staff(NOW + 9 * HOUR)
    assert told(UNREAD) == []


# --- twice, in parallel, under another clock ----------------------------------------------------


def test_a_sweep_whose_clock_is_behind_tells_nothing_twice(cast: Cast):
    flag(cast.enrollment)
    assert tell_staff(NOW - 5 * MINUTE) == 1
    assert tell_staff(NOW) == 0
    assert tell_staff(NOW - 5 * MINUTE) == 0


@pytest.mark.django_db(transaction=True)
def test_six_sweeps_at_once_tell_each_flag_once(cast: Cast):
    flags = [flag(cast.enrollment) for _ in range(3)] + [flag(cast.cam_enrollment)]
    barrier = threading.Barrier(6)
    errors: list[BaseException] = []

    def run() -> None:
        try:
            barrier.wait()
            tell_staff(NOW)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    said = [pk for _, pks in told() for pk in pks]
    assert sorted(said) == sorted(one.pk for one in flags)


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_dies_before_its_end_has_told_nobody_and_the_next_one_tells(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    one = flag(cast.enrollment)
    monkeypatch.setattr(telling, "_key", lambda *_: 1 / 0)
    with pytest.raises(telling.SweepIncomplete) as wrong:
        tell_staff(NOW)
    assert wrong.value.failed == 1
    assert told() == []
    monkeypatch.undo()
    tell_staff(NOW + MINUTE)
    assert told() == [(cast.ana, [one.pk])]
