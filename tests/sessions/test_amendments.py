"""A visit that was signed more than a day ago is changed with a reason, and both stay readable."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from sessions import actions, sync
from sessions.models import Operation, SetEntry
from tests.cast import NOW, Cast, log_op

HTMX = {"HTTP_HX_REQUEST": "true"}
WHY = "Typed for another client"
LATER = NOW + timedelta(hours=25)


@pytest.fixture
def entry(cast: Cast) -> Iterator[SetEntry]:
    """The first of five sets of a visit that was signed 25 hours ago."""
    cast.log_all(cast.visit)
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)
    with time_machine.travel(LATER, tick=True):
        yield SetEntry.objects.get(number=1)


@pytest.fixture
def later(cast: Cast) -> Iterator[Any]:
    """A clock that can be moved on."""
    with time_machine.travel(NOW, tick=True) as clock:
        yield clock


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana.user)
    return client


def change(
    cast: Cast, kind: str, entry: SetEntry, at: datetime = LATER, **payload: Any
) -> sync.Result:
    if kind == "log_set":
        op = log_op(cast.visit, number=6, **payload)
    else:
        said = {"load": "37.5", "reps": 4} if kind == "correct_set" else {}
        said |= {"now": "0"} if kind == "answer" else {}
        op = sync.Op(
            uuid.uuid4(),
            kind,
            cast.visit.uid,
            made_at=NOW,
            entry=entry.uid if kind != "answer" else None,
            base_revision=entry.revision,
            payload={**said, **payload},
        )
    return sync.apply([op], by=cast.ana, now=at)[0]


AMENDING = pytest.mark.parametrize(
    "kind", ["log_set", "correct_set", "confirm_set", "void_set", "answer"]
)


@AMENDING
@pytest.mark.parametrize("why", [None, "", "   "])
def test_without_a_reason_nothing_is_changed(cast, entry, kind, why):
    before = list(SetEntry.objects.order_by("pk").values())
    result = change(cast, kind, entry, **({} if why is None else {"why": why}))

    assert result.outcome == "refused"
    assert result.errors == {"why": "It was signed a while ago. Write why it is changed."}
    assert list(SetEntry.objects.order_by("pk").values()) == before
    assert cast.visit.answers is None


@AMENDING
def test_with_a_reason_it_is_changed_and_the_reason_is_kept(cast, entry, kind):
    result = change(cast, kind, entry, why=WHY)

    assert result.outcome == "applied", result
    assert Operation.objects.get(uid=result.uid).payload["why"] == WHY


@AMENDING
def test_a_reason_is_short(cast, entry, kind):
    assert change(cast, kind, entry, why="x" * 200).outcome == "applied"
    result = change(cast, kind, entry, why="x" * 201)
    assert result.errors == {"why": "Write the reason in at most 200 characters."}


@AMENDING
def test_in_its_first_day_a_change_needs_none(cast, kind):
    cast.log_all(cast.visit)
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)
    first = SetEntry.objects.get(number=1)

    assert change(cast, kind, first, at=NOW + timedelta(hours=24)).outcome == "applied"


def test_a_late_check_in_changes_no_answer_without_a_reason(cast, entry):
    def check_in(**payload: Any) -> str:
        op = sync.Op(uuid.uuid4(), "check_in", cast.visit.uid, made_at=LATER, payload=payload)
        return sync.apply([op], by=cast.ana, now=LATER)[0].outcome

    assert [check_in(), check_in(now="4")] == ["applied", "refused"]
    assert cast.visit.answers is None


def test_a_visit_that_nobody_signed_is_logged_late_without_a_reason(cast):
    later = NOW + timedelta(days=3)
    result = sync.apply([log_op(cast.visit)], by=cast.ana, now=later)[0]

    assert result.outcome == "applied"


def test_a_correction_keeps_what_the_set_said_and_who_said_why(cast, entry, ana):
    change(cast, "correct_set", entry, why=WHY)
    page = ana.get(f"/c/north/visits/{cast.visit.uid}/history/").content.decode()

    assert '<p class="said">37.5 kg, 4 reps</p>' in page
    assert f'<p class="why-said">“{WHY}”</p>' in page
    assert Operation.objects.get(kind="correct_set").before["load"] == "40"


# --- the plain page -------------------------------------------------------------------------------
def address(cast: Cast, entry: SetEntry | None = None, verb: str = "") -> str:
    base = f"/c/north/visits/{cast.visit.uid}/"
    return f"{base}hinge/sets/{entry.uid}/{verb}/" if entry else f"{base}{verb}"


def test_the_page_asks_why_exactly_then(cast, entry, ana):
    assert "Why is it changed" in ana.get(address(cast)).content.decode()

    open_visit = cast.visits[1]
    page = ana.get(f"/c/north/visits/{open_visit.uid}/").content.decode()
    assert "Why is it changed" not in page


def test_a_visit_signed_today_is_changed_as_before(cast, ana):
    cast.log_all(cast.visit)
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)

    page = ana.get(address(cast)).content.decode()

    assert "Why is it changed" not in page
    assert "Open to change until 6 March, 12:00" in page


def test_a_correction_without_a_reason_comes_back_with_all_that_was_typed(cast, entry, ana):
    typed = {"load": "37.5", "reps": "4", "rpe": "15", "revision": "1", "why": ""}
    response = ana.post(address(cast, entry, "correct"), typed, **HTMX)
    page = response.content.decode()

    assert response.status_code == 422
    assert "It was signed a while ago. Write why it is changed." in page
    assert 'value="37.5"' in page
    assert 'name="reps" value="4"' in page
    assert 'name="rpe" value="15" checked' in page
    entry.refresh_from_db()
    assert entry.revision == 1


def test_a_wrong_load_keeps_the_reason_that_was_typed(cast, entry, ana):
    typed = {"load": "heavy", "reps": "4", "revision": "1", "why": WHY}
    page = ana.post(address(cast, entry, "correct"), typed, **HTMX).content.decode()

    assert f'name="why" maxlength="200" autocomplete="off" value="{WHY}"' in page
    assert "Write the load as a number in kg" in page


@pytest.mark.parametrize("typed", ["", "x" * 201])
def test_taking_a_set_back_asks_beside_its_button(cast, entry, ana, typed):
    response = ana.post(address(cast, entry, "void"), {"revision": "1", "why": typed}, **HTMX)
    page = response.content.decode()

    assert response.status_code == 422
    opened = page[page.index('<details class="take-back" open>') :]
    assert f'id="{entry.uid}-void_set"' in opened
    assert f'value="{typed}" aria-invalid="true"' in opened
    assert not SetEntry.objects.get(pk=entry.pk).voided
    # The form of the next set is as it was, without an error of another one.
    assert page.count('aria-invalid="true"') == 1


def test_taking_a_set_back_with_a_reason_does_it(cast, entry, ana):
    ana.post(address(cast, entry, "void"), {"revision": "1", "why": WHY}, **HTMX)

    assert SetEntry.objects.get(pk=entry.pk).voided
    assert Operation.objects.get(kind="void_set").payload == {"why": WHY}


def test_a_load_is_confirmed_with_a_reason(cast, ana, later):
    heavy = cast.log(cast.visit, load="60")
    assert heavy.to_confirm
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)
    later.move_to(LATER)

    asked = ana.post(address(cast, heavy, "confirm"), {"revision": "1"}, **HTMX)
    assert asked.status_code == 422
    assert f'id="{heavy.uid}-confirm_set"' in asked.content.decode()
    ana.post(address(cast, heavy, "confirm"), {"revision": "1", "why": WHY}, **HTMX)

    assert not SetEntry.objects.get(pk=heavy.pk).to_confirm


def test_one_reason_holds_for_the_next_set_too(cast, entry, ana):
    typed = {"load": "40", "done": "5", "number": "6", "why": WHY}
    page = ana.post(address(cast, verb="hinge/log/"), typed, **HTMX).content.decode()

    assert SetEntry.objects.filter(number=6).exists()
    assert f'id="why" name="why" maxlength="200" autocomplete="off" value="{WHY}"' in page


def test_an_answer_on_arrival_is_refused_with_words(cast, entry, ana):
    page = ana.post(address(cast, verb="check-in/"), {"well": "1"}, follow=True).content.decode()

    assert "It was signed a while ago. Write why it is changed." in page
    assert cast.visit.answers is None
