"""What is asked on arrival, what it changes before the first set, and who looks at her again."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse

from bonefit.clients.models import Lock
from programs.models import Decision
from sessions import facts
from sessions.board import board
from sessions.models import Operation, SetEntry, Visit
from tests.cast import Cast

HINGE = {"rpe": 8, "technique": "clean", "pain": 0}


@pytest.fixture
def ana(cast: Cast) -> Browser:
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


def address(visit: Visit, name: str = "check-in") -> str:
    return reverse(f"sessions:{name}", args=["north", visit.uid])


def asked(cast: Cast, visit: Visit, lift: str = "hinge"):
    shown = facts.on_the_floor(cast.ana).get(pk=visit.pk)
    shown.clinic = cast.north
    return board(shown, [], lift=lift).current.target


@pytest.fixture
def following(cast: Cast, time_machine) -> Visit:
    """Cal's second visit, now, after a first one that has earned a raise."""
    first, following = cast.visits[:2]
    cast.promote()
    cast.check_in(first)
    cast.log_all(first, "hinge", **HINGE)
    time_machine.move_to(following.starts_at)
    return following


def test_one_tap_says_that_all_is_well_and_the_load_rises(cast, ana, following):
    assert asked(cast, following).reason.line == "Held at 40 kg: next-day pain was not asked."

    page = ana.post(address(following), {"well": "1"}, follow=True).content.decode()

    assert asked(cast, following).load == 42.5
    assert "Worst pain since last time: 0." in page
    following.refresh_from_db()
    assert following.status == Visit.Status.CHECKED_IN


def test_checking_in_without_asking_raises_nothing_and_can_be_asked_later(cast, ana, following):
    ana.post(address(following), {"skip": "1"})
    assert asked(cast, following).load == 40

    ana.post(address(following), {"next_day": "1", "next_day_site": "knee", "now": "0"})

    assert asked(cast, following).load == 42.5
    kinds = Operation.objects.filter(visit=following).values_list("kind", flat=True)
    assert list(kinds) == ["check_in", "answer"]


def test_next_day_pain_that_rose_steps_the_load_back(cast, ana, following):
    ana.post(address(following), {"next_day": "2", "next_day_site": "knee", "now": "0"})
    target = asked(cast, following)
    assert (target.load, target.reason.line) == (36, "Down 4 kg: next-day pain rose by 2.")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"next_day": "11", "now": "0"}, "Pain is a whole number, 0 to 10."),
        ({"now": "2", "now_site": "lower_back"}, "Back, ribs or groin: is it known, or new"),
        ({"now": "", "now_site": "knee"}, "How strong is it, from 0 to 10?"),
        ({"now": "0", "away": "holiday"}, "That is a fall, an illness or a stay in hospital."),
        ({"now": "2", "now_site": "elsewhere"}, "Choose where it hurts from the list."),
    ],
)
def test_a_bad_answer_is_explained_beside_its_field_and_kept(cast, ana, following, typed, words):
    response = ana.post(address(following), typed)
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    following.refresh_from_db()
    assert following.answers is None
    if "now_site" in typed and typed["now_site"] != "elsewhere":
        assert f'<option value="{typed["now_site"]}" selected>' in page


def test_the_first_visit_asks_of_no_next_day(cast, ana):
    page = ana.get(address(cast.visit, "visit")).content.decode()
    assert "Pain now" in page
    assert "Worst pain since last time" not in page


def test_new_pain_in_the_back_ends_all_loading(cast, ana, following):
    said = {"next_day": "0", "now": "1", "now_site": "lower_back", "now_kind": "new"}
    ana.post(address(following), said)
    for lift in ("hinge", "squat", "press", "impact"):
        target = asked(cast, following, lift)
        assert (target.available, target.sets, target.load) == (False, 0, None)
    assert target.reason.code == "locked"


def test_a_named_clinician_releases_her_and_only_then_is_she_loaded_again(cast, ana, following):
    said = {"next_day": "0", "now": "1", "now_site": "lower_back", "now_kind": "new"}
    ana.post(address(following), said)
    page = ana.get(address(following, "visit")).content.decode()
    assert "Stop all loading and impact, and refer." in page

    refused = ana.post(address(following, "release"), {"clinician": "", "finding": "Strain"})
    assert refused.status_code == 422
    assert "Write who released her, by name." in refused.content.decode()
    assert 'value="Strain"' in refused.content.decode()
    assert not asked(cast, following).available

    ana.post(address(following, "release"), {"clinician": "Dr L. H.", "finding": "Strain"})

    target = asked(cast, following)
    assert (target.available, target.load) == (True, 40)  # with pain on arrival nothing rises
    lock = Lock.objects.get()
    assert (lock.clinician, lock.finding, lock.released_by) == ("Dr L. H.", "Strain", cast.ana)
    # Also at the visits after it, and also when this one has been lifted.
    cast.log_all(following, "hinge", load="40", **HINGE)
    assert asked(cast, cast.visits[2]).available


def test_new_pain_in_a_set_locks_the_visits_after_it(cast, ana, following):
    cast.check_in(following)
    hurts = {"pain": "1", "pain_site": "ribs", "pain_kind": "new"}
    cast.log(following, "hinge", 1, load="42.5", **hurts)
    assert asked(cast, cast.visits[2]).reason.code == "locked"


def test_after_a_fall_nothing_is_asked_for_until_somebody_has_looked(cast, ana, following):
    ana.post(address(following), {"next_day": "0", "now": "0", "away": "fall"})
    page = ana.get(address(following, "visit")).content.decode()
    assert "Re-screen first, after fall." in page
    assert not asked(cast, following).available

    refused = ana.post(address(following, "rescreen"), {"found": " "})
    assert refused.status_code == 422
    assert "Write what was found, in one line." in refused.content.decode()

    ana.post(address(following, "rescreen"), {"found": "Bruise on the hip, walks well."})

    assert asked(cast, following).load == 42.5
    word = Decision.objects.get(kind="rescreen")
    assert (word.reason, word.by) == ("Bruise on the hip, walks well.", cast.ana)


def test_a_very_long_absence_starts_the_program_again(cast, ana, time_machine):
    first = cast.visits[0]
    cast.promote()
    cast.check_in(first)
    cast.log_all(first, "hinge", **HINGE)
    later = cast.visits[-1]
    move = later.slot
    Visit.objects.filter(pk=later.pk).update(during=_pushed(later, 80))
    type(move).objects.filter(pk=move.pk).update(
        starts_at=_pushed(later, 80).lower, ends_at=_pushed(later, 80).upper
    )
    later.refresh_from_db()
    time_machine.move_to(later.starts_at)
    ana.force_login(cast.ana.user)  # her session has run out
    ana.post(address(later), {"well": "1"})

    page = ana.get(address(later, "visit")).content.decode()
    assert "The program starts again in its first phase." in page
    ana.post(address(later, "rescreen"), {"found": "Fit to train."})

    target = asked(cast, later)
    assert (target.load, target.reason.code) == (None, "away_restart")
    assert Decision.objects.filter(kind="promote", phase="INTRO").exists()


def _pushed(visit: Visit, days: int):
    return type(visit.during)(
        visit.during.lower + timedelta(days=days), visit.during.upper + timedelta(days=days)
    )


def test_pain_in_a_set_says_where_and_keeps_it(cast, ana):
    url = reverse("sessions:log-set", args=["north", cast.visit.uid, "hinge"])
    data = {"done": "5", "load": "40", "number": "1", "pain": "2"}

    refused = ana.post(url, {**data, "pain_site": "ribs"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert "is it known, or new or changed?" in refused.content.decode()
    assert SetEntry.objects.count() == 0

    ana.post(url, {**data, "pain_site": "knee", "pain_kind": "known"})
    entry = SetEntry.objects.get()
    assert (entry.pain, entry.pain_site, entry.pain_kind) == (2, "knee", "known")
