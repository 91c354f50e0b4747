"""A therapist's word on a plan: with a reason, read back later, taken back at need."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.utils import timezone

from programs.models import Decision, Enrollment
from sessions.facts import standing_now
from sessions.models import StandingPlace, Visit


@pytest.fixture
def ana(cast):
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


@pytest.fixture
def base(cast):
    return f"/c/north/clients/{cast.cal_client.pk}/"


def target(cast, lift):
    standing = standing_now(cast.enrollment, clinic=cast.north, now=timezone.now())
    return standing.targets[lift]


def criteria(page):
    """The values of all criteria that can be ticked on a page."""
    return re.findall(r'name="criteria" value="(\d+)"', page)


def said(cast):
    return Decision.objects.filter(enrollment=cast.enrollment).exclude(kind="start")


def test_a_load_is_set_with_its_reason(ana, cast, base):
    answer = ana.post(base + "plan/hinge/load/", {"load": "37,5", "reason": "Back from holiday"})
    assert answer.url == base
    decision = said(cast).get()
    assert (decision.kind, decision.lift, decision.by) == ("set_load", "hinge", cast.ana)
    assert target(cast, "hinge").load == Decimal("37.5")
    assert target(cast, "hinge").reason.line == "Set to 37.5 kg: Back from holiday"


WRONG_LOADS = [
    ({"load": "41.7", "reason": "x"}, "This equipment cannot make 41.7 kg."),
    ({"load": "9999", "reason": "x"}, "A load is at most 300 kg here."),
    ({"load": "-5", "reason": "x"}, "Write the load as a number in kg"),
    ({"load": "", "reason": "x"}, "Write the load in kg."),
    ({"load": "40", "reason": ""}, "Write why, in one line."),
    ({"load": "40", "reason": "   "}, "Write why, in one line."),
]


def test_a_load_that_cannot_stand_is_explained_and_kept(ana, cast, base):
    for typed, words in WRONG_LOADS:
        answer = ana.post(base + "plan/hinge/load/", typed)
        page = answer.content.decode()
        assert (answer.status_code, said(cast).count()) == (422, 0)
        assert words in page
        if typed["load"]:
            assert f'value="{typed["load"]}"' in page


def test_the_exercise_is_changed_with_a_load_or_with_none_yet(ana, cast, base):
    typed = {"exercise": "block-pull", "load": "30", "reason": "Lower back"}
    ana.post(base + "plan/hinge/exercise/", typed)
    assert (target(cast, "hinge").exercise, target(cast, "hinge").load) == ("block-pull", 30)

    ana.post(base + "plan/hinge/exercise/", {**typed, "exercise": "deadlift", "load": ""})
    assert (target(cast, "hinge").exercise, target(cast, "hinge").load) == ("deadlift", None)
    assert target(cast, "hinge").reason.line == "No load yet. Watch a technique set first."


WRONG_EXERCISES = [
    ("hinge", {"exercise": "deadlift"}, "It is Deadlift already. Choose another one."),
    ("hinge", {"exercise": "back-squat"}, "Select a valid choice."),
    ("hinge", {"exercise": ""}, "Choose an exercise."),
    ("hinge", {"exercise": "dowel-hip-hinge", "load": "10"}, "takes no load here"),
    ("hinge", {"exercise": "block-pull", "load": "30.3"}, "The nearest: 30 kg or 31 kg."),
    ("impact", {"exercise": "heel-drop"}, "is level 1, and the clearance is for level 0"),
]


def test_an_exercise_that_cannot_be_is_explained(ana, cast, base):
    for lift, typed, words in WRONG_EXERCISES:
        answer = ana.post(f"{base}plan/{lift}/exercise/", {"reason": "x", **typed})
        assert (answer.status_code, said(cast).count()) == (422, 0)
        assert words in answer.content.decode()


def test_a_hold_holds_until_it_is_ended(ana, cast, base):
    ana.post(base + "plan/press/hold/", {"reason": "Left shoulder"})
    assert target(cast, "press").reason.code == "held_by_therapist"
    assert "Held at 20 kg: Left shoulder" in ana.get(base).content.decode()

    ana.post(base + "plan/press/release/", {"reason": "No pain for a week"})
    assert target(cast, "press").reason.code == "released"
    assert [one.kind for one in said(cast)] == ["hold", "release"]


def test_what_is_not_held_cannot_be_released(ana, base):
    assert ana.get(base + "plan/press/release/").status_code == 404
    assert ana.get(base + "plan/release/").status_code == 404


def test_a_hold_says_until_when(ana, cast, base):
    ana.post(base + "plan/press/hold/", {"until": "clean", "reason": "Watch the elbows"})
    ana.post(
        base + "plan/hinge/hold/",
        {"until": "date", "until_on": "20 March 2026", "reason": "Dentist"},
    )
    clean, dated = said(cast)
    assert (clean.until, clean.until_on) == ("clean", None)
    assert (dated.until, dated.until_on) == ("date", date(2026, 3, 20))
    page = ana.get(base).content.decode()
    assert "until a clean visit" in page
    assert "until 20 March 2026" in page


WRONG_HOLDS = [
    ({"until": "date", "until_on": ""}, "Write the first day without the hold."),
    ({"until": "date", "until_on": "1 March 2026"}, "Write a day that is still to come."),
    ({"until": "date", "until_on": "soon"}, "Write"),
    ({"until": "never"}, "Select a valid choice."),
]


def test_a_hold_until_no_day_is_explained(ana, cast, base):
    for typed, words in WRONG_HOLDS:
        answer = ana.post(base + "plan/press/hold/", {"reason": "x", **typed})
        assert (answer.status_code, said(cast).count()) == (422, 0)
        assert words in answer.content.decode()


def test_every_lift_is_held_and_let_go_by_one_word_and_the_word_is_taken_back(ana, cast, base):
    ana.post(base + "plan/hold/", {"reason": "Moving house"})
    held = said(cast).get()
    assert (held.lift, held.until) == ("", "review")
    assert {target(cast, lift).reason.code for lift in ("hinge", "squat", "press")} == {
        "held_by_therapist"
    }
    assert base + "plan/release/" in ana.get(base).content.decode()
    ana.post(base + "plan/release/", {"reason": "Unpacked"})
    assert target(cast, "hinge").reason.code == "released"

    release = said(cast).get(kind="release")
    ana.post(f"{base}plan/decisions/{release.pk}/take-back/", {"reason": "Not yet"})
    assert target(cast, "hinge").reason.code == "held_by_therapist"
    ana.post(f"{base}plan/decisions/{held.pk}/take-back/", {"reason": "Other client"})
    assert target(cast, "hinge").reason.code == "start"


def test_the_gate_is_passed_once_for_a_reason_that_is_kept(ana, cast, base):
    assert ana.post(base + "plan/hinge/override/", {"reason": ""}).status_code == 422
    ana.post(base + "plan/hinge/override/", {"reason": "Seen clean by video"})
    decision = said(cast).get()
    assert (decision.kind, decision.lift, decision.by) == ("override", "hinge", cast.ana)
    standing = standing_now(cast.enrollment, clinic=cast.north, now=timezone.now())
    assert standing.state.lifts["hinge"].override == "Seen clean by video"
    assert ana.get(base + "plan/impact/override/").status_code == 404


def test_a_technical_5rm_is_kept_with_its_formula_and_moves_no_load(ana, cast, base):
    typed = {"load": "50", "reps": "5", "reserve": "1", "reason": "Stopped before form broke"}
    ana.post(base + "plan/hinge/estimate/", typed)
    observed = said(cast).get().observed
    assert observed == {"reps": 5, "reserve": 1, "one_rm": "55.3093", "formula": "kemmler-1"}
    assert target(cast, "hinge").load == Decimal(40)
    standing = standing_now(cast.enrollment, clinic=cast.north, now=timezone.now())
    estimate = standing.state.lifts["hinge"].estimate
    assert (estimate.one_rm, estimate.version) == (Decimal("55.3093"), "kemmler-1")
    assert "estimated 1RM 55.3 kg (kemmler-1)" in ana.get(base).content.decode()


WRONG_TESTS = [
    ({"load": "", "reps": "5"}, "Write the load in kg."),
    ({"load": "50", "reps": ""}, "Write the reps."),
    ({"load": "50", "reps": "five"}, "Write a whole number of reps."),
    ({"load": "50", "reps": "0"}, "An estimate needs a set of at least 1 rep."),
    ({"load": "50", "reps": "11"}, "An estimate is valid up to 10 reps"),
    ({"load": "50", "reps": "8", "reserve": "3"}, "An estimate is valid up to 10 reps"),
    ({"load": "50", "reps": "5", "reserve": "-1"}, "Reps in reserve cannot be below 0."),
    ({"load": "41.7", "reps": "5"}, "This equipment cannot make 41.7 kg."),
]


def test_a_technical_5rm_that_says_nothing_is_explained(ana, cast, base):
    for typed, words in WRONG_TESTS:
        answer = ana.post(base + "plan/hinge/estimate/", {"reason": "x", **typed})
        assert (answer.status_code, said(cast).count()) == (422, 0), typed
        assert words in answer.content.decode()


def test_the_phase_changes_forward_and_back_with_its_criteria_shown(ana, cast, base):
    page = ana.get(base + "plan/phase/").content.decode()
    assert "Technique signed off on the current rung of each lift" in page

    answer = ana.post(base + "plan/phase/", {"phase": "BUILD", "criteria": ["0"], "reason": "x"})
    assert (answer.status_code, said(cast).count()) == (422, 0)
    assert "A later phase needs every line ticked." in answer.content.decode()

    typed = {"phase": "BUILD", "criteria": criteria(page), "reason": "Signed off today"}
    ana.post(base + "plan/phase/", typed)
    assert len(said(cast).get().observed["criteria"]) == len(criteria(page))
    standing = standing_now(cast.enrollment, clinic=cast.north, now=timezone.now())
    assert standing.state.phase == "BUILD"
    page = ana.get(base).content.decode()
    assert "Week 1 of 35, Build" in page
    assert "By weeks it would be Learn. A therapist decides." in page

    ana.post(base + "plan/phase/", {"phase": "INTRO", "reason": "Too soon"})
    standing = standing_now(cast.enrollment, clinic=cast.north, now=timezone.now())
    assert standing.state.phase == "INTRO"


def test_a_phase_that_is_none_or_the_same_is_refused(ana, cast, base):
    for phase in ("", "INTRO", "NONE", "LOAD"):  # LOAD is more than one step
        answer = ana.post(base + "plan/phase/", {"phase": phase, "reason": "x"})
        assert (answer.status_code, said(cast).count()) == (422, 0)


def test_what_was_decided_is_taken_back_and_stays_readable(ana, cast, base):
    ana.post(base + "plan/hinge/load/", {"load": "30", "reason": "Wrong client"})
    decision = said(cast).get()
    take_back = f"{base}plan/decisions/{decision.pk}/take-back/"
    assert take_back in ana.get(base).content.decode()

    assert ana.post(take_back, {"reason": ""}).status_code == 422
    ana.post(take_back, {"reason": "It was Cam"})
    assert target(cast, "hinge").load == Decimal(40)
    page = ana.get(base).content.decode()
    assert "Wrong client" in page
    assert "Taken back by Ana T., 5 March 2026" in page
    assert take_back not in page
    assert ana.get(take_back).status_code == 404


def test_a_start_and_a_decision_of_somebody_else_are_not_taken_back(ana, cast, base):
    start = cast.enrollment.decisions.filter(kind="start").first()
    theirs = cast.cam_enrollment.decisions.first()
    for decision in (start, theirs):
        url = f"{base}plan/decisions/{decision.pk}/take-back/"
        assert ana.post(url, {"reason": "x"}).status_code == 404
    assert said(cast).count() == 0


def test_a_decision_changes_what_is_asked_for_at_the_next_visit(ana, cast, base):
    ana.post(base + "plan/hinge/load/", {"load": "35", "reason": "Tired"})
    line = next(one for one in ana.get(base).context["view"].lifts if one.lift == "hinge")
    assert line.target.load == Decimal(35)


# --- the end -------------------------------------------------------------------------------------


def test_the_end_releases_what_is_still_to_come(ana, cast, base):
    typed = {
        "status": "withdrawn",
        "kind": "transfer",
        "on": "5 March 2026",
        "reason": "Moved to Cairns",
    }
    answer = ana.post(base + "end/", typed)
    assert answer.url == base
    ended = Enrollment.objects.get(pk=cast.enrollment.pk)
    assert (ended.status, ended.ended_on) == ("withdrawn", date(2026, 3, 5))
    assert (ended.end_kind, ended.end_reason) == ("transfer", "Moved to Cairns")
    coming = Visit.objects.filter(enrollment=ended, slot__starts_at__gt=timezone.now())
    assert set(coming.values_list("status", flat=True)) == {"released"}
    assert not StandingPlace.objects.filter(enrollment=ended, ends_on=None).exists()
    assert ana.get(base + "end/").status_code == 404


WRONG_ENDS = [
    ({"status": ""}, "Choose one."),
    ({"status": "withdrawn"}, "Choose why."),
    ({"status": "withdrawn", "kind": "tired"}, "Select a valid choice."),
    ({"on": "6 March 2026"}, "This day is still to come."),
    ({"on": "4 March 2026"}, "This is before the first day, 5 March 2026."),
    ({"on": "31 02 2026"}, "February 2026 had 28 days."),
    ({"reason": ""}, "Write why, in one line."),
]


def test_an_end_that_cannot_be_is_explained(ana, cast, base):
    for typed, words in WRONG_ENDS:
        right = {"status": "finished", "on": "5 March 2026", "reason": "All done"}
        answer = ana.post(base + "end/", {**right, **typed})
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert Enrollment.objects.get(pk=cast.enrollment.pk).status == "active"


# --- who -----------------------------------------------------------------------------------------

PAGES = ["plan/hinge/load/", "plan/hinge/exercise/", "plan/hinge/hold/", "plan/phase/", "end/"]


def test_only_therapists_of_the_clinic_decide(cast, base):
    typed = {"reason": "x", "load": "30", "phase": "BUILD", "exercise": "block-pull"}
    for who, status in ((cast.ada, 403), (cast.cal, 403), (cast.otto, 404)):
        browser = Browser()
        browser.force_login(who.user)
        for page in PAGES:
            assert browser.get(base + page).status_code == status
            assert browser.post(base + page, typed).status_code == status
    assert said(cast).count() == 0


def test_htmx_gets_the_form_alone_with_422(ana, base):
    for page in PAGES:
        answer = ana.post(base + page, {}, HTTP_HX_REQUEST="true")
        assert answer.status_code == 422
        assert answer.content.decode().lstrip().startswith("<form")


def test_a_lift_that_is_not_in_the_program_is_404(ana, base):
    for lift in ("bench", "hinges"):
        for page in ("load", "exercise", "hold"):
            assert ana.get(f"{base}plan/{lift}/{page}/").status_code == 404


def test_landings_have_no_load_to_set(ana, base):
    assert ana.get(base + "plan/impact/load/").status_code == 404
