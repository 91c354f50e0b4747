"""The history of a visit is read by people: no field names, and nothing that was not said."""

import pytest

from sessions import saying
from sessions.models import SetEntry
from tests.sessions.test_visit_page import ana, url  # noqa: F401 - ana is a fixture

LIFTED = SetEntry(reps=5, entered_unit="kg")
LANDED = SetEntry(landings=5)


@pytest.mark.parametrize(
    ("payload", "entry", "words"),
    [
        # A tap on Done says its number for whatever the lift counts.
        (
            {"lift": "hinge", "number": "1", "load": "21", "reps": "5", "seconds": "5"},
            LIFTED,
            "21 kg, 5 reps",
        ),
        ({"reps": "5", "landings": "5", "level": "0"}, LANDED, "5 landings, level 0"),
        ({"load": "45", "unit": "lb", "reps": "5"}, LIFTED, "45 lb, 5 reps"),
        ({"load": "45", "reps": "5"}, SetEntry(reps=5, entered_unit="lb"), "45 lb, 5 reps"),
        (
            {"reps": "4", "technique": "not_clean", "rpe": "19", "pain": "3", "pain_site": "knee"},
            LIFTED,
            "4 reps, RPE 19, not clean, pain 3, knee",
        ),
        ({"next_day": "0", "now": "0"}, None, "worst pain since last time 0, pain now 0"),
        ({"away": "fall"}, None, "since last time: fall"),
        ({"status": "no_show", "why": "Forgot"}, None, "no-show, Forgot"),
        ({"why": "dizzy"}, None, "dizzy or faint"),
        ({}, None, ""),
    ],
)
def test_what_was_said_is_told_in_words(payload, entry, words):
    assert saying.said(payload, entry) == words


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (None, ""),
        ({"status": "checked_in", "why": ""}, "here"),
        (
            {"load": "30", "entered_load": "30", "entered_unit": "kg", "reps": 5, "clean": True,
             "rpe": None, "landings": None, "to_confirm": True, "revision": 1},
            "30 kg, 5 reps, clean, to be confirmed",
        ),
        ({"load": "30", "reps": 5, "to_confirm": False, "revision": 2}, "30 kg, 5 reps"),
        ({"answers": None}, ""),
        (
            {"answers": {"next_day": [2, "knee", "known"], "now": [None, "", ""], "away": ""}},
            "worst pain since last time 2, knee, known and unchanged",
        ),
    ],
)  # fmt: skip
def test_what_stood_before_is_told_in_words(before, words):
    assert saying.stood(before, LIFTED if before and "load" in before else None) == words


def test_the_history_of_a_visit_reads_as_it_was_said(cast, ana):  # noqa: F811
    cast.log(cast.visit, reps=4)
    entry = cast.visit.sets.get()
    ana.post(url(cast, "correct-set", entry=entry), {"load": "40", "reps": "5", "revision": "1"})

    page = ana.get(url(cast, "visit-history")).text

    assert '<p class="said">40 kg, 5 reps</p>' in page
    assert '<p class="stood hush">Before: 40 kg, 4 reps</p>' in page
    for name in ("entered_load", "to_confirm", "seconds", "checked_in"):
        assert name not in page
