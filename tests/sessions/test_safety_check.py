"""The safety check on arrival: six questions, what a yes locks, who may release, two tablets."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from bonefit.clients.models import Lock
from bonefit.clinics.models import Membership
from programs.models import Decision
from sessions import alarms, facts, sync
from sessions.arrival import NOTHING_NEW
from sessions.evidence import words_of
from sessions.models import Flag, Operation, SetEntry, Visit
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db

#: As a tablet sends "Here, nothing new".
WELL = {
    "next_day": "0",
    "now": "0",
    "away": "none",
    "fracture": "no",
    "medicine": "no",
    "dizzy": "no",
}


@pytest.fixture
def ana(cast: Cast) -> Browser:
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


def tell(
    cast: Cast,
    visit: Visit,
    said: dict[str, str],
    kind: str = "check_in",
    *,
    by: Membership | None = None,
) -> sync.Result:
    op = sync.Op(uuid.uuid4(), kind, visit.uid, made_at=NOW, payload=said)
    return sync.apply([op], by=by or cast.ana, now=visit.starts_at)[0]


def address(visit: Visit, name: str = "check-in") -> str:
    return reverse(f"sessions:{name}", args=["north", visit.uid])


def asked(cast: Cast, visit: Visit, lift: str = "hinge"):
    found = facts.on_the_floor(cast.ana).get(pk=visit.pk)
    return facts.standing_for(found, clinic=cast.north, cleared=0).targets[lift]


def lane(cast: Cast, browser: Browser, visit: Visit) -> dict[str, Any]:
    day = visit.starts_at.astimezone(cast.north.tz).date()
    slots = browser.get(f"/c/north/floor/day/?day={day}").json()["slots"]
    lanes = [one for slot in slots for one in slot["lanes"]]
    return next(one for one in lanes if one["visit"] == str(visit.uid))


def test_nothing_new_is_one_tap_that_says_no_to_all_six(cast: Cast, ana: Browser):
    assert NOTHING_NEW == WELL
    page = ana.post(address(cast.visit), {"well": "1"}, follow=True).content.decode()

    cast.visit.refresh_from_db()
    kept = {name: value for name, value in cast.visit.answers.items() if name != "at"}
    assert kept == {
        "next_day": [0, "", ""],
        "now": [0, "", ""],
        "away": "none",
        "fracture": False,
        "medicine": False,
        "dizzy": False,
    }
    assert cast.visit.status == Visit.Status.CHECKED_IN
    assert not Lock.objects.exists()
    assert "No fall, illness or hospital, no fracture, no new medicine" in page
    assert asked(cast, cast.visit).available


@pytest.mark.parametrize(
    ("said", "kind", "rule", "why"),
    [
        ({"fracture": "yes"}, "fracture", "F16.1", "a fracture since last time"),
        ({"dizzy": "yes"}, "dizzy", "F15.1", "dizzy on arrival"),
        (
            {"now": "1", "now_site": "ribs", "now_kind": "new"},
            "pain",
            "F15.1",
            "pain 1 of 10, ribs, new or changed",
        ),
        (
            {"next_day": "2", "next_day_site": "knee", "next_day_kind": "radiating"},
            "pain",
            "F15.1",
            "pain 2 of 10, knee, spreads into an arm or a leg",
        ),
    ],
)
def test_an_alarming_answer_checks_in_locks_and_flags(
    cast: Cast, said: dict[str, str], kind: str, rule: str, why: str
):
    assert tell(cast, cast.visit, {**WELL, **said}).outcome == "applied"

    lock = Lock.objects.get()
    assert (lock.why, lock.evidence["why"]) == (kind, why)
    flag = Flag.objects.get(kind=Flag.Kind.LOCKED)
    assert (flag.rule, words_of(flag).headline) == (rule, f"is locked: {why}")
    target = asked(cast, cast.visit)
    assert (target.available, target.load, target.reason.code) == (False, None, "locked")
    cast.visit.refresh_from_db()
    assert cast.visit.status == Visit.Status.CHECKED_IN


@pytest.mark.parametrize(
    ("said", "stops", "load"),
    [
        ({}, False, "42.5"),
        ({"now": "2", "now_site": "knee"}, False, "42.5"),
        ({"now": "3", "now_site": "knee"}, False, "40"),  # 3 to 5: nothing rises
        ({"now": "5", "now_site": "knee"}, False, "40"),
        ({"now": "6", "now_site": "knee"}, False, "40"),
        ({"medicine": "yes"}, True, None),
        ({"away": "illness"}, True, None),
        ({"away": "", "medicine": "", "fracture": "", "dizzy": ""}, False, "42.5"),
    ],
)
def test_what_each_answer_does_to_the_load(cast: Cast, said: dict[str, str], stops: bool, load):
    first, following = cast.visits[:2]
    cast.promote()
    cast.check_in(first)
    cast.log_all(first, "hinge", rpe=8, technique="clean", pain=0)

    assert tell(cast, following, {**WELL, **said}).outcome == "applied"
    target = asked(cast, following)
    assert target.available is not stops
    assert (None if target.load is None else f"{target.load.normalize():f}") == load
    assert not Lock.objects.exists()


def test_a_new_medicine_waits_for_a_re_screen_in_its_own_words(cast: Cast, ana: Browser):
    ana.post(address(cast.visit), {**WELL, "medicine": "yes"})
    page = ana.get(address(cast.visit, "visit")).content.decode()
    assert "Re-screen first, after a new medicine, diagnosis or procedure." in page
    assert "A new medicine, diagnosis or procedure." in page
    assert lane(cast, ana, cast.visit)["stopped"] == {
        "code": "rescreen",
        "line": "Re-screen first, after a new medicine, diagnosis or procedure.",
        "who": alarms.WHO_RESCREENS,
    }

    ana.post(address(cast.visit, "rescreen"), {"found": "Vitamin D only."})
    assert Decision.objects.get(kind="rescreen").reason == "Vitamin D only."
    assert asked(cast, cast.visit).available
    assert lane(cast, ana, cast.visit)["stopped"] is None


def test_pain_a_fracture_and_dizziness_at_once_are_three_locks_and_one_release(cast: Cast):
    said = {**WELL, "now": "1", "now_site": "ribs", "now_kind": "new"}
    tell(cast, cast.visit, {**said, "fracture": "yes", "dizzy": "yes"})

    assert set(Lock.objects.values_list("why", flat=True)) == {"pain", "fracture", "dizzy"}
    rules = Flag.objects.filter(kind=Flag.Kind.LOCKED).values_list("rule", flat=True)
    assert sorted(rules) == ["F15.1", "F16.1"]

    alarms.release(
        cast.cal_client, clinician="Dr L. H.", finding="Bruise", by=cast.ana, now=cast.visit.ends_at
    )
    assert not Lock.objects.open().exists()
    assert not Flag.objects.filter(kind=Flag.Kind.LOCKED, resolved_at=None).exists()
    assert asked(cast, cast.visit).available


def test_the_same_answer_given_again_locks_once_and_a_later_no_takes_no_lock_away(cast: Cast):
    tell(cast, cast.visit, {**WELL, "fracture": "yes"})
    tell(cast, cast.visit, {**WELL, "fracture": "yes"}, "answer")
    tell(cast, cast.visit, WELL, "answer")

    lock = Lock.objects.get()
    assert lock.released_at is None
    assert not asked(cast, cast.visit).available


@pytest.mark.parametrize("said", [{"fracture": "yes"}, {"dizzy": "yes"}])
def test_a_locked_client_is_checked_in_nowhere_and_every_device_is_told_who_releases(
    cast: Cast, said: dict[str, str]
):
    tell(cast, cast.visit, {**WELL, **said})
    following = cast.visits[1]
    for visit, by in ((cast.visit, cast.tess), (following, cast.ana), (following, cast.tess)):
        refused = tell(cast, visit, WELL, by=by)
        assert refused.outcome == Operation.Outcome.REFUSED
        assert refused.reason.startswith("Locked: ")
        assert alarms.WHO_RELEASES in refused.reason
    following.refresh_from_db()
    assert (following.status, following.answers) == (Visit.Status.PLANNED, None)

    # What was lifted all the same is a fact: kept, and marked.
    entry = cast.log(cast.visit, "squat", 1, by=cast.tess)
    assert (entry.outside_clearance, entry.prescribed_reason) == (True, "locked")
    assert SetEntry.objects.count() == 1


def test_the_lane_of_a_locked_client_says_who_may_release(cast: Cast, ana: Browser):
    tell(cast, cast.visit, {**WELL, "dizzy": "yes"})
    said = lane(cast, ana, cast.visit)["stopped"]
    assert said == {
        "code": "locked",
        "line": "Locked: dizzy on arrival. A named clinician releases it.",
        "who": alarms.WHO_RELEASES,
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [(WELL, {**WELL, "medicine": "yes"}), ({**WELL, "medicine": "yes"}, WELL)],
)
def test_checked_in_on_two_tablets_the_more_cautious_answers_count(
    cast: Cast, first: dict[str, str], second: dict[str, str]
):
    """Whichever of them is sent first; both stay in the history."""
    assert tell(cast, cast.visit, first).outcome == "applied"
    assert tell(cast, cast.visit, second, by=cast.tess).outcome == "applied"

    cast.visit.refresh_from_db()
    assert cast.visit.answers["medicine"] is True
    assert asked(cast, cast.visit).reason.code == "rescreen_after"
    one, other = Operation.objects.filter(visit=cast.visit).order_by("pk")
    assert (one.payload, other.payload) == (first, second)
    assert other.before["answers"]["medicine"] is (first["medicine"] == "yes")


def test_asked_again_by_a_person_the_new_answers_count(cast: Cast):
    tell(cast, cast.visit, {**WELL, "medicine": "yes"})
    tell(cast, cast.visit, WELL, "answer")
    assert asked(cast, cast.visit).available


def test_a_check_in_that_is_sent_twice_locks_once(cast: Cast, ana: Browser):
    op = {
        "id": str(uuid.uuid4()),
        "kind": "check_in",
        "visit": str(cast.visit.uid),
        "payload": {**WELL, "fracture": "yes"},
        "at": NOW.isoformat(),
    }
    body = json.dumps({"author": cast.ana.pk, "operations": [op]})
    for _ in range(2):
        answer = ana.post("/c/north/floor/operations/", body, content_type="application/json")
        assert answer.json()["results"][0]["outcome"] == "applied"
    assert Lock.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("fracture", "Answer yes or no: a fracture since last time?"),
        ("medicine", "Answer yes or no: a new medicine, diagnosis or procedure?"),
        ("dizzy", "Answer yes or no: dizzy or light-headed today?"),
        ("away", "That is a fall, an illness or a stay in hospital."),
    ],
)
def test_an_answer_that_is_none_is_explained_beside_its_field(
    cast: Cast, ana: Browser, field: str, words: str
):
    typed = {**WELL, "now": "4", "now_site": "knee", "now_kind": "known", field: "perhaps"}
    refused = ana.post(address(cast.visit), typed)
    page = refused.content.decode()

    assert refused.status_code == 422
    assert f'id="{field}-wrong"' in page
    assert words in page
    assert '<option value="knee" selected>' in page
    assert 'name="now" value="4" checked' in page
    cast.visit.refresh_from_db()
    assert (cast.visit.answers, cast.visit.status) == (None, Visit.Status.PLANNED)


def test_the_page_asks_all_six_and_presets_nothing(cast: Cast, ana: Browser):
    cast.check_in(cast.visit)
    cast.log(cast.visit)
    page = ana.get(address(cast.visits[1], "visit"))
    assert "Here, nothing new" not in page.content.decode()  # its day has not come

    page = ana.get(address(cast.visit, "visit")).content.decode()
    assert "Asked on arrival" in page

    Visit.objects.filter(pk=cast.visit.pk).update(answers=None, status="planned")
    page = ana.get(address(cast.visit, "visit")).content.decode()
    assert "Here, nothing new" in page
    form = page[page.index('class="arrival') if 'class="arrival' in page else 0 :]
    for name in ("now", "away", "fracture", "medicine", "dizzy"):
        assert f'name="{name}"' in form
    assert 'name="fracture" value="yes" checked' not in page
    assert 'name="away" value="none" checked' not in page


def test_what_was_answered_stands_in_the_form_when_it_is_asked_again(cast: Cast, ana: Browser):
    tell(cast, cast.visit, {**WELL, "medicine": "yes", "away": "fall"})
    page = ana.get(address(cast.visit, "visit")).content.decode()
    for picked in ('"medicine" value="yes"', '"away" value="fall"', '"fracture" value="no"'):
        assert f"name={picked} checked" in page
    assert "Fall, a new medicine, diagnosis or procedure." in page


def test_a_refused_check_in_keeps_what_was_typed_and_says_who_releases(cast: Cast, ana: Browser):
    tell(cast, cast.visit, {**WELL, "dizzy": "yes"})
    Visit.objects.filter(pk=cast.visit.pk).update(status="planned", answers=None)

    refused = ana.post(address(cast.visit), {**WELL, "now": "3", "now_site": "knee"})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert alarms.WHO_RELEASES in page
    assert 'name="now" value="3" checked' in page
    assert '<option value="knee" selected>' in page
