"""The timeline of a plan: every visit, decision and absence of a lift, and its chart."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from programs.models import Decision
from sessions import actions, charts, svg
from sessions.actions import decide
from sessions.timeline import timeline
from tests.cast import NOW

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(cast):
    return f"/c/north/clients/{cast.cal_client.pk}/plan/timeline/"


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana.user)
    return client


def trained(cast, visits=3, **said):
    """Cal lifts at his first visits, in LOAD, below the effort band."""
    cast.promote()
    for visit in cast.visits[:visits]:
        with time_machine.travel(visit.starts_at):
            cast.check_in(visit)
            cast.log_all(visit, now=visit.starts_at, rpe=15, technique="clean", pain=0, **said)


def shown(cast, now, lift="hinge"):
    return timeline(cast.enrollment, clinic=cast.north, now=now, lift=lift)


def after(cast, visits):
    return cast.visits[visits - 1].ends_at + timedelta(minutes=1)


def test_each_visit_says_what_was_asked_done_and_what_it_led_to(cast):
    trained(cast, 1, load="40")
    row = next(row for row in shown(cast, after(cast, 1)).rows if row.visit)

    assert row.asked == "40 kg × 5"
    assert row.done == "40 kg, 5 × 5"
    assert (row.effort, row.technique) == ("15", "clean")
    assert row.led_to.startswith("Up 2")
    assert row.phase == "Lift heavy"


def test_the_newest_stands_first_and_only_of_the_lift(cast):
    trained(cast, 2, load="40")
    cast.log_all(cast.visits[1], "squat", now=cast.visits[1].starts_at)
    rows = shown(cast, after(cast, 2)).rows

    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
    assert [row.exercise for row in rows if row.visit] == ["Deadlift", "Deadlift"]


def test_a_decision_taken_back_stays_with_who_took_it_back(cast, ana, url):
    trained(cast, 1, load="40")
    now = after(cast, 1)
    hold = actions.decide(
        enrollment=cast.enrollment, kind="hold", lift="hinge", reason="Sore", by=cast.ana, now=now
    )
    with time_machine.travel(now):
        page = ana.get(url).content.decode()
        assert f"/plan/decisions/{hold.pk}/take-back/" in page
        actions.decide(
            enrollment=cast.enrollment,
            kind=Decision.Kind.REVOKE,
            lift="hinge",
            revokes=hold,
            reason="Typed for another",
            by=cast.tess,
            now=now,
        )
        page = ana.get(url).content.decode()
    assert f"/plan/decisions/{hold.pk}/take-back/" not in page
    assert "Taken back by Tess T." in page
    assert "Typed for another" in page


def test_a_hold_is_a_held_stretch_and_an_absence_a_gap_in_the_line(cast):
    trained(cast, 2, load="40")
    actions.decide(
        enrollment=cast.enrollment,
        kind="hold",
        lift="hinge",
        reason="Sore",
        by=cast.ana,
        now=after(cast, 2),
    )
    late = cast.visits[6]
    with time_machine.travel(late.starts_at):
        cast.check_in(late)
        cast.log_all(late, now=late.starts_at, load="35", rpe=15, technique="clean", pain=0)
    found = shown(cast, after(cast, 7))

    assert [(one.first, one.word) for one in found.picture.held] == [
        (after(cast, 2).astimezone(cast.north.tz).date(), "held")
    ]
    assert [point.stretch for point in found.picture.points] == [0, 0, 1]
    assert [row.away for row in found.rows if row.away] == [17]
    assert shown(cast, after(cast, 7), "squat").picture.held == []


def test_the_phase_is_marked_as_it_is_and_as_it_was_planned(cast):
    trained(cast, 2, load="40")
    later = after(cast, 2) + timedelta(weeks=5)
    picture = shown(cast, later).picture
    assert [name for _, name in picture.phases] == ["Lift heavy"]
    assert [name for _, name in picture.planned] == ["Learn", "Build"]


def test_an_estimate_is_drawn_once_a_set_was_hard_enough(cast):
    trained(cast, 2, load="40")
    assert shown(cast, after(cast, 2)).picture.estimates == []
    hard = cast.visits[2]
    cast.log_all(hard, now=hard.starts_at, load="40", rpe=18, technique="clean", pain=0)
    (estimate,) = shown(cast, after(cast, 3)).picture.estimates
    assert estimate.value > 40
    row = next(row for row in shown(cast, after(cast, 3)).rows if row.visit)
    assert row.estimate == f"estimated 1RM {estimate.value} kg (kemmler-1)"
    assert "estimate_marks" in charts.draw(shown(cast, after(cast, 3)).picture)


def test_a_technical_5rm_is_drawn_on_its_day(cast):
    trained(cast, 2, load="40")
    said = after(cast, 2)
    decide(
        enrollment=cast.enrollment,
        kind="estimate",
        lift="hinge",
        load=Decimal(50),
        observed={"reps": 5, "reserve": 1},
        by=cast.ana,
        reason="Stopped before form broke",
        now=said,
    )
    (estimate,) = shown(cast, said).picture.estimates
    assert (estimate.day, estimate.value) == (said.date(), Decimal("55.3"))


def test_the_landings_and_seconds_that_were_asked_for_are_said(cast):
    visit = cast.visits[0]
    cast.log_all(visit, "impact", now=visit.starts_at)
    row = next(row for row in shown(cast, after(cast, 1), lift="impact").rows if row.visit)
    assert (row.asked, row.done) == ("5 × 5", "level 0: 5 × 5")


def test_the_chart_has_a_name_a_description_and_no_style_of_its_own(cast, ana, url):
    trained(cast, 3, load="40")
    with time_machine.travel(after(cast, 3)):
        svg = ana.get(f"{url}chart/", headers=HTMX).content.decode()
    assert "<title>Deadlift by day</title>" in svg
    assert "<desc>" in svg
    assert 'aria-label="Deadlift by day.' in svg
    assert "load_marks" in svg
    assert " style=" not in svg
    assert "<style" not in svg
    assert svg.count(" role=") == 2, "the figure and its picture; parts have no name of their own"


def test_one_visit_is_a_sentence_and_not_a_chart(cast, ana, url):
    trained(cast, 1, load="40")
    with time_machine.travel(after(cast, 1)):
        page = ana.get(f"{url}chart/", headers=HTMX).content.decode()
    assert "<svg" not in page
    assert "A chart needs two visits" in page


def test_the_same_numbers_are_drawn_once_and_a_correction_is_drawn_anew(cast, monkeypatch):
    trained(cast, 3, load="40")
    picture = shown(cast, after(cast, 3)).picture
    first = charts.draw(picture)
    drawn = []
    monkeypatch.setattr(svg, "_body", lambda spec: drawn.append(spec) or ("0 0 1 1", ""))
    assert charts.draw(picture) == first
    assert drawn == []
    cast.log(cast.visits[3], now=cast.visits[3].starts_at)
    charts.draw(shown(cast, after(cast, 4)).picture)
    assert len(drawn) == 1


def test_words_of_a_program_cannot_become_part_of_the_picture(cast):
    trained(cast, 3, load="40")
    picture = shown(cast, after(cast, 3)).picture
    bad = charts.Picture(
        "<b>&", "<i>", "kg", picture.points, phases=[(NOW.date(), "<script>x</script>&")]
    )
    svg = charts.draw(bad)
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    assert "<title>&lt;b&gt;&amp;</title>" in svg


def test_nonsense_in_the_address_is_the_first_lift(cast, ana, url):
    assert "Timeline: Deadlift" in ana.get(f"{url}?lift=nonsense").content.decode()


def test_who_follows_no_program_has_no_timeline(cast, ana):
    from tests.cast import enroll

    fay = enroll(cast.ana, "Fay N.")
    assert ana.get(f"/c/north/clients/{fay.pk}/plan/timeline/").status_code == 404


QUERIES = 13


def test_three_visits_take_as_many_queries_as_one(cast, ana, url, django_assert_num_queries):
    trained(cast, 1, load="40")
    with time_machine.travel(after(cast, 4)):
        ana.get(url)
        with django_assert_num_queries(QUERIES):
            ana.get(url)
    for visit in cast.visits[1:3]:
        cast.log_all(visit, now=visit.starts_at, load="40")
    with time_machine.travel(after(cast, 4)), django_assert_num_queries(QUERIES):
        ana.get(url)
