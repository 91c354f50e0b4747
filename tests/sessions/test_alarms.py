"""Pain that ends all loading, a stop, pain that rises: a lock, a flag, and who ends them."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client as Browser
from django.urls import reverse

from bonefit.clients.models import Lock
from programs.models import Decision
from sessions import actions, alarms, facts, sync
from sessions.evidence import words_of
from sessions.models import Flag, Operation, SetEntry, Visit
from tests.cast import NOW, Cast, log_op

pytestmark = pytest.mark.django_db

ALARM = {"pain": "1", "pain_site": "ribs", "pain_kind": "new"}
OPEN = {"resolved_at": None}


@pytest.fixture
def ana(cast: Cast) -> Browser:
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


def tell(cast: Cast, visit: Visit, kind: str, **payload: str) -> sync.Result:
    op = sync.Op(uuid.uuid4(), kind, visit.uid, made_at=NOW, payload=payload)
    return sync.apply([op], by=cast.ana, now=visit.starts_at)[0]


def released(cast: Cast, browser: Browser) -> None:
    url = reverse("clients:release", args=["north", cast.cal_client.pk])
    answer = browser.post(url, {"clinician": "Dr L. H.", "finding": "Strain"})
    assert answer.status_code == 302


def asked(cast: Cast, visit: Visit, lift: str = "hinge"):
    found = facts.on_the_floor(cast.ana).get(pk=visit.pk)
    return facts.standing_for(found, clinic=cast.north, cleared=0).targets[lift]


def test_an_alarming_set_locks_the_client_and_opens_one_flag(cast: Cast):
    cast.log(cast.visit, "hinge", 1, **ALARM)
    cast.log(cast.visit, "squat", 1, **ALARM)

    lock = Lock.objects.get()
    assert lock.fact == f"{cast.visit.uid} 1"
    assert lock.evidence["why"] == "pain 1 of 10, ribs, new or changed, in the deadlift"
    flag = Flag.objects.get(kind=Flag.Kind.LOCKED)
    assert flag.rule == "F15.1"
    assert words_of(flag).headline.startswith("is locked: pain 1 of 10, ribs")
    assert {asked(cast, cast.visit, lift).available for lift in ("hinge", "press")} == {False}


def test_the_same_fact_said_again_opens_nothing_new(cast: Cast):
    op = log_op(cast.visit, "hinge", 1, **ALARM)
    sync.apply([op, op], by=cast.ana)
    sync.apply([op], by=cast.ana)
    assert Lock.objects.count() == Flag.objects.filter(kind=Flag.Kind.LOCKED).count() == 1


def test_a_correction_that_adds_an_alarm_locks(cast: Cast):
    entry = cast.log(cast.visit, "hinge", 1)
    assert not Lock.objects.exists()
    payload = {"load": "40", "reps": "5", **ALARM}
    op = sync.Op(
        uuid.uuid4(), "correct_set", cast.visit.uid, made_at=NOW, entry=entry.uid, payload=payload
    )
    assert sync.apply([op], by=cast.ana)[0].outcome == "applied"
    assert Lock.objects.get().released_at is None


def test_a_slip_that_is_corrected_stays_locked_until_somebody_has_looked(cast: Cast, ana: Browser):
    entry = cast.log(cast.visit, "hinge", 1, **ALARM)
    op = sync.Op(
        uuid.uuid4(),
        "correct_set",
        cast.visit.uid,
        made_at=NOW,
        entry=entry.uid,
        payload={"load": "40", "reps": "5"},
    )
    sync.apply([op], by=cast.ana)
    assert not asked(cast, cast.visits[1]).available

    released(cast, ana)
    assert asked(cast, cast.visits[1]).available
    assert not Flag.objects.filter(kind=Flag.Kind.LOCKED, **OPEN).exists()


def test_a_locked_client_is_not_checked_in_and_told_why(cast: Cast, ana: Browser):
    cast.log(cast.visit, "hinge", 1, **ALARM)
    following = cast.visits[1]
    said = tell(cast, following, "check_in", next_day="0", now="0")

    assert said.outcome == Operation.Outcome.REFUSED
    assert said.reason.startswith("Locked: pain 1 of 10, ribs, new or changed")
    following.refresh_from_db()
    assert following.status == Visit.Status.PLANNED

    released(cast, ana)
    assert tell(cast, following, "check_in", next_day="0", now="0").outcome == "applied"


def test_what_is_lifted_while_locked_is_recorded_marked_and_flagged(cast: Cast):
    cast.log(cast.visit, "hinge", 1, **ALARM)
    entry = cast.log(cast.visit, "squat", 1)

    assert SetEntry.objects.count() == 2
    assert (entry.outside_clearance, entry.prescribed_reason) == (True, "locked")
    flag = Flag.objects.get(kind=Flag.Kind.OUTSIDE_CLEARANCE)
    assert words_of(flag).headline == "was loaded while locked"

    op = sync.Op(uuid.uuid4(), "void_set", cast.visit.uid, made_at=NOW, entry=entry.uid)
    sync.apply([op], by=cast.ana)
    assert not Flag.objects.filter(kind=Flag.Kind.OUTSIDE_CLEARANCE, **OPEN).exists()


def test_a_second_alarm_after_the_release_locks_again(cast: Cast, ana: Browser):
    cast.log(cast.visit, "hinge", 1, **ALARM)
    released(cast, ana)
    assert asked(cast, cast.visit, "squat").available

    cast.log(cast.visit, "squat", 1, **ALARM)
    assert [lock.fact[-1] for lock in Lock.objects.order_by("pk")] == ["1", "2"]
    assert not asked(cast, cast.visit, "press").available
    assert not asked(cast, cast.visits[1]).available


def test_one_release_ends_every_lock_that_came_meanwhile(cast: Cast):
    cast.log(cast.visit, "hinge", 1, **ALARM)
    tell(cast, cast.visits[1], "answer", next_day="2", next_day_site="ribs", next_day_kind="night")
    assert Lock.objects.open().count() == 2

    at = cast.visits[1].starts_at
    said = {"clinician": "Dr L. H.", "finding": "Strain", "by": cast.ana, "now": at}
    assert alarms.release(cast.cal_client, **said) == 2
    assert alarms.release(cast.cal_client, **said) == 0
    assert asked(cast, cast.visits[1]).available


def test_a_visit_that_a_lock_ended_was_attended_in_part(cast: Cast):
    cast.log(cast.visit, "hinge", 1, **ALARM)
    assert tell(cast, cast.visit, "report", what="back", severity="mild").outcome == "applied"
    actions.complete_visit(visit=cast.visit, by=cast.ana)
    cast.visit.refresh_from_db()
    assert Visit.objects.get(pk=cast.visit.pk).status == Visit.Status.ATTENDED_PARTIAL


def test_stop_on_the_floor_locks_without_a_word_and_keeps_one(cast: Cast):
    assert tell(cast, cast.visit, "stop").outcome == "applied"
    assert Lock.objects.get().evidence["why"] == "stopped on the floor"
    assert not asked(cast, cast.visit).available

    tell(cast, cast.visits[1], "stop", why="dizzy")
    assert Lock.objects.order_by("pk")[1].evidence["why"] == "stopped on the floor, dizzy or faint"
    tell(cast, cast.visits[2], "stop", why="cut her hand")
    assert Lock.objects.order_by("pk")[2].evidence["why"] == "stopped on the floor, cut her hand"


def test_the_lock_is_seen_on_today_and_on_the_clients_page_and_stays_readable(
    cast: Cast, ana: Browser
):
    cast.log(cast.visit, "hinge", 1, **ALARM)
    assert "locked</span>" in ana.get("/c/north/today/").content.decode()
    page = f"/c/north/clients/{cast.cal_client.pk}/"
    assert "Locked: pain 1 of 10, ribs" in ana.get(page).content.decode()

    refused = ana.post(f"{page}release/", {"clinician": "Dr L. H.", "finding": " "})
    assert refused.status_code == 422
    assert "Write what was found." in refused.content.decode()
    assert 'value="Dr L. H."' in refused.content.decode()

    released(cast, ana)
    shown = ana.get(page).content.decode()
    assert "Earlier locks" in shown
    assert "Strain" in shown
    assert "locked</span>" not in ana.get("/c/north/today/").content.decode()


def test_a_locked_flag_closes_with_the_release_and_not_by_a_reason(cast: Cast, ana: Browser):
    cast.log(cast.visit, "hinge", 1, **ALARM)
    flag = Flag.objects.get(kind=Flag.Kind.LOCKED)
    url = reverse("sessions:flag-resolve", args=["north", flag.pk])
    assert ana.post(url, {"resolution": "called"}).status_code == 404
    assert "Record a release" in ana.get("/c/north/flags/").content.decode()

    released(cast, ana)
    flag.refresh_from_db()
    assert (flag.resolution, flag.resolved_by) == ("by_itself", cast.ana)


def answers(cast: Cast, *scores: str) -> None:
    for visit, score in zip(cast.visits, scores, strict=False):
        more = {"next_day_site": "knee", "next_day_kind": "known"} if score != "0" else {}
        assert tell(cast, visit, "check_in", next_day=score, now="0", **more).outcome == "applied"


@pytest.mark.parametrize(
    ("scores", "flagged"),
    [
        (("2", "3", "4"), True),  # protocol sheet 8.29
        (("2", "3", "3"), False),
        (("2", "3"), False),
        (("4", "3", "2"), False),
        (("0", "1", "2"), True),
        (("1", "2", "3", "1"), False),
    ],
)
def test_pain_that_rises_three_times_is_flagged(cast: Cast, scores, flagged: bool):
    answers(cast, *scores)
    assert Flag.objects.filter(kind=Flag.Kind.PAIN_RISING, **OPEN).exists() is flagged


def test_the_flag_of_rising_pain_says_the_scores_and_goes_when_one_was_a_slip(cast: Cast):
    answers(cast, "2", "3", "4")
    flag = Flag.objects.get(kind=Flag.Kind.PAIN_RISING)
    assert words_of(flag).headline == "has more pain the day after each time: 2, 3, 4"
    assert len(words_of(flag).sets) == 3

    said = {"next_day": "1", "next_day_site": "knee", "next_day_kind": "known"}
    tell(cast, cast.visits[2], "answer", **said)
    flag.refresh_from_db()
    assert flag.resolution == Flag.Resolution.BY_ITSELF


def test_an_answered_flag_of_rising_pain_comes_back_only_on_other_scores(cast: Cast, ana: Browser):
    answers(cast, "2", "3", "4")
    flag = Flag.objects.get(kind=Flag.Kind.PAIN_RISING)
    ana.post(reverse("sessions:flag-resolve", args=["north", flag.pk]), {"resolution": "called"})
    again = {"next_day": "4", "next_day_site": "knee", "next_day_kind": "known"}
    tell(cast, cast.visits[2], "answer", **again)
    assert not Flag.objects.filter(kind=Flag.Kind.PAIN_RISING, **OPEN).exists()

    tell(cast, cast.visits[3], "check_in", **{**again, "next_day": "5"}, now="0")
    assert Flag.objects.filter(kind=Flag.Kind.PAIN_RISING, **OPEN).count() == 1


@pytest.mark.parametrize("what", ["fall", "illness", "hospital"])
def test_what_is_heard_by_telephone_asks_for_a_re_screen(cast: Cast, ana: Browser, what: str):
    url = reverse("clients:away", args=["north", cast.cal_client.pk])
    assert ana.post(url, {"away": "holiday"}).status_code == 422
    assert ana.post(url, {"away": what}).status_code == 302

    assert Decision.objects.get(kind="away").by == cast.ana
    target = asked(cast, cast.visits[1])
    assert (target.available, target.reason.code) == (False, "rescreen_after")


def test_the_first_lift_has_its_warm_ups_until_its_first_set(cast: Cast, ana: Browser):
    page = f"/c/north/visits/{cast.visit.uid}/"
    assert "Warm up:" in ana.get(page).content.decode()
    assert "Warm up:" not in ana.get(f"{page}?lift=impact").content.decode()
    cast.log(cast.visit, "hinge", 1)
    assert "Warm up:" not in ana.get(f"{page}?lift=hinge").content.decode()
