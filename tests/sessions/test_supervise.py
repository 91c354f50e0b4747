"""Who is on the floor is said, kept and never guessed away: supervision is a rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from sessions import sync
from sessions.models import Operation, SetEntry, Supervision
from tests.cast import Cast, log_op
from tests.sessions.classes import check_in, class_of, do, on_the_floor, said, supervise

pytestmark = pytest.mark.django_db


def test_who_is_named_is_on_the_floor_and_who_is_not_named_any_more_has_left(cast: Cast):
    visit = cast.visit
    assert on_the_floor(visit) == {"Ana T.": "planned"}

    assert supervise(cast.ana, visit, cast.ana, cast.tess).outcome == "applied"
    assert on_the_floor(visit) == {"Ana T.": "here", "Tess T.": "here"}

    assert supervise(cast.ana, visit, cast.tess).outcome == "applied"
    assert on_the_floor(visit) == {"Ana T.": "gone", "Tess T.": "here"}

    assert supervise(cast.tess, visit, cast.ana, cast.tess).outcome == "applied"
    assert on_the_floor(visit) == {"Ana T.": "here", "Tess T.": "here"}
    assert Supervision.objects.filter(slot=visit.slot).count() == 2


def test_the_log_keeps_who_was_there_before(cast: Cast):
    supervise(cast.ana, cast.visit, cast.ana)
    supervise(cast.ana, cast.visit, cast.tess)

    first, second = Operation.objects.filter(kind="supervise").order_by("id")
    assert first.before == {"members": ""}
    assert second.before == {"members": str(cast.ana.pk)}
    assert (second.payload, second.by) == ({"members": str(cast.tess.pk)}, cast.ana)


def test_naming_the_same_people_twice_changes_nothing(cast: Cast):
    supervise(cast.ana, cast.visit, cast.ana)
    before = list(Supervision.objects.values())
    sync.apply(
        [said("supervise", cast.visit, members=str(cast.ana.pk))],
        by=cast.ana,
        now=cast.visit.starts_at + timedelta(minutes=9),
    )
    assert list(Supervision.objects.values()) == before


@pytest.mark.parametrize("who", ["lea", "ada", "cal", "otto"])
def test_only_an_active_therapist_of_the_clinic_can_be_named(cast: Cast, who: str):
    result = supervise(cast.ana, cast.visit, cast.ana, getattr(cast, who))

    assert result.outcome == "refused"
    assert result.errors == {"members": "Only therapists who work in this clinic can supervise."}
    assert on_the_floor(cast.visit) == {"Ana T.": "planned"}


@pytest.mark.parametrize(
    "members", ["", "  ", "Ana", "-1", "1.5", "９", "9" * 40, "None", "1 " * 21, ["1"], {"a": 1}]
)
def test_what_names_nobody_is_refused_with_words_and_breaks_nothing(cast: Cast, members: Any):
    result = do(cast.ana, said("supervise", cast.visit, members=members), visit=cast.visit)[0]

    assert result.outcome == "refused"
    assert result.errors["members"]
    assert on_the_floor(cast.visit) == {"Ana T.": "planned"}


def test_who_checks_in_the_first_client_is_there(cast: Cast):
    visit = cast.visit
    check_in(cast.tess, visit)

    assert on_the_floor(visit) == {"Ana T.": "planned", "Tess T.": "here"}


def test_who_logs_the_first_set_is_there(cast: Cast):
    visit = cast.visit
    cast.log(visit, by=cast.tess, now=visit.starts_at)

    assert on_the_floor(visit) == {"Ana T.": "planned", "Tess T.": "here"}


def test_where_somebody_is_named_nobody_is_added_by_a_tap(cast: Cast):
    cal, zoe = class_of(cast, 2)
    supervise(cast.ana, cal, cast.ana)
    check_in(cast.tess, cal)
    cast.log(zoe, by=cast.tess, now=zoe.starts_at)

    assert on_the_floor(cal) == {"Ana T.": "here"}


def test_a_whole_class_in_one_batch_names_its_author_once(cast: Cast):
    visits = class_of(cast, 3)
    ops = [log_op(visit) for visit in visits] + [said("check_in", visit) for visit in visits]
    assert {one.outcome for one in do(cast.tess, *ops, visit=visits[0])} == {"applied"}

    assert on_the_floor(visits[0]) == {"Ana T.": "planned", "Tess T.": "here"}


def test_a_class_on_another_day_is_not_supervised_yet(cast: Cast):
    later = cast.visits[1]
    result = do(cast.ana, said("supervise", later, members=str(cast.ana.pk)), visit=cast.visit)[0]

    assert result.outcome == "refused"
    assert "Nothing can be logged before" in result.reason


def test_each_set_carries_the_supervisor_who_logged_it(cast: Cast):
    visit = cast.visit
    supervise(cast.ana, visit, cast.ana, cast.tess)
    cast.log(visit, number=1, by=cast.ana, now=visit.starts_at)
    cast.log(visit, number=2, by=cast.tess, now=visit.starts_at)
    cast.log(visit, number=3, by=cast.ana, now=visit.starts_at)

    sets = SetEntry.objects.order_by("number").values_list("number", "supervisor__user__name")
    assert list(sets) == [(1, "Ana T."), (2, "Tess T."), (3, "Ana T.")]


def test_the_visit_and_the_day_show_who_was_named(cast: Cast, client: Browser):
    client.force_login(cast.ana.user)
    address = f"/c/north/visits/{cast.visit.uid}/"
    assert "Ana T., planned" in client.get(address).content.decode()
    assert "planned with Ana T." in client.get("/c/north/today/").content.decode()

    supervise(cast.ana, cast.visit, cast.tess)

    page = client.get(address).content.decode()
    assert "Ana T., planned" in page
    assert "Tess T., on the floor from 09:00" in page
    day = client.get("/c/north/today/").content.decode()
    assert "with Tess T." in day
    assert "with Ana T." not in day


def test_what_was_applied_once_is_not_refused_when_it_is_sent_again(cast: Cast):
    """The answer was lost, and in between it could not be done any more."""
    op = said("supervise", cast.visit, members=str(cast.tess.pk))
    assert do(cast.ana, op, visit=cast.visit)[0].outcome == "applied"
    cast.tess.is_active = False
    cast.tess.save(update_fields=["is_active"])

    again = do(cast.ana, op, visit=cast.visit)[0]
    assert (again.outcome, again.again) == ("applied", True)
