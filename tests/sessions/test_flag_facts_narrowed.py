"""Whom a query leaves out is nobody whom a rule concerns, now or on any day of the week to come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bonefit.clients.models import ScanDevice
from sessions import alarms, falls
from sessions.falls import Heard
from sessions.flag_facts import FAMILIES, Scope
from sessions.flags.registry import rules_of
from tests.cast import NOW, TODAY, Cast
from tests.intakes import screened, withdraw
from tests.sessions.test_flag_facts_health import complete, measured, precise, rise

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def said_of(cast: Cast, family: str, now: datetime) -> set[str]:
    """The kinds that are found within the week after ``now``, and that both questions say so."""
    ids = (cast.enrollment.pk,)
    narrow = FAMILIES[family](Scope.of(cast.north, ids, now)).get(*ids)
    whole = FAMILIES[family](Scope.of(cast.north, ids, now, back=90)).get(*ids)
    found = set()
    for ahead in range(8):
        asked = Scope.of(cast.north, (), now + ahead * DAY).asked
        for rule in rules_of(family):
            some = list(rule.judge(narrow.at(asked), asked)) if narrow else []
            every = list(rule.judge(whole.at(asked), asked)) if whole else []
            assert some == every, (rule.id, ahead)
            found |= {rule.kind for _ in some}
    return found


@pytest.mark.parametrize(
    ("heights", "recalled", "found"),
    [
        ((164_0, 162_1), None, set()),
        ((164_0, 162_0), None, {"height_loss"}),
        ((164_0, 161_9), None, {"height_loss"}),
        ((164_0, 161_0, 163_9), None, set()),
        ((), "3.9", set()),
        ((), "4,0", {"height_loss"}),
        ((164_0, 163_1), "3", set()),
        ((164_0, 163_0), "3", {"height_loss"}),
    ],
)
def test_of_height(cast: Cast, heights: tuple[int, ...], recalled: str | None, found: set[str]):
    if recalled:
        screening = cast.cal_client.screenings.confirmed().latest("pk")
        screening.answers = {**screening.answers, "height_lost": recalled}
        screening.confirmed_at = NOW - 200 * DAY
        screening.save(update_fields=["answers", "confirmed_at"])
    for number, amount in enumerate(heights):
        measured(cast, "height", amount * 1000, TODAY - (100 - number) * DAY)
    assert said_of(cast, "height", NOW + DAY) == found


@pytest.mark.parametrize(
    ("scans", "found"),
    [
        ((8000, 7724), set()),
        ((8000, 7723), {"bone_loss"}),
        ((8000, 7722), {"bone_loss"}),
        ((8000, 7900, 7723), {"bone_loss"}),
        ((7800, 8077, 7800), {"bone_loss"}),
        ((8000, 7000, 8000), set()),  # what was lost has come back
        ((7800, 8000), set()),
    ],
)
def test_of_bone(cast: Cast, scans: tuple[int, ...], found: set[str]):
    scanner = ScanDevice.objects.create(clinic=cast.north, name="Horizon", added_by=cast.ada)
    precise(cast, scanner)
    taken = {"device": scanner, "region": "L1-L4"}
    for number, amount in enumerate(scans):
        measured(cast, "lumbar_bmd", amount, TODAY - (900 - 300 * number) * DAY, **taken)
    assert said_of(cast, "bone", NOW) == found


@pytest.mark.parametrize(
    ("scores", "found"),
    [
        (("2", "3", "4"), {"pain_rising"}),
        (("2", "3", "3"), set()),
        (("0", "1"), set()),
        (("0", "2"), {"pain_rising"}),
        (("0", "0", "2"), {"pain_rising"}),
        (("3", "2", "1"), set()),
        (("0", "0"), set()),
        (("0", "1", "2", "0"), set()),
    ],
)
def test_of_pain_the_day_after(cast: Cast, scores: tuple[str, ...], found: set[str]):
    rise(cast, *scores)
    assert said_of(cast, "pain", cast.visits[len(scores) - 1].ends_at) == found


@pytest.mark.parametrize(("score", "found"), [("5", set()), ("6", {"pain_rising"})])
def test_of_pain_in_a_session(cast: Cast, score: str, found: set[str]):
    visit = cast.visit
    cast.log_all(visit, pain=score, pain_site="knee", pain_kind="known", now=visit.starts_at)
    complete(cast, visit)
    assert said_of(cast, "pain", visit.ends_at) == found


def locked(cast: Cast) -> None:
    cast.log(cast.visit, pain="1", pain_site="ribs", pain_kind="new")


def released(cast: Cast) -> None:
    locked(cast)
    alarms.release(cast.cal_client, clinician="Dr L. H.", finding="Strain", by=cast.ana, now=NOW)


def fell(cast: Cast) -> None:
    falls.record(client=cast.cal_client, key="hand|1", heard=Heard(TODAY), by=cast.ana, now=NOW)


def broke(cast: Cast) -> None:
    heard = Heard(TODAY, fracture=True)
    falls.record(client=cast.cal_client, key="hand|1", heard=heard, by=cast.ana, now=NOW)


def landed(cast: Cast) -> None:
    cast.log(cast.visit, "impact", landings="5", level="2")


@pytest.mark.parametrize(
    ("make", "days", "found"),
    [
        (locked, 0, {"locked"}),
        (locked, 200, {"locked"}),
        (released, 0, set()),
        (fell, 27, {"fall"}),
        (fell, 28, set()),
        (fell, 29, set()),
        (broke, 60, {"locked"}),
        (landed, 0, {"outside_clearance"}),
        (landed, 200, {"outside_clearance"}),
    ],
)
def test_of_safety(cast: Cast, make: Callable[[Cast], None], days: int, found: set[str]):
    make(cast)
    assert said_of(cast, "safety", NOW + days * DAY) == found


@pytest.mark.parametrize(
    ("left", "found"),
    [(38, set()), (37, {"intake"}), (30, {"intake"}), (0, {"intake"}), (None, {"intake"})],
)
def test_of_an_intake(cast: Cast, left: int | None, found: set[str]):
    """Warned of 30 days before; looked at a week ahead."""
    if left is None:
        withdraw(cast.cal_client)
    else:
        screened(cast.cal_client, good_until=TODAY + left * DAY)
    assert said_of(cast, "intake", NOW) == found


@pytest.mark.parametrize(
    ("days", "found"),
    [(0, {"note_unsigned"}), (85, {"note_unsigned"}), (89, {"note_unsigned"}), (92, set())],
)
def test_of_notes(cast: Cast, days: int, found: set[str]):
    cast.log_all(cast.visit, now=cast.visit.starts_at)
    complete(cast, cast.visit)
    assert said_of(cast, "notes", cast.visit.ends_at + days * DAY) == found
