"""What she lifted and how it has grown: her own, written up, and without a promise."""

from __future__ import annotations

import re

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from sessions import actions
from sessions.models import SetEntry, Visit
from tests.cast import Cast
from tests.portal.pages import MY, came, logged_in, page

GROWTH = f"{MY}growth/"
CHART = f"{GROWTH}chart/"
QUERIES = 9


def lift(cast: Cast, visit: Visit, *loads: str, reps: int = 5) -> None:
    """One set a load, and the visit written up."""
    for number, load in enumerate(loads, start=1):
        cast.log(visit, "hinge", number, load=load, reps=reps, now=visit.ends_at)
    actions.complete_visit(visit=visit, by=cast.ana, now=visit.ends_at)


def rows(text: str) -> list[str]:
    return re.findall(r"(\d+ March [\d.]+ \w+, \d+ times?)", text[text.index("Each time") :])


def test_the_heaviest_set_of_each_visit_newest_first(cast: Cast, cal: Browser) -> None:
    lift(cast, cast.visits[0], "37.5", "40", "40")
    lift(cast, cast.visits[1], "42.5", "40", reps=4)

    text = page(cal, GROWTH)

    assert rows(text) == ["9 March 42.5 kg, 4 times", "5 March 40 kg, 5 times"]
    assert "Deadlift: from 40 kg to 42.5 kg" in text
    assert "The most so far was 42.5 kg, 4 times, on 9 March." in text


def test_a_load_that_went_down_is_said_as_calmly(cast: Cast, cal: Browser) -> None:
    lift(cast, cast.visits[0], "40")
    lift(cast, cast.visits[1], "37.5")

    text = page(cal, GROWTH)

    assert "Deadlift: from 40 kg to 37.5 kg" in text
    assert "Some days are lighter. That is planned, and it is fine." in text


@pytest.mark.parametrize("what", ["voided", "unconfirmed", "warm-up", "not written up"])
def test_what_is_not_told_as_lifted_is_left_out(cast: Cast, cal: Browser, what: str) -> None:
    lift(cast, cast.visits[0], "40")
    visit = cast.visits[1]
    heavy = cast.log(visit, "hinge", 1, load="42.5", now=visit.ends_at)
    cast.log(visit, "hinge", 2, load="40", now=visit.ends_at)
    if what != "not written up":
        actions.complete_visit(visit=visit, by=cast.ana, now=visit.ends_at)
    changed = {
        "voided": {"voided": True},
        "unconfirmed": {"to_confirm": True},
        "warm-up": {"kind": SetEntry.Kind.WARM_UP},
        "not written up": {},
    }[what]
    if changed:
        SetEntry.objects.filter(pk=heavy.pk).update(**changed)

    text = page(cal, GROWTH)

    assert "42.5" not in text
    told = ["9 March 40 kg, 5 times", "5 March 40 kg, 5 times"]
    assert rows(text) == told[what == "not written up" :]


def test_loads_are_compared_within_one_exercise_and_each_can_be_chosen(
    cast: Cast, cal: Browser
) -> None:
    visit = cast.visits[0]
    for name in ("hinge", "squat", "press"):
        cast.log_all(visit, name, now=visit.ends_at)
    cast.log_all(visit, "impact", now=visit.ends_at)
    actions.complete_visit(visit=visit, by=cast.ana, now=visit.ends_at)

    html = cal.get(GROWTH).text

    links = re.findall(r'href="\?exercise=([\w-]+)"', html)
    assert links == ["deadlift", "overhead-press", "back-squat"]
    assert rows(page(cal, f"{GROWTH}?exercise=back-squat")) == ["5 March 30 kg, 5 times"]
    assert rows(page(cal, f"{GROWTH}?exercise=nothing")) == rows(page(cal, GROWTH))


def test_the_picture_is_drawn_on_the_server_and_says_the_same(cast: Cast, cal: Browser) -> None:
    lift(cast, cast.visits[0], "40")
    lift(cast, cast.visits[1], "42.5")
    html = cal.get(GROWTH).text
    address = f"{CHART}?exercise=deadlift"
    assert f'hx-get="{address}"' in html
    assert f'href="{address}"' in html  # without a script it is a link

    drawn = cal.get(address).text

    assert 'class="chart plan-chart is-large"' in drawn
    assert (
        'aria-label="Deadlift, the heaviest set of each visit. The first time 40 kg, 5 times, '
        '5 March. The last time 42.5 kg, 5 times, 9 March."'
    ) in drawn
    part = cal.get(address, headers={"HX-Request": "true"}).text
    assert part.strip().startswith("<figure")


def test_one_visit_is_a_table_without_a_picture(cast: Cast, cal: Browser) -> None:
    lift(cast, cast.visits[0], "40")

    assert "A picture comes with the second time." in page(cal, GROWTH)
    assert "<svg" not in cal.get(f"{CHART}?exercise=deadlift").text.split("<main")[1]


def test_a_newcomer_is_told_what_will_be_here(cast: Cast, cal: Browser) -> None:
    text = page(cal, GROWTH)

    assert "Nothing is here yet." in text
    assert cal.get(CHART).status_code == 404


def test_pounds_where_the_clinic_lifts_pounds(cast: Cast, cal: Browser) -> None:
    lift(cast, cast.visits[0], "40")
    cast.north.unit = "lb"
    cast.north.save()

    assert rows(page(cal, GROWTH)) == ["5 March 88.18 lb, 5 times"]


def test_it_says_what_was_lifted_and_promises_nothing(cast: Cast, cal: Browser) -> None:
    lift(cast, cast.visits[0], "40")
    lift(cast, cast.visits[1], "42.5")

    text = page(cal, GROWTH).lower()

    for word in ("bone", "density", "fracture", "osteo", "stronger", "improve", "result", "pain"):
        assert word not in text


def test_each_sees_her_own_lifts_only(cast: Cast) -> None:
    lift(cast, cast.visits[0], "40")

    assert "Nothing is here yet." in page(logged_in(cast.cam), GROWTH)
    assert logged_in(cast.ana).get(GROWTH).status_code == 403
    assert logged_in(cast.con).get(GROWTH).status_code == 404


def test_the_page_asks_the_database_as_often_for_many_visits_as_for_one(
    cast: Cast, cal: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    came(cast, cast.visits[0])
    page(cal, GROWTH)
    with django_assert_num_queries(QUERIES):
        page(cal, GROWTH)

    for visit in cast.visits[1:7]:
        came(cast, visit)
    with django_assert_num_queries(QUERIES):
        assert len(rows(page(cal, GROWTH))) == 7
