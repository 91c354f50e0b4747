"""The preview of a client: the same numbers that really logging those sets would give."""

from __future__ import annotations

import pytest
import time_machine

from programs.preview import SCENARIOS, ahead
from sessions.facts import log_now, standing_for
from sessions.moving import end_enrollment
from sessions.outlook import coming, preview, trace
from tests.cast import NOW, TODAY

LIFTS = ("hinge", "squat", "press", "impact")


@pytest.fixture
def url(cast):
    return f"/c/north/clients/{cast.cal_client.pk}/plan/preview/"


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana.user)
    return client


def test_it_says_what_really_logging_those_sets_says(cast):
    """Three visits, every lift, through the one writer of sets."""
    cast.promote()
    before = cast.visit.starts_at
    log = log_now(cast.enrollment, clinic=cast.north, now=before, ahead=before)
    visits = coming(cast.enrollment, clinic=cast.north, now=before)
    state = trace(log.events)[-1].state
    found = ahead(state, visits, SCENARIOS[0], first=TODAY)

    asked = []
    for supposed, visit in zip(found, cast.visits[:3], strict=False):
        assert supposed.visit.starts_at == visit.starts_at
        with time_machine.travel(visit.starts_at):
            cast.check_in(visit)
            visit.refresh_from_db()
            really = standing_for(visit, clinic=cast.north, cleared=0).targets
            assert supposed.asked == really
            asked.append(really["hinge"].load)
            for done in supposed.done:
                for one in done.sets:
                    said = {"rpe": one.rpe, "technique": "clean", "pain": 0}
                    if one.landings is None:
                        said |= {"load": str(one.load), "reps": one.reps}
                    else:
                        said |= {"landings": one.landings, "level": one.level}
                    cast.log(visit, done.lift, one.number, now=visit.starts_at, **said)
    assert asked[2] > asked[0], "nothing rose, so nothing was shown"


def shown(cast, scenario, lift="hinge"):
    return preview(cast.enrollment, clinic=cast.north, now=NOW, lift=lift, scenario=scenario)


def test_twelve_weeks_on_the_weekly_places(cast):
    rows = shown(cast, SCENARIOS[0]).rows
    assert {row.day.weekday() for row in rows} == {0, 3}
    assert [row.week for row in rows][-1] == 12
    assert len(rows) == 23  # today's visit is over


def test_away_shows_no_number_and_then_why_it_is_less(cast):
    cast.promote()
    rows = shown(cast, SCENARIOS[1]).rows
    assert {row.week for row in rows if not row.came} == {6, 7}
    back = next(row for row in rows if row.week == 8)
    assert "days away" in back.reason


def test_a_planned_phase_is_only_a_mark(cast):
    found = shown(cast, SCENARIOS[0])
    assert found.phase == "Learn"
    assert [row.planned for row in found.rows if row.planned] == ["Build", "Lift heavy"]
    assert [name for _, name in found.picture.planned] == ["Learn", "Build", "Lift heavy"]


def test_the_impact_level_is_in_it(cast):
    assert shown(cast, SCENARIOS[0], "impact").rows[0].asked == "level 0, 5 × 5"


def test_the_scenario_and_the_lift_are_links_and_nonsense_is_the_first(cast, ana, url):
    page = ana.get(f"{url}?scenario=hard&lift=squat").content.decode()
    assert 'href="?lift=squat&amp;scenario=away"' in page
    assert 'href="?lift=press&amp;scenario=hard"' in page
    assert "Back squat, visit by visit" in page
    assert "Deadlift, visit by visit" in ana.get(f"{url}?scenario=x&lift=y").content.decode()


def test_looking_ahead_writes_nothing_and_the_client_cannot(cast, ana, url, client):
    from tests.doors import tables

    before = tables()
    assert ana.get(url).status_code == 200
    assert tables() == before
    client.force_login(cast.cal.user)
    assert client.get(url).status_code == 403


def test_who_has_ended_has_no_weeks_to_come(cast, ana, url):
    end_enrollment(
        enrollment=cast.enrollment, status="withdrawn", reason="Moved", on=TODAY, by=cast.ana
    )
    assert ana.get(url).status_code == 404
    assert ana.get(url.replace("preview", "timeline")).status_code == 200


def test_without_weekly_places_it_says_so(cast, ana, url):
    cast.enrollment.places.update(ends_on=TODAY)
    assert "no weekly place" in ana.get(url).content.decode()


QUERIES = 11


def test_its_queries_do_not_grow_with_the_log(cast, ana, url, django_assert_num_queries):
    ana.get(url)
    with django_assert_num_queries(QUERIES):
        ana.get(url)
    cast.log_all(cast.visit)
    with django_assert_num_queries(QUERIES):
        ana.get(url)
