"""Notes are signed one by one or a class at once, changed for a day, and amended with a reason."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from sessions import actions, noting, sync
from sessions.models import SessionNote, Visit
from tests.cast import NOW, Cast, assign, enroll
from tests.doors import filled

NOTES = "/c/north/floor/notes/"


@pytest.fixture
def clock(cast: Cast) -> Iterator[Any]:
    with time_machine.travel(NOW, tick=True) as moved:
        yield moved


@pytest.fixture
def ana(cast, client, clock):
    client.force_login(cast.ana.user)
    return client


@pytest.fixture
def visit(cast: Cast) -> Visit:
    cast.log_all(cast.visit)
    return actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)


@pytest.fixture
def dee(cast: Cast) -> Visit:
    """Dee trains beside Cal, and is signed too."""
    seen = assign(enroll(cast.ana, "Dee W."), cast.ana).visits.order_by("during")[0]
    cast.log_all(seen)
    return actions.complete_visit(visit=seen, by=cast.ana, now=NOW)


def page_of(visit: Visit) -> str:
    return f"/c/north/visits/{visit.uid}/note/"


def of_class(visit: Visit) -> str:
    return f"{NOTES}?slot={visit.slot_id}"


def form(browser: Any, address: str, **typed: str) -> dict[str, str]:
    return filled(browser.get(address).content.decode(), **typed)


def in_class(browser: Any, visit: Visit, typed: dict[str, str]) -> dict[str, str]:
    return {**form(browser, of_class(visit)), **typed}


def correct(cast: Cast, visit: Visit, **payload: Any) -> None:
    entry = visit.sets.get(number=1)
    op = sync.Op(
        uuid.uuid4(),
        "correct_set",
        visit.uid,
        made_at=NOW,
        entry=entry.uid,
        base_revision=entry.revision,
        payload={"load": "40", "reps": 4, **payload},
    )
    assert sync.apply([op], by=cast.ana)[0].outcome == "applied"


# --- one visit ------------------------------------------------------------------------------------
def test_signing_as_drafted_needs_no_typing_and_is_marked_so(cast, ana, visit):
    address = page_of(visit)
    response = ana.post(address, form(ana, address))

    assert response.status_code == 302
    note = SessionNote.objects.get()
    assert note.drafted == ["subjective", "objective", "assessment", "plan"]
    assert (note.version, note.signed_by, note.reason) == (1, cast.ana, "")
    assert "5 × 5 × 40 kg" in note.objective
    page = ana.get(address).content.decode()
    assert "Signed by Ana T." in page
    assert "drafted by rule" in page


def test_what_was_typed_is_signed_and_no_longer_called_drafted(cast, ana, visit):
    address = page_of(visit)
    ana.post(address, form(ana, address, assessment="Steady.\r\nMoves well.  "))

    note = SessionNote.objects.get()
    assert note.assessment == "Steady.\nMoves well."
    assert note.drafted == ["subjective", "objective", "plan"]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"assessment": "  "}, "Write how it went, in one line at least."),
        ({"plan": ""}, "Write what is next, in one line at least."),
        ({"plan": "x" * 4001}, "At most 4000 characters; these are 4001."),
    ],
)
def test_an_empty_or_endless_part_is_refused_beside_itself(cast, ana, visit, typed, wrong):
    address = page_of(visit)
    sent = form(ana, address, **{"assessment": "Steady.", "plan": "More.", **typed})
    response = ana.post(address, sent)
    page = response.content.decode()

    assert response.status_code == 422
    assert wrong in page
    for name in ("assessment", "plan"):
        assert f">{sent[name].strip()}</textarea>" in page
    assert not SessionNote.objects.exists()


def test_a_note_waits_for_its_visit(cast, ana):
    cast.log_all(cast.visit)
    address = page_of(cast.visit)
    page = ana.get(address).content.decode()
    assert "A note is signed once its visit is." in page
    assert "5 × 5 × 40 kg" in page

    sent = {"version": "0", "seal": "x", "assessment": "Steady.", "plan": "More."}
    response = ana.post(address, sent)

    assert response.status_code == 422
    assert "Complete it first, then its note." in response.content.decode()
    assert not SessionNote.objects.exists()


def test_within_a_day_it_is_signed_again_and_both_versions_stay(cast, ana, visit, clock):
    address = page_of(visit)
    ana.post(address, form(ana, address))
    clock.move_to(NOW + timedelta(hours=23))
    page = ana.get(address).content.decode()
    assert "Change it and sign again" in page
    assert "Why is it changed" not in page

    ana.post(address, filled(page, assessment="Tired today."))

    first, second = SessionNote.objects.order_by("version")
    assert (first.version, second.version) == (1, 2)
    assert first.assessment != second.assessment == "Tired today."
    page = ana.get(address).content.decode()
    assert "Version 1, Ana T." in page
    assert all(f"<li>{line}</li>" in page for line in first.assessment.splitlines())


def test_after_a_day_it_is_amended_with_a_reason(cast, ana, visit, clock):
    address = page_of(visit)
    ana.post(address, form(ana, address))
    clock.move_to(NOW + timedelta(hours=25))
    sent = form(ana, address, assessment="Tired today.")

    response = ana.post(address, sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert "It was signed a while ago. Write why it is changed." in page
    assert ">Tired today.</textarea>" in page

    ana.post(address, {**sent, "reason": "She told me later."})
    note = SessionNote.objects.get(version=2)
    assert (note.assessment, note.reason) == ("Tired today.", "She told me later.")
    assert "Changed because: She told me later." in ana.get(address).content.decode()


def test_a_note_that_nobody_signed_is_signed_late_without_a_reason(cast, ana, visit, clock):
    clock.move_to(NOW + timedelta(days=9))
    address = page_of(visit)

    assert ana.post(address, form(ana, address)).status_code == 302


def test_a_signed_note_stays_as_it_was_and_says_that_sets_were_corrected(cast, ana, visit):
    address = page_of(visit)
    ana.post(address, form(ana, address))
    before = SessionNote.objects.values().get()
    said = "Sets were corrected after it was signed."
    assert said not in ana.get(address).content.decode()

    correct(cast, visit)

    assert SessionNote.objects.values().get() == before
    assert said in ana.get(address).content.decode()
    assert said in ana.get(of_class(visit)).content.decode()
    ana.post(address, form(ana, address))
    assert "was 5 reps" in SessionNote.objects.get(version=2).objective
    assert said not in ana.get(address).content.decode()


def test_nothing_is_signed_that_was_not_read(cast, ana, visit):
    """A set is corrected while the page is open: it is drawn again, with what was typed."""
    address = page_of(visit)
    sent = form(ana, address, plan="Same again.")
    correct(cast, visit)

    response = ana.post(address, sent)
    page = response.content.decode()

    assert response.status_code == 422
    assert "The log has changed since this page was drawn." in page
    assert ">Same again.</textarea>" in page
    # What was left as drafted follows the new draft.
    assert "24 of 25 reps" in page
    assert not SessionNote.objects.exists()
    assert ana.post(address, filled(page)).status_code == 302
    assert SessionNote.objects.get().plan == "Same again."


def test_the_second_of_two_is_told_and_loses_nothing(cast, ana, visit, client):
    address = page_of(visit)
    sent = form(ana, address, assessment="By Ana.")
    client.force_login(cast.tess.user)
    client.post(address, form(client, address, assessment="By Tess."))
    client.force_login(cast.ana.user)

    response = ana.post(address, sent)
    page = response.content.decode()

    assert response.status_code == 422
    assert "Tess T. signed this note at 12:0" in page
    assert "What you typed is kept; nothing of it is signed." in page
    assert ">By Ana.</textarea>" in page
    assert "By Tess." in page
    assert SessionNote.objects.get().signed_by == cast.tess
    ana.post(address, filled(page))
    assert SessionNote.objects.get(version=2).assessment == "By Ana."


def test_a_note_of_a_visit_that_is_open_again_says_so(cast, ana, visit):
    address = page_of(visit)
    ana.post(address, form(ana, address))
    actions.reopen_visit(visit=visit, by=cast.ana)

    page = ana.get(address).content.decode()

    assert "The visit is open again." in page
    assert "sign again" not in page


# --- a class --------------------------------------------------------------------------------------
def test_a_whole_class_is_signed_with_one_tap(cast, ana, visit, dee):
    page = ana.get(of_class(visit)).content.decode()
    assert "Sign all 2 as Ana T." in page

    response = ana.post(NOTES, filled(page) | {"sign": "class"})

    assert response["Location"] == of_class(visit)
    assert {note.visit_id for note in SessionNote.objects.all()} == {visit.pk, dee.pk}
    assert all(len(note.drafted) == 4 for note in SessionNote.objects.all())
    assert "all are signed" in ana.get(of_class(visit)).content.decode()


def test_signing_one_keeps_what_was_typed_of_another(cast, ana, visit, dee):
    typed = {f"{dee.uid}-assessment": "Not finished yet", "sign": str(visit.uid)}
    response = ana.post(NOTES, in_class(ana, visit, typed))
    page = response.content.decode()

    assert response.status_code == 200
    assert SessionNote.objects.get().visit == visit
    assert ">Not finished yet</textarea>" in page
    ana.post(NOTES, filled(page) | {"sign": str(dee.uid)})
    assert SessionNote.objects.get(visit=dee).assessment == "Not finished yet"


def test_all_at_once_signs_what_can_be_and_says_what_cannot(cast, ana, visit, dee):
    typed = {f"{dee.uid}-plan": "", f"{visit.uid}-plan": "Same.", "sign": "class"}
    response = ana.post(NOTES, in_class(ana, visit, typed))
    page = response.content.decode()

    assert response.status_code == 422
    assert "1 note is signed." in page
    assert "Write what is next, in one line at least." in page
    assert SessionNote.objects.get().visit == visit


def test_a_note_that_somebody_else_signed_is_not_signed_again(cast, ana, visit, dee):
    sent = in_class(ana, visit, {"sign": "class", f"{dee.uid}-plan": "Mine."})
    for one in (visit, dee):
        seen = noting.floor_of(cast.tess).filter(pk=one.pk)
        noting.sign_as_drafted(list(seen), by=cast.tess, now=NOW)

    response = ana.post(NOTES, sent)
    page = response.content.decode()

    assert response.status_code == 422
    assert page.count("Tess T. signed this note at") == 2
    assert page.count("What you typed is kept") == 1
    assert ">Mine.</textarea>" in page
    assert SessionNote.objects.count() == 2


def test_who_is_not_signed_yet_is_named_beside_the_others(cast, ana, visit):
    seen = assign(enroll(cast.ana, "Dee W."), cast.ana).visits.order_by("during")[0]
    cast.log(seen)

    page = ana.get(of_class(visit)).content.decode()

    assert "Not completed" in page
    assert "Dee W." in page
    assert "1 to sign" in page


def test_without_a_slot_the_class_with_a_note_to_sign_is_drawn(cast, ana, visit):
    assert "Notes, Thursday 5 March, 09:00" in ana.get(NOTES).content.decode()


def test_a_clinic_without_a_note_says_so(cast, ana):
    assert "No notes yet" in ana.get(NOTES).content.decode()


@pytest.mark.parametrize("slot", ["0", "-1", "x", "9" * 30, "²", "999999999"])
def test_a_slot_that_is_none_is_not_there(cast, ana, slot):
    assert ana.get(f"{NOTES}?slot={slot}").status_code == 404


def test_another_clinics_class_is_not_there(cast, ana):
    theirs = cast.olga_enrollment.visits.first()
    assert ana.get(f"{NOTES}?slot={theirs.slot_id}").status_code == 404


@pytest.mark.parametrize("sent", [{}, {"sign": "class"}, {"sign": "nobody"}, {"version": "x"}])
def test_a_form_without_its_notes_signs_nothing(cast, ana, visit, sent):
    response = ana.post(NOTES, {"slot": str(visit.slot_id), **sent})

    assert response.status_code in (200, 302, 422)
    assert not SessionNote.objects.exists()


# --- where they are found -------------------------------------------------------------------------
def test_today_has_the_notes_to_sign_until_they_are(cast, ana, visit, clock):
    assert "1 note to sign" in ana.get("/c/north/today/").content.decode()
    clock.move_to(NOW + timedelta(days=2))
    page = ana.get("/c/north/today/").content.decode()
    assert "Notes to sign" in page
    assert of_class(visit) in page

    ana.post(page_of(visit), form(ana, page_of(visit)))

    assert "Notes to sign" not in ana.get("/c/north/today/").content.decode()
    clock.move_to(NOW)
    assert "to sign" not in ana.get("/c/north/today/").content.decode()


def test_the_notes_to_sign_are_ones_own(cast, ana, visit, clock, client):
    clock.move_to(NOW + timedelta(days=2))
    client.force_login(cast.tess.user)

    assert "Notes to sign" not in client.get("/c/north/today/").content.decode()


def test_the_visit_and_the_client_lead_to_the_note(cast, ana, visit):
    assert page_of(visit) in ana.get(f"/c/north/visits/{visit.uid}/").content.decode()
    page = ana.get(f"/c/north/clients/{cast.cal_client.pk}/").content.decode()
    assert page_of(visit) in page
    assert "note to sign" in page
