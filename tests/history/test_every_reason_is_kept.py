"""Whoever gives a reason finds it again beside each row that was written because of it."""

from __future__ import annotations

import ast
import uuid
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import transaction
from django.test import Client as Browser

from bonefit import acting, tracing
from bonefit.clients.actions import open_lock
from bonefit.clients.actions import release as release_lock
from bonefit.clinics.access import Role
from bonefit.clinics.models import RowChange
from bonefit.clinics.people import give_roles
from programs.actions import publish_rules
from programs.plans import rules_at
from sessions import (
    actions,
    booking,
    closures,
    flag_work,
    moving,
    pausing,
    series,
    sync,
    timetable,
    undoing,
)
from sessions.models import Flag, SeatChange, SetEntry, StandingPlace, Visit
from sessions.visit_story import story
from tests.cast import NOW, TODAY, Cast
from tests.history.test_what_is_kept import newest
from tests.sessions.flagged import raise_flag
from tests.test_architecture import modules

WHY = "She asked for it, and so it is."

#: Verbs with a parameter of that name which is no reason of a person, and what it is.
NO_REASON = {
    "bonefit.acting.because": "says one",
    "bonefit.clients.actions.open_lock": "the kind of the lock",
    "sessions.alarms.lock": "what was found, which the lock keeps",
    "sessions.alarms.lock_outside": "what was found, which the lock keeps",
    "sessions.actions.say": "an operation of the floor, which carries it",
    "sessions.changing.touched": "writes the row of the seat that has the reason itself",
    "sessions.changing.touch": "writes the row of the seat that has the reason itself",
}

#: Each form that has a field for a reason, and what is given it.
FORMS = {
    "BatteryForm.why": "kept with the row of the test that was not done",
    "BatteryForm.note": "kept with the rows that are added",
    "WithdrawForm.why": "bonefit.clients.consents.withdraw",
    "CorrectionForm.why": "bonefit.clients.measuring.correct",
    "_WordForm.reason": "bonefit.clients.overrides.start_without",
    "RemoveForm.why": "bonefit.clients.documents.remove",
    "LetterForm.note": "kept with the row that is added",
    "AnswerForm.words": "sessions.corrections.answer",
    "RetentionForm.reason": "sessions.retention.decide",
    "MovedForm.why": "bonefit.clients.scanners.void_studies",
    "ResetForm.reason": "bonefit.clinics.log_ins.reset_second_step",
    "RolesForm.reason": "bonefit.clinics.people.give_roles",
    "CoverForm.reason": "bonefit.clinics.cover.hand_over",
    "CancelForm.why": "sessions.booking.cancel",
    "WhyForm.why": "sessions.booking.book",
    "PauseForm.why": "sessions.pausing.pause",
    "OnForm.why": "sessions.series.end_place",
    "FollowingForm.why": "sessions.series.move_following",
    "ResolveForm.note": "sessions.flag_work.resolve_flag",
    "PutOffForm.why": "sessions.flag_work.put_off",
    "DecideForm.reason": "sessions.held.decide",
    "WeeklyForm.why": "sessions.seasons.add_weekly",
    "SlotForm.why": "sessions.timetable.change_slot",
    "EndForm.why": "sessions.seasons.end_weekly",
    "LeaveForm.why": "sessions.closures.leave",
    "ReasonForm.reason": "programs.actions.decide",
    "PlateForm.note": "a line about the plate",
    "EndForm.reason": "sessions.moving.end_enrollment",
    "RulesForm.reason": "programs.actions.publish_rules",
    "WithPaper.words": "a line about the paper",
    "ColumnsForm.words": "words of the file",
    "ContentFields.words": "words of the program",
}
ASKED_AS = {"why", "reason", "finding", "note", "words"}


# --- which verbs there are ------------------------------------------------------------------------
def verbs() -> dict[str, set[str]]:
    """Each public function of the product that is told who acts and why, with how it is told."""
    found = {}
    for name, file in modules().items():
        if name.startswith("bonefit.demo"):
            continue
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                told = {arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)}
                if "by" in told and told & {"why", "reason", "finding"}:
                    found[f"{name}.{node.name}"] = told & {"why", "reason", "finding"}
    return found


def test_each_verb_that_is_given_a_reason_says_it_to_the_history() -> None:
    asked = {name: told for name, told in verbs().items() if name not in NO_REASON}
    for name in asked:
        import_module(name.rpartition(".")[0])
    silent = {name for name in asked if acting.REASONED.get(name) not in asked[name]}
    assert silent == set()


def test_what_is_excused_is_there_and_says_nothing_else() -> None:
    for name in set(NO_REASON) - {"bonefit.acting.because"}:
        assert name in verbs(), name
        assert name not in acting.REASONED


def test_each_form_that_asks_for_a_reason_leads_to_a_verb_that_keeps_it() -> None:
    fields = set()
    for name, file in modules().items():
        if "forms" not in name:
            continue
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.ClassDef):
                for line in ast.walk(node):
                    if isinstance(line, ast.Assign):
                        fields |= {
                            f"{node.name}.{target.id}"
                            for target in line.targets
                            if isinstance(target, ast.Name)
                            and target.id in ASKED_AS
                            # A field, not what is read from one.
                            and "cleaned" not in ast.unparse(line.value)
                        }
    assert fields - set(FORMS) == set()
    for verb in FORMS.values():
        if " " not in verb:
            import_module(verb.rpartition(".")[0])
            assert verb in acting.REASONED, verb


# --- what becomes of a reason ---------------------------------------------------------------------
def _place(cast: Cast) -> StandingPlace:
    return StandingPlace.objects.filter(enrollment=cast.enrollment).order_by("pk").first()


def _flag(cast: Cast) -> None:
    raise_flag(cast.enrollment, "stalled")


def _lock(cast: Cast) -> None:
    open_lock(client=cast.cal_client, why="stop", fact="a fall", evidence={}, by=cast.ana, now=NOW)


def _publish(cast: Cast) -> None:
    now = rules_at(cast.north, NOW)
    publish_rules(
        clinic=cast.north, rules=now.rules, inventory=now.inventory,
        by=cast.ada, reason=WHY, now=NOW,
    )  # fmt: skip


Verb = Callable[[Cast], Any]
CASES: dict[str, tuple[Verb | None, Verb]] = {
    "a seat is cancelled": (
        None,
        lambda c: booking.cancel(visit=c.visits[3], cause="client", why=WHY, by=c.dee, now=NOW),
    ),
    "a word is said of a visit": (
        None,
        lambda c: actions.say(visit=c.visit, status="excused", by=c.ana, why=WHY, now=NOW),
    ),
    "a weekly place ends": (
        None,
        lambda c: series.end_place(
            place=_place(c), on=TODAY + timedelta(days=10), why=WHY, by=c.dee, now=NOW
        ),
    ),
    "a pause": (
        None,
        lambda c: pausing.pause(
            enrollment=c.enrollment, starts_on=TODAY + timedelta(days=7),
            ends_on=TODAY + timedelta(days=14), why=WHY, by=c.ana, now=NOW,
        ),
    ),
    "a class is called off": (
        None,
        lambda c: timetable.call_off(slot=c.visits[2].slot, why=WHY, by=c.ana, now=NOW),
    ),
    "a leave": (
        None,
        lambda c: closures.leave(
            member=c.ana, starts_on=TODAY, ends_on=TODAY, why=WHY, by=c.ada, now=NOW
        ),
    ),
    "a program ends": (
        None,
        lambda c: moving.end_enrollment(
            enrollment=c.enrollment, status="withdrawn", kind="transfer", reason=WHY,
            on=TODAY, by=c.ana, now=NOW,
        ),
    ),
    "roles are given": (
        None,
        lambda c: give_roles(
            member=c.tess, roles=[Role.DESK], until={}, reason=WHY, by=c.ada, now=NOW
        ),
    ),
    "rules are published": (None, _publish),
    "a flag is put off": (
        _flag,
        lambda c: flag_work.put_off(
            flag=Flag.objects.get(), by=c.ana, until=TODAY + timedelta(days=3), why=WHY, now=NOW
        ),
    ),
    "a flag is closed": (
        _flag,
        lambda c: flag_work.resolve_flag(
            flag=Flag.objects.get(), by=c.ana, resolution="called", note=WHY, now=NOW
        ),
    ),
    "a lock is released": (
        _lock,
        lambda c: release_lock(
            client=c.cal_client, clinician="Dr. May", finding=WHY, by=c.ana, now=NOW
        ),
    ),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("what", CASES)
def test_every_row_of_it_says_why(cast: Cast, what: str) -> None:
    first, verb = CASES[what]
    if first is not None:
        first(cast)
    since = newest()
    with transaction.atomic():
        verb(cast)
    rows = RowChange.objects.filter(pk__gt=since)
    assert rows
    silent = [(row.table, row.what, row.why) for row in rows if row.why != WHY]
    assert silent == []


@pytest.mark.django_db
def test_a_reason_that_is_left_blank_leaves_what_was_said_around_it(cast: Cast) -> None:
    since = newest()
    with acting.because("First."):
        booking.cancel(visit=cast.visits[3], cause="client", why=" ", by=cast.dee, now=NOW)
    assert {row.why for row in RowChange.objects.filter(pk__gt=since)} == {"First."}
    assert acting.said() == {}


def test_a_verb_that_could_be_given_its_reason_by_place_is_refused() -> None:
    def verb(why: str) -> str:
        return why

    with pytest.raises(AssertionError):
        acting.because_of("why")(verb)


# --- the floor ------------------------------------------------------------------------------------
def changes_of(entry: SetEntry) -> list[str]:
    kept = RowChange.objects.filter(table="training_setentry", row=entry.pk).order_by("pk")
    return [change.why for change in kept]


def operation(cast: Cast, entry: SetEntry, kind: str, **said: Any) -> None:
    op = sync.Op(uuid.uuid4(), kind, cast.visit.uid, made_at=NOW, entry=entry.uid, payload=said)
    (result,) = sync.apply([op], by=cast.ana, now=NOW)
    assert result.outcome == "applied", result


@pytest.mark.django_db
def test_a_tap_that_asks_no_reason_says_which_tap_it_was(cast: Cast) -> None:
    entry = cast.log(cast.visit, reps=4)
    operation(cast, entry, "correct_set", load="40", reps="5")
    operation(cast, entry, "void_set")
    assert changes_of(entry) == ["Corrected on the floor", "Undone on the floor"]


@pytest.mark.django_db
def test_two_taps_that_are_sent_together_say_each_their_own(cast: Cast) -> None:
    one, two = (cast.log(cast.visit, number=number, reps=4) for number in (1, 2))
    made = [
        sync.Op(
            uuid.uuid4(), "correct_set", cast.visit.uid, made_at=NOW, entry=one.uid,
            payload={"load": "40", "reps": "5", "why": "Read off the wrong line."},
        ),
        sync.Op(uuid.uuid4(), "void_set", cast.visit.uid, made_at=NOW, entry=two.uid),
    ]  # fmt: skip
    assert {one.outcome for one in sync.apply(made, by=cast.ana, now=NOW)} == {"applied"}
    assert changes_of(one) == ["Read off the wrong line."]
    assert changes_of(two) == ["Undone on the floor"]


@pytest.mark.django_db
def test_a_visit_that_is_opened_again_says_so(cast: Cast) -> None:
    cast.log(cast.visit)
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)
    since = newest()
    actions.reopen_visit(visit=cast.visit, by=cast.ana, now=NOW)
    change = RowChange.objects.get(pk__gt=since, table="training_visit")
    assert change.why == "Opened again, to be signed anew"


@pytest.mark.django_db
def test_the_story_of_a_visit_shows_the_reason_of_a_correction_once(cast: Cast) -> None:
    entry = cast.log(cast.visit, reps=4)
    operation(cast, entry, "correct_set", load="40", reps="5", why="Read off the wrong line.")
    lines = [line for day in story(cast.visit, cast.ana) for line in day.lines]
    (corrected,) = [line for line in lines if line.what == "Correct a set"]
    assert corrected.why == "Read off the wrong line."
    assert "wrong line" not in corrected.said


@pytest.mark.django_db
def test_a_slip_of_the_desk_is_a_slip_in_every_row(cast: Cast) -> None:
    booking.cancel(visit=cast.visits[3], cause="client", why="A cold", by=cast.dee, now=NOW)
    since = newest()
    undoing.undo(change=SeatChange.objects.latest("pk"), by=cast.dee, now=NOW)
    rows = RowChange.objects.filter(pk__gt=since)
    assert {row.why for row in rows} == {undoing.SLIP}
    assert Visit.objects.get(pk=cast.visits[3].pk).status == Visit.Status.PLANNED


# --- from where -----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_page_says_who_from_where_and_why(cast: Cast) -> None:
    ana, since = Browser(), newest()
    ana.force_login(cast.ana.user)
    answer = ana.post(f"/c/north/visits/{cast.visit.uid}/say/", {"status": "excused", "why": WHY})
    assert answer.status_code in (200, 302)
    change = RowChange.objects.get(pk__gt=since, table="training_visit")
    assert (change.member, change.source, change.why) == (
        cast.ana,
        answer[tracing.HEADER],
        WHY,
    )
