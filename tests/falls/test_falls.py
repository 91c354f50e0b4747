"""Falls: kept once, flagged, a broken bone locks, corrected by a further row, never deleted."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser
from django.urls import reverse

from bonefit.clients.models import Fall, FallsMonth, Lock, Told
from sessions import events, falls, sync
from sessions.falls import Heard
from sessions.models import Flag
from tests.cast import NOW, Cast
from tests.doors import filled

pytestmark = pytest.mark.django_db
THIRD = date(2026, 2, 3)
FEBRUARY = date(2026, 2, 1)


def record(cast: Cast, heard: Heard | None = None, key: str = "hand|1") -> Fall:
    made, _ = falls.record(
        client=cast.cal_client, key=key, heard=heard or Heard(THIRD), by=cast.ana, now=NOW
    )
    return made


@pytest.fixture
def february(cast: Cast) -> FallsMonth:
    return FallsMonth.objects.create(
        clinic=cast.north, client=cast.cal_client, month=FEBRUARY, asked_at=NOW
    )


def answer(month: FallsMonth, how_many: int, *heard: Heard) -> bool:
    return falls.answer_month(
        month=month, how_many=how_many, heard=heard, told=Told.MAIL, by=None, now=NOW
    )


# --- at a check-in --------------------------------------------------------------------------------
def test_a_fall_said_at_check_in_is_kept_in_the_answers_and_as_a_fall(cast: Cast):
    cast.check_in(cast.visit, away="fall")

    fall = Fall.objects.get()
    assert cast.visit.answers["away"] == "fall"
    assert (fall.key, fall.told, fall.recorded_by) == (
        f"visit|{cast.visit.uid}",
        Told.CHECK_IN,
        cast.ana,
    )
    assert (fall.fell_on, fall.roughly, fall.injured) == (date(2026, 3, 5), True, None)
    flag = Flag.objects.get(kind=Flag.Kind.FALL)
    assert (flag.visit, flag.rule) == (cast.visit, "F16.1")
    assert not Lock.objects.exists()


def test_it_is_one_fall_however_often_it_is_said_at_one_visit(cast: Cast):
    for _ in range(2):
        cast.check_in(cast.visit, away="fall")
    assert Fall.objects.count() == Flag.objects.filter(kind=Flag.Kind.FALL).count() == 1


def test_no_fall_at_check_in_makes_no_row(cast: Cast):
    cast.check_in(cast.visit, away="none")
    assert not Fall.objects.exists()


def test_a_fall_with_a_fracture_at_check_in_locks_once(cast: Cast):
    cast.check_in(cast.visit, away="fall", fracture="yes")
    assert Fall.objects.get().fracture is True
    assert Lock.objects.get().why == Lock.Why.FRACTURE


# --- told to the clinic ---------------------------------------------------------------------------
def test_a_fall_told_to_the_clinic_is_flagged_on_her_enrollment(cast: Cast):
    record(cast, Heard(THIRD, injured=True))
    flag = Flag.objects.get(kind=Flag.Kind.FALL)
    assert flag.enrollment == cast.enrollment
    assert flag.evidence["lines"] == ["3 February 2026, hurt"]


def test_a_broken_bone_locks_until_somebody_releases_her(cast: Cast):
    record(cast, Heard(THIRD, fracture=True))
    assert Lock.objects.get().why == Lock.Why.FRACTURE
    assert Flag.objects.filter(kind=Flag.Kind.LOCKED, subject="fracture").exists()


def test_a_correction_takes_the_place_and_a_fracture_found_later_locks(cast: Cast):
    fall = record(cast)
    later = falls.correct(fall=fall, heard=Heard(THIRD, fracture=True), by=cast.tess, now=NOW)

    assert list(falls.standing()) == [later]
    assert Fall.objects.count() == 2
    assert Lock.objects.count() == 1
    with pytest.raises(falls.Changed):
        falls.correct(fall=fall, heard=Heard(date(2026, 2, 4)), by=cast.ana, now=NOW)


def test_taken_back_it_stays_readable_and_counts_no_more(cast: Cast):
    fall = record(cast)
    with pytest.raises(ValueError, match="why"):
        falls.take_back(fall=fall, why="  ", by=cast.ana, now=NOW)
    falls.take_back(fall=fall, why="She sat down", by=cast.ana, now=NOW)
    assert not falls.standing().exists()
    assert Fall.objects.count() == 2


def test_only_who_supervises_here_records(cast: Cast):
    for by in (cast.ada, cast.dee, cast.cal, cast.otto, cast.lea):
        with pytest.raises(PermissionDenied):
            falls.record(client=cast.cal_client, key="k", heard=Heard(THIRD), by=by, now=NOW)


def test_a_fall_that_is_reported_as_an_event_is_a_fall_too_once(cast: Cast):
    said = {"what": "fall", "severity": "mild", "onset_at": "2026-03-04T10:00"}
    event = events.record(client=cast.cal_client, data=said, uid=uuid.uuid4(), by=cast.ana, now=NOW)
    more = {**said, "action": "Ice"}
    events.correct(event=event, data=more, uid=uuid.uuid4(), by=cast.ana, now=NOW)
    op = sync.Op(uuid.uuid4(), "report", cast.visit.uid, made_at=NOW, payload=said)
    sync.apply([op], by=cast.ana, now=NOW)

    assert [fall.fell_on for fall in falls.standing()] == [date(2026, 3, 4)] * 2
    visits = Flag.objects.filter(kind=Flag.Kind.FALL).values_list("visit", flat=True)
    assert set(visits) == {None, cast.visit.pk}


def test_the_flag_says_what_was_heard_and_where(cast: Cast):
    cast.check_in(cast.visit, away="fall")
    ana = Browser()
    ana.force_login(cast.ana.user)
    page = ana.get("/c/north/flags/").content.decode()
    for words in ("fell: said at a check-in", "About 5 March 2026"):
        assert words in page, words


# --- the month ------------------------------------------------------------------------------------
def test_no_fall_is_an_answer(february: FallsMonth):
    assert answer(february, 0)
    february.refresh_from_db()
    assert (february.how_many, february.told) == (0, "mail")
    assert not Fall.objects.exists()


def test_falls_of_a_month_are_rows_and_one_flag(cast: Cast, february: FallsMonth):
    answer(february, 3, Heard(date(2026, 2, 5), roughly=True, injured=True))
    days = list(falls.standing().values_list("fell_on", flat=True))
    assert days == [date(2026, 2, 5), date(2026, 2, 15), date(2026, 2, 15)]
    flag = Flag.objects.get(kind=Flag.Kind.FALL)
    assert (flag.evidence["falls"], flag.subject) == (3, "month|2026-02")


def test_answered_once_a_second_answer_changes_nothing(february: FallsMonth):
    assert answer(february, 0)
    assert not answer(february, 2)
    assert not Fall.objects.exists()


def test_a_fall_that_was_known_is_not_counted_twice(cast: Cast, february: FallsMonth):
    known = record(cast)
    answer(february, 1, Heard(date(2026, 2, 5), roughly=True, injured=False))
    assert list(falls.standing()) == [known]
    february.refresh_from_db()
    assert february.how_many == 1


def test_what_is_worse_than_was_known_is_written_and_locks(cast: Cast, february: FallsMonth):
    record(cast)
    answer(february, 1, Heard(date(2026, 2, 5), roughly=True, injured=True, fracture=True))

    (fall,) = falls.standing()
    assert (fall.fell_on, fall.fracture, fall.replaces_id is not None) == (THIRD, True, True)
    lock = Lock.objects.get()
    assert (lock.why, lock.opened_by) == (Lock.Why.FRACTURE, None)


def test_more_told_of_than_there_were_is_refused(february: FallsMonth):
    with pytest.raises(ValueError):
        answer(february, 0, Heard(THIRD))


# --- the pages ------------------------------------------------------------------------------------
@pytest.fixture
def ana(cast: Cast) -> Browser:
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


def page(cast: Cast, name: str = "falls", **more: object) -> str:
    return reverse(f"sessions:{name}", kwargs={"clinic": "north", "pk": cast.cal_client.pk, **more})


def test_recorded_corrected_and_taken_back_on_the_pages(cast: Cast, ana: Browser):
    new = page(cast, "fall-new")
    form = ana.get(new).content.decode()
    body = filled(form, fell_on="3 February 2026", injured="yes", described="On the stairs")
    for _ in range(2):  # sent twice it is one fall
        assert ana.post(new, body).status_code == 302
    fall = Fall.objects.get()

    one = page(cast, "fall", fall=fall.pk)
    ana.post(one, filled(ana.get(one).content.decode(), injured="no"))
    later = falls.standing().get()
    assert (later.injured, later.described) == (False, "On the stairs")

    last = page(cast, "fall", fall=later.pk)
    refused = ana.post(last, {"none": "1", "why": ""})
    assert (refused.status_code, "Write why" in refused.content.decode()) == (422, True)
    ana.post(last, {"none": "1", "why": "She sat down"})
    shown = ana.get(page(cast)).content.decode()
    assert "No fall is known" in shown
    assert "She sat down" in shown


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"fell_on": ""}, "Write the day"),
        ({"fell_on": "3 February 2027"}, "still to come"),
        ({"fell_on": "3 February 1926"}, "Check the year"),
        ({"fell_on": "3 February 2026", "confirmed": "yes"}, "Only a broken bone"),
    ],
)
def test_what_is_wrong_is_said(cast: Cast, ana: Browser, said: dict[str, str], words: str):
    new = page(cast, "fall-new")
    refused = ana.post(new, filled(ana.get(new).content.decode(), **said))
    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert not Fall.objects.exists()


def test_her_answer_about_a_month_is_written_down_once(
    cast: Cast, ana: Browser, february: FallsMonth
):
    asked = page(cast, "falls-asked", month=february.pk)
    form = ana.get(asked).content.decode()
    assert "slip or trip" in form
    assert ana.post(asked, filled(form, how_many="many")).status_code == 422
    assert ana.post(asked, filled(form, how_many="1")).status_code == 302
    february.refresh_from_db()
    assert (february.how_many, february.told, february.answered_by) == (1, "check_in", cast.ana)
    assert ana.get(asked).status_code == 302
