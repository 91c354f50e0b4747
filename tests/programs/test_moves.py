"""A client goes to another version: shown before, from today on, and the past as it was."""

from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from programs.models import Decision, Track
from sessions import moving, outcome
from sessions.actions import Refused, decide
from sessions.facts import standing_for, standing_now
from sessions.models import SetEntry, Visit
from sessions.planning import plan_visits
from tests.cast import NOW, TODAY
from tests.programs.versions import newest, next_version, other_codes, same_again, three_sets


@pytest.fixture
def ana(cast):
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


@pytest.fixture
def url(cast):
    return f"/c/north/clients/{cast.cal_client.pk}/plan/version/"


def move(cast, version, **more):
    said = {"reason": "Fewer sets", "by": cast.ana, "now": NOW, **more}
    return moving.move_to_version(enrollment=cast.enrollment, version=version, **said)


def now_of(cast, now=None):
    return standing_now(cast.enrollment, clinic=cast.north, now=now or timezone.now())


def asked(standing):
    return {lift: (one.load, one.sets, one.reps) for lift, one in standing.targets.items()}


def tracks(cast):
    rows = cast.enrollment.tracks.order_by("starts_on", "pk")
    return [(one.version.number, one.starts_on, one.ends_on) for one in rows]


def test_a_move_asks_for_what_the_new_version_says(cast):
    before = asked(now_of(cast))
    move(cast, next_version(cast.north, three_sets))
    after = asked(now_of(cast))
    assert (before["hinge"][1], after["hinge"][1]) == (5, 3)
    assert {**after, "hinge": None} == {**before, "hinge": None}


def test_a_move_leaves_every_day_before_it_as_it_was(cast):
    cast.promote()
    cast.check_in(cast.visit)
    cast.log_all(cast.visit, rpe=16, clean=True)
    later = NOW + timedelta(days=4)
    plan_visits(now=later, clinic=cast.north)
    kept = list(Decision.objects.order_by("pk").values()), list(SetEntry.objects.values())
    yesterday = later - timedelta(days=1)
    past, of_the_visit = (
        now_of(cast, yesterday),
        standing_for(cast.visit, clinic=cast.north, cleared=0),
    )

    move(cast, next_version(cast.north, three_sets), now=later)

    assert now_of(cast, yesterday).state == past.state
    assert now_of(cast, yesterday).targets == past.targets
    again = standing_for(cast.visit, clinic=cast.north, cleared=0)
    assert (again.state, again.targets) == (of_the_visit.state, of_the_visit.targets)
    assert asked(now_of(cast, later))["hinge"][1] == 3
    decisions = list(Decision.objects.exclude(kind="move").order_by("pk").values())
    assert (decisions, list(SetEntry.objects.values())) == kept


def test_the_track_before_ends_the_day_before(cast):
    later = NOW + timedelta(days=4)
    move(cast, next_version(cast.north, three_sets), now=later)
    assert tracks(cast) == [(1, TODAY, date(2026, 3, 8)), (2, date(2026, 3, 9), None)]


def test_a_second_move_of_the_same_day_replaces_the_first(cast):
    later = NOW + timedelta(days=4)
    first = next_version(cast.north, three_sets)
    move(cast, first, now=later)
    move(cast, newest(cast.north, "graduated-strength"), now=later + timedelta(hours=1))
    assert [one[1:] for one in tracks(cast)] == [
        (TODAY, date(2026, 3, 8)),
        (date(2026, 3, 9), None),
    ]
    assert "carry" in asked(now_of(cast, later + timedelta(hours=2)))
    back = newest(cast.north, "hirit-liftmor")
    move(cast, back, now=later + timedelta(hours=3))
    assert asked(now_of(cast, later + timedelta(hours=4)))["hinge"][1] == 3
    assert [one.version for one in cast.enrollment.decisions.filter(kind="move")][::2] == [
        first,
        back,
    ]


def test_what_is_shown_before_is_what_comes_after(cast):
    cast.log_all(cast.visit, rpe=12, clean=True)
    for version in (
        next_version(cast.north, three_sets),
        newest(cast.north, "graduated-strength"),
        newest(cast.north, "general-strength"),
    ):
        before = now_of(cast)
        shown = outcome.after_move(cast.enrollment, version, now=timezone.now())
        move(cast, version)
        assert outcome.outcome(before.state, now_of(cast).state) == shown
        assert not shown.nothing


def test_a_version_that_changes_nothing_says_so(ana, cast, url):
    next_version(cast.north, same_again)
    assert "Nothing changes for Cal P." in ana.get(url).content.decode()


def test_a_prescription_already_told_is_asked_for_anew(cast):
    monday = cast.visits[1]
    Visit.objects.filter(pk=monday.pk).update(prescription={"told": "before"})
    move(cast, next_version(cast.north, three_sets))
    assert Visit.objects.get(pk=monday.pk).prescription is None


def test_the_version_followed_and_a_block_are_refused(cast):
    block = newest(cast.north, "balance-falls")
    for version, words in (
        (newest(cast.north, "hirit-liftmor"), "is followed already"),
        (block, "is a block"),
    ):
        with pytest.raises(Refused, match=words):
            move(cast, version)
    assert Track.objects.filter(enrollment=cast.enrollment).count() == 1


def test_a_phase_said_today_that_the_version_has_not_stops_the_move(ana, cast, url):
    decide(enrollment=cast.enrollment, kind="promote", phase="BUILD", reason="Ready", by=cast.ana)
    version = next_version(cast.north, other_codes)
    page = ana.get(f"{url}?version={version.pk}").content.decode()
    assert "Something decided today is not in that version." in page
    answer = ana.post(url, {"version": version.pk, "reason": "x"})
    assert answer.status_code == 422
    assert tracks(cast)[0][0] == 1
    assert ana.get(f"/c/north/clients/{cast.cal_client.pk}/").status_code == 200


# --- the page -------------------------------------------------------------------------------------


def test_a_move_is_shown_and_done_on_its_page(ana, cast, url):
    version = next_version(cast.north, three_sets)
    page = ana.get(url).content.decode()
    assert "5 × 5" in page
    assert "<ins>3 × 5</ins>" in page
    assert ana.post(url, {"version": version.pk, "reason": ""}).status_code == 422
    answer = ana.post(url, {"version": version.pk, "reason": "Fewer sets"})
    assert answer.url == f"/c/north/clients/{cast.cal_client.pk}/"
    said = cast.enrollment.decisions.get(kind="move")
    assert (said.version, said.by, said.reason) == (version, cast.ana, "Fewer sets")
    home = ana.get(answer.url).content.decode()
    assert "version 2" in home
    assert f"decisions/{said.pk}/take-back" not in home


def test_htmx_gets_the_form_alone_with_422(ana, cast, url):
    version = next_version(cast.north, three_sets)
    answer = ana.post(url, {"version": version.pk}, HTTP_HX_REQUEST="true")
    assert answer.status_code == 422
    assert answer.content.decode().lstrip().startswith("<form")


def test_a_version_of_nobody_or_of_another_clinic_is_404(ana, cast, url):
    theirs = newest(cast.harbor, "graduated-strength")
    for version in (theirs.pk, 10**9, "x", cast.enrollment.tracks.get().version_id):
        assert ana.get(f"{url}?version={version}").status_code == 404
        assert ana.post(url, {"version": version, "reason": "x"}).status_code == 404


def test_only_therapists_of_the_clinic_move_a_client(cast, url):
    version = next_version(cast.north, three_sets)
    for who, status in ((cast.ada, 403), (cast.cal, 403), (cast.otto, 404)):
        browser = Browser()
        browser.force_login(who.user)
        assert browser.get(url).status_code == status
        answer = browser.post(url, {"version": version.pk, "reason": "x"})
        assert answer.status_code == status
    assert len(tracks(cast)) == 1
