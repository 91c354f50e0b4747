"""Bad input gets a sentence beside its field, keeps what was typed, and loses nothing."""

import uuid

import pytest

from sessions import facts, sync
from sessions.board import board
from sessions.models import Operation, SetEntry, Visit
from tests.cast import log_op
from tests.sessions.test_visit_page import HTMX, ana, url  # noqa: F401 - ana is a fixture


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"load": "heavy"}, "Write the load as a number in kg, for example 57.5."),
        ({"load": "-5"}, "Write the load as a number in kg, for example 57.5."),
        ({"load": "0"}, "A load is more than 0 and at most 300 kg."),
        ({"load": "9999"}, "A load is more than 0 and at most 300 kg."),
        ({"load": "1e400"}, "Write the load as a number in kg, for example 57.5."),
        ({"load": ""}, "Type the load that was lifted."),
        ({"reps": "0"}, "0 reps is no set. If she tried and could not, tap “None”."),
        ({"reps": "500"}, "Reps is a whole number, 1 to 30."),
        ({"reps": "five"}, "Reps is a whole number, 1 to 30."),
        ({"reps": ""}, "Say reps: a whole number from 1 to 30."),
        ({"rpe": "21"}, "RPE is a whole number, 6 to 20."),
        ({"rpe": "5"}, "RPE is a whole number, 6 to 20."),
        ({"pain": "11"}, "Pain is a whole number, 0 to 10."),
        ({"technique": "superb"}, "Technique is clean or not clean."),
    ],
)
def test_a_bad_field_is_answered_with_a_sentence(cast, ana, typed, sentence):  # noqa: F811
    data = {"load": "41.5", "reps": "5", "rpe": "14", "number": "1", **typed}

    response = ana.post(url(cast), data, **HTMX)

    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert f'value="{data["load"]}"' in page
    if not {"rpe"} & typed.keys():
        assert '<input type="radio" name="rpe" value="14" checked>' in page
    assert not SetEntry.objects.exists()
    assert cast.visit.status == Visit.Status.PLANNED


def test_every_wrong_field_is_said_at_once(cast, ana):  # noqa: F811
    page = ana.post(url(cast), {"load": "x", "reps": "500", "number": "1"}, **HTMX).content.decode()

    assert "Write the load as a number" in page
    assert "Reps is a whole number" in page


def test_without_htmx_the_whole_page_comes_back_with_what_was_typed(cast, ana):  # noqa: F811
    response = ana.post(url(cast), {"load": "heavy", "reps": "5", "number": "1"})

    page = response.content.decode()
    assert response.status_code == 422
    assert "<h1>Cal P.</h1>" in page
    assert 'value="heavy"' in page


def test_tried_and_not_lifted_is_a_set_of_no_reps(cast, ana):  # noqa: F811
    ana.post(url(cast), {"load": "40", "done": "0", "number": "1"}, **HTMX)

    assert SetEntry.objects.get().reps == 0


@pytest.mark.parametrize(
    ("load", "asks"),
    [("44", False), ("44.01", True), ("46", True)],
    ids=["10 % above", "more than 10 % above", "more than 5 kg above"],
)
def test_a_load_far_above_target_is_kept_and_asks_to_be_confirmed(cast, ana, load, asks):  # noqa: F811
    page = ana.post(url(cast), {"load": load, "reps": "5", "number": "1"}, **HTMX).content.decode()

    entry = SetEntry.objects.get()
    assert (str(entry.load.normalize()), entry.to_confirm) == (load, asks)
    assert ("Please confirm" in page) is asks


def test_an_unconfirmed_load_raises_nothing_until_it_is_confirmed(cast, ana):  # noqa: F811
    visit, following = cast.visits[:2]
    cast.promote()
    cast.log_all(visit, "hinge", load="46", rpe=8, technique="clean", pain=0)
    assert _asked_next(cast, following) == 40

    for entry in SetEntry.objects.all():
        ana.post(url(cast, "confirm-set", entry=entry), {"revision": "1"}, **HTMX)
    cast.check_in(following)

    assert _asked_next(cast, following) > 40


def _asked_next(cast, visit):
    shown = facts.on_the_floor(cast.ana).get(pk=visit.pk)
    shown.clinic = cast.north
    return board(shown, [], lift="hinge").current.target.load


def test_the_same_form_sent_twice_is_one_set(cast, ana):  # noqa: F811
    data = {"op": str(uuid.uuid4()), "load": "40", "done": "5", "number": "1"}

    answers = [ana.post(url(cast), data, **HTMX) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert "set 2 of 5" in answers[1].content.decode()
    assert SetEntry.objects.count() == Operation.objects.count() == 1


def test_another_entry_of_the_same_set_is_kept_and_the_more_cautious_one_counts(cast, ana):  # noqa: F811
    cast.log(cast.visit, reps=5)

    page = ana.post(url(cast), {"load": "40", "done": "4", "number": "1"}, **HTMX).content.decode()

    assert "Set 1 was recorded twice." in page
    assert SetEntry.objects.get().reps == 4
    assert Operation.objects.filter(outcome="conflict").get().payload["reps"] == "4"


def test_a_correction_of_what_somebody_changed_meanwhile_makes_a_dispute(cast):
    entry = cast.log(cast.visit, reps=4)
    first, second = (
        sync.Op(
            uuid.uuid4(),
            "correct_set",
            cast.visit.uid,
            made_at=entry.logged_at,
            entry=entry.uid,
            base_revision=1,
            payload={"load": "40", "reps": reps},
        )
        for reps in ("5", "3")
    )

    results = sync.apply([first, second], by=cast.ana)

    entry.refresh_from_db()
    assert [result.outcome for result in results] == ["applied", "conflict"]
    assert (entry.reps, entry.disputed) == (3, True)
    assert Operation.objects.filter(outcome="conflict").get().before["reps"] == 5


def test_nothing_is_logged_before_its_day(cast, ana):  # noqa: F811
    following = cast.visits[1]

    response = ana.post(
        url(cast, visit=following), {"load": "40", "done": "5", "number": "1"}, **HTMX
    )

    assert response.status_code == 422
    assert "This visit is on Monday 9 March." in response.content.decode()


def test_a_visit_of_another_clinic_is_not_there(cast, ana):  # noqa: F811
    theirs = cast.olga_enrollment.visits.first()

    assert ana.get(url(cast, "visit", visit=theirs)).status_code == 404
    assert ana.post(url(cast, visit=theirs), {"load": "40", "done": "5"}, **HTMX).status_code == 404
    results = sync.apply([log_op(theirs)], by=cast.ana)
    assert [result.reason for result in results] == ["There is no such visit."]
    assert not Operation.objects.exists()


def test_an_expired_login_goes_to_the_login_page_and_back_to_the_visit(cast, client):
    page = f"http://testserver{url(cast, 'visit')}"

    response = client.post(url(cast), {"done": "5"}, HTTP_HX_CURRENT_URL=page, **HTMX)

    assert response["HX-Redirect"].startswith("/login")
    assert url(cast, "visit") in response["HX-Redirect"].replace("%2F", "/")
    assert response.content == b""
