"""The visit page: one tap a set, with and without htmx."""

import pytest
from django.urls import reverse

from sessions.models import Operation, SetEntry, Visit

HTMX = {"HTTP_HX_REQUEST": "true"}


def url(cast, name="log-set", *, visit=None, lift="hinge", entry=None, clinic="north"):
    visit = visit or cast.visit
    args = {"clinic": clinic, "uid": visit.uid}
    if name in {"log-set", "correct-set", "confirm-set", "void-set"}:
        args["lift"] = lift
    if entry:
        args["entry"] = entry.uid
    return reverse(f"sessions:{name}", kwargs=args)


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana.user)
    return client


def test_the_page_says_what_to_lift_and_why(cast, ana):
    page = ana.get(url(cast, "visit")).content.decode()

    assert "Deadlift, set 1 of 5" in page
    assert "Done as prescribed" in page
    assert "Starts at 40 kg, from the technique set." in page
    assert "20 kg bar, each side 10" in page


def test_as_prescribed_is_one_tap_and_the_lift_comes_back(cast, ana):
    response = ana.post(url(cast), {"done": "5", "load": "40", "number": "1"}, **HTMX)

    entry = SetEntry.objects.get()
    assert (entry.load, entry.reps, entry.rpe, entry.clean, entry.pain) == (40, 5, None, None, None)
    page = response.content.decode()
    assert "set 2 of 5" in page
    assert "<h1>" not in page


def test_without_htmx_a_tap_leads_back_to_the_page(cast, ana):
    response = ana.post(url(cast), {"done": "5", "load": "40", "number": "1"})

    assert response.status_code == 302
    assert response["Location"] == url(cast, "visit") + "?lift=hinge"


def test_logging_a_set_takes_at_most_eight_queries(cast, ana, django_assert_max_num_queries):
    """The first one of a class takes one more: it names who is on the floor."""
    ana.get(url(cast, "visit"))  # a process knows the immutable program after its first page
    address, overhead = url(cast), 3
    for number, most in (("1", 9), ("2", 8)):
        with django_assert_max_num_queries(most + overhead):
            ana.post(address, {"done": "5", "load": "40", "number": number}, **HTMX)
    assert SetEntry.objects.count() == 2


def test_completing_takes_the_therapists_name_and_shows_what_is_next(cast, ana):
    cast.promote()
    for lift in ("hinge", "squat", "press"):
        cast.log_all(cast.visit, lift, rpe=8, technique="clean", pain=0)

    page = ana.post(url(cast, "complete"), follow=True).content.decode()

    assert cast.visit.status == Visit.Status.ATTENDED
    assert cast.visit.completed_by == cast.ana
    assert "Up 2.5 kg" in page


def test_a_correction_keeps_what_was_there_before(cast, ana):
    entry = cast.log(cast.visit, reps=4)

    page = ana.post(
        url(cast, "correct-set", entry=entry), {"load": "40", "reps": "5", "revision": "1"}, **HTMX
    )

    entry.refresh_from_db()
    assert (entry.reps, entry.revision) == (5, 2)
    assert Operation.objects.get(kind="correct_set").before["reps"] == 4
    assert "first entered as 40 kg × 4" in page.content.decode()
