"""A block beside a program: added once, its lifts after the others, ended again."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from sessions import moving
from sessions.actions import Refused
from sessions.facts import standing_now
from tests.cast import NOW
from tests.programs.versions import newest


@pytest.fixture
def ana(cast):
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


@pytest.fixture
def base(cast):
    return f"/c/north/clients/{cast.cal_client.pk}/"


def lifts(cast, now=None):
    return list(standing_now(cast.enrollment, clinic=cast.north, now=now or timezone.now()).targets)


def add(cast, now=NOW):
    return moving.add_block(
        enrollment=cast.enrollment,
        version=newest(cast.north, "balance-falls"),
        reason="Two falls",
        by=cast.ana,
        now=now,
    )


def test_the_lifts_of_a_block_come_after_those_of_the_program(cast):
    before = lifts(cast)
    add(cast)
    after = lifts(cast)
    assert after[: len(before)] == before
    assert "one_leg" in after[len(before) :]


def test_a_block_is_added_once(cast):
    add(cast)
    with pytest.raises(Refused, match="runs beside the program already"):
        add(cast)
    assert cast.enrollment.tracks.count() == 2


def test_a_program_is_no_block(cast):
    with pytest.raises(Refused, match="is a program of its own"):
        moving.add_block(
            enrollment=cast.enrollment,
            version=newest(cast.north, "graduated-strength"),
            reason="x",
            by=cast.ana,
            now=NOW,
        )


def test_a_block_ends_today_and_its_days_before_stay(cast):
    add(cast)
    later = NOW + timedelta(days=7)
    track = moving.blocks_of(cast.enrollment)[0]
    moving.end_block(
        enrollment=cast.enrollment, track=track, reason="Steady", by=cast.ana, now=later
    )
    assert "one_leg" not in lifts(cast, later)
    assert "one_leg" in lifts(cast, later - timedelta(days=1))
    add(cast, later + timedelta(hours=1))
    assert "one_leg" in lifts(cast, later + timedelta(hours=2))


def test_a_block_added_and_ended_on_one_day_is_gone(cast):
    before = lifts(cast)
    add(cast)
    track = moving.blocks_of(cast.enrollment)[0]
    moving.end_block(
        enrollment=cast.enrollment, track=track, reason="Wrong client", by=cast.ana, now=NOW
    )
    assert lifts(cast) == before
    kinds = cast.enrollment.decisions.exclude(kind="start").values_list("kind", flat=True)
    assert list(kinds) == ["add_block", "end_block"]
    with pytest.raises(Refused, match="has ended already"):
        moving.end_block(enrollment=cast.enrollment, track=track, reason="x", by=cast.ana)


def test_a_block_stays_when_the_program_is_changed(cast):
    add(cast)
    moving.move_to_version(
        enrollment=cast.enrollment,
        version=newest(cast.north, "graduated-strength"),
        reason="x",
        by=cast.ana,
        now=NOW,
    )
    assert "one_leg" in lifts(cast)


def test_a_block_is_added_and_ended_on_its_pages(ana, cast, base):
    page = ana.get(base + "plan/blocks/").content.decode()
    assert "One-leg stand" in page
    assert "Begins." in page
    version = newest(cast.north, "balance-falls")
    assert ana.post(base + "plan/blocks/", {"version": version.pk}).status_code == 422
    assert ana.post(base + "plan/blocks/", {"version": version.pk, "reason": "Falls"}).url == base
    again = ana.post(base + "plan/blocks/", {"version": version.pk, "reason": "Falls"})
    assert again.status_code == 422
    assert "runs beside the program already" in again.content.decode()

    track = moving.blocks_of(cast.enrollment)[0]
    end = f"{base}plan/blocks/{track.pk}/end/"
    assert end in ana.get(base + "plan/blocks/").content.decode()
    assert ana.post(end, {"reason": ""}, HTTP_HX_REQUEST="true").status_code == 422
    assert ana.post(end, {"reason": "Steady"}).url == base
    assert ana.get(end).status_code == 404


def test_only_therapists_of_the_clinic_add_and_end_blocks(cast, base):
    add(cast)
    track = moving.blocks_of(cast.enrollment)[0]
    for who, status in ((cast.ada, 403), (cast.cal, 403), (cast.otto, 404)):
        browser = Browser()
        browser.force_login(who.user)
        for page in ("plan/blocks/", f"plan/blocks/{track.pk}/end/"):
            assert browser.get(base + page).status_code == status
            assert browser.post(base + page, {"reason": "x"}).status_code == status
    assert len(moving.blocks_of(cast.enrollment)) == 1
