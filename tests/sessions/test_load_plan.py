"""The plates of a class on one page, and a shortage that is said before the class."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser

from programs import plans
from programs.loads import DEFAULT_INVENTORY
from programs.models import RuleSet
from sessions import actions
from sessions.models import Visit
from tests.cast import NOW, Cast, assign, enroll
from tests.sessions.classes import class_of

pytestmark = pytest.mark.django_db
TODAY = "/c/north/today/"
PLATES = "/c/north/floor/plates/"


@pytest.fixture
def ana(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ana.user)
    return client


def text_of(page: Any) -> str:
    """What a page says, its tags left out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def lifters(cast: Cast, **loads: str) -> dict[str, Visit]:
    """One more client in Cal's class for each deadlift that is named, by name."""
    found = {}
    for name, load in loads.items():
        starts = {"hinge": ("deadlift", load)}
        enrollment = assign(enroll(cast.ana, f"{name.title()} Z."), cast.ana, starts=starts)
        found[name] = enrollment.visits.order_by("during")[0]
    return found


def before_class(cast: Cast) -> Any:
    return time_machine.travel(cast.visit.starts_at - timedelta(minutes=30))


def test_the_plan_goes_lift_by_lift_with_equal_loads_together(cast: Cast, ana: Browser):
    lifters(cast, una="60", vic="45", wes="40")
    with before_class(cast):
        said = text_of(ana.get(f"{PLATES}?slot={cast.visit.slot_id}"))

    hinge = said[said.index("Deadlift") : said.index("Back squat")]
    assert hinge.index("Una Z.") < hinge.index("Cal P.") < hinge.index("Wes Z.")
    assert hinge.index("Wes Z.") < hinge.index("Vic Z.")
    assert "as it is" in hinge[hinge.index("Wes Z.") : hinge.index("Vic Z.")]
    assert "10 + 2.5" in hinge[hinge.index("Vic Z.") :]
    assert "plates moved in this order" in hinge


def test_today_leads_there_and_says_a_shortage_before_the_class(cast: Cast, ana: Browser):
    class_of(cast, 3)
    short = "10 kg plates: 3 pairs if everybody begins at once (deadlift 3), and 2 pairs are there."
    with before_class(cast):
        page = ana.get(TODAY)
        assert f'href="{PLATES}?slot={cast.visit.slot_id}"' in page.content.decode()
        assert short in text_of(page)
        assert short in text_of(ana.get(f"{PLATES}?slot={cast.visit.slot_id}"))
    assert "pairs are there" not in text_of(ana.get(TODAY)), "the class is over"


def test_enough_plates_are_no_news(cast: Cast, ana: Browser):
    class_of(cast, 2)
    with before_class(cast):
        assert "Plates are short" not in text_of(ana.get(TODAY))
        assert "Plates are short" not in text_of(ana.get(f"{PLATES}?slot={cast.visit.slot_id}"))


def test_a_load_that_no_plate_makes_any_more_is_said_by_name(cast: Cast, ana: Browser):
    """It was prescribed, and then the plates were sold."""
    visit = cast.visit
    cast.log(visit, now=visit.starts_at)
    rules = RuleSet.objects.get(clinic=cast.north)
    sold = replace(DEFAULT_INVENTORY, plates=((Decimal(25), 1),))
    RuleSet.objects.filter(pk=rules.pk).update(inventory=sold.to_json())
    plans.forget()

    said = text_of(ana.get(f"{PLATES}?slot={visit.slot_id}"))
    assert "No bar with these plates makes 40 kg, which Cal P. is to lift next (deadlift)." in said


def test_the_page_shows_the_class_that_is_on_or_next_where_none_is_named(cast: Cast, ana: Browser):
    with before_class(cast):
        assert "Plates, Thursday 09:00" in text_of(ana.get(PLATES))
    with time_machine.travel(cast.visit.starts_at + timedelta(minutes=3)):
        assert "Plates, Thursday 09:00" in text_of(ana.get(PLATES))
    assert "No class today any more" in text_of(ana.get(PLATES))


@pytest.mark.parametrize("slot", ["", "x", "-3", "1.0", "٣", "9" * 30, "987654"])
def test_a_class_that_is_none_is_not_there(ana: Browser, slot: str):
    assert ana.get(PLATES, {"slot": slot}).status_code == 404


def test_another_clinics_class_is_not_there(cast: Cast, ana: Browser):
    theirs = cast.olga_enrollment.visits.first()
    assert theirs is not None
    assert ana.get(PLATES, {"slot": theirs.slot_id}).status_code == 404


def test_where_nobody_has_a_bar_to_load_the_page_says_so(cast: Cast, ana: Browser):
    actions.say(visit=cast.visit, status="excused", why="Ill", by=cast.ana)
    assert "No bar to load" in text_of(ana.get(PLATES, {"slot": cast.visit.slot_id}))


TODAY_QUERIES, PLATES_QUERIES = 17, 10


def test_eight_people_take_as_many_queries_as_one(
    cast: Cast, ana: Browser, django_assert_num_queries: Any
):
    address = f"{PLATES}?slot={cast.visit.slot_id}"
    with before_class(cast):
        for page in (TODAY, address):
            ana.get(page)  # a process knows the immutable program after its first page
        for page, most in ((TODAY, TODAY_QUERIES), (address, PLATES_QUERIES)):
            with django_assert_num_queries(most):
                ana.get(page)
        class_of(cast, 8)
        for page, most in ((TODAY, TODAY_QUERIES), (address, PLATES_QUERIES)):
            with django_assert_num_queries(most):
                ana.get(page)
    assert cast.visit.starts_at < NOW
