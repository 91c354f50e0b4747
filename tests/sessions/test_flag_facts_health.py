"""What a review finds of the client herself, from what was really recorded, and mends."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest

from bonefit.clients import measuring
from bonefit.clients.measures import MEASURES
from bonefit.clients.models import Measurement, PrecisionStudy, ScanDevice
from programs.models import Enrollment
from sessions import alarms, falls, flag_work, reviewing, sync
from sessions.falls import Heard
from sessions.flag_facts import FAMILIES, Scope
from sessions.flags import RULES
from sessions.models import Flag, FlagStep, Visit
from tests.cast import NOW, TODAY, Cast
from tests.intakes import screened, withdraw

pytestmark = pytest.mark.django_db
WEEKS_4 = NOW + timedelta(weeks=4)


def review(cast: Cast, now: datetime = NOW) -> reviewing.Reviewed:
    done = reviewing.review(cast.north, [cast.enrollment.pk], now)
    assert done.failed == 0
    return done


def open_(kind: str) -> list[tuple[str, str]]:
    rows = Flag.objects.open().filter(kind=kind).order_by("pk")
    return [(row.severity, row.subject) for row in rows]


def measured(cast: Cast, slug: str, amount: int, on: date, **scan: object) -> Measurement:
    battery, _ = measuring.record_battery(
        client=cast.cal_client,
        uid=uuid.uuid4(),
        taken_on=on,
        taken=[
            measuring.Taken(MEASURES[slug], typed=["x"], trials=[amount], taken_on=on, scan=scan)
        ],
        assessor=cast.ana,
        treating=None,
        note="",
        by=cast.ana,
        now=NOW,
    )
    return battery.measurements.get()


def corrected(cast: Cast, row: Measurement, amount: int) -> None:
    measuring.correct(
        measurement=row,
        typed="y",
        amount=amount,
        taken_on=row.taken_on,
        why="A typing error",
        by=cast.ana,
        now=NOW,
    )


def twice(cast: Cast, now: datetime = NOW) -> None:
    """Reviewing again changes nothing."""
    before = list(Flag.objects.order_by("pk").values())
    done = review(cast, now)
    assert (done.opened, done.resolved) == (0, 0)
    assert list(Flag.objects.order_by("pk").values()) == before


# --- what is due ----------------------------------------------------------------------------------


def test_a_first_scan_is_asked_for_after_four_weeks_and_closes_with_the_scan(cast: Cast):
    review(cast, WEEKS_4 - timedelta(days=1))
    assert open_("scan_due") == open_("tests_due") == []
    review(cast, WEEKS_4)
    assert (open_("scan_due"), open_("tests_due")) == ([("amber", "")], [("info", "")])
    twice(cast, WEEKS_4)

    measured(cast, "lumbar_bmd", 8000, TODAY)
    review(cast, WEEKS_4)
    assert (open_("scan_due"), open_("tests_due")) == ([], [("info", "")])
    measured(cast, "tug", 90_000, TODAY)
    review(cast, WEEKS_4)
    assert open_("tests_due") == []


def test_a_scan_that_is_due_becomes_overdue_as_another_flag(cast: Cast):
    measured(cast, "lumbar_bmd", 8000, TODAY)
    for now, flags in ((365, "info"), (365 + 31, "amber")):
        review(cast, NOW + timedelta(days=now))
        assert open_("scan_due") == [(flags, "")]
    assert Flag.objects.filter(kind="scan_due", resolution="by_itself").count() == 1


def test_an_answered_flag_does_not_come_back_while_the_same_goes_on(cast: Cast):
    review(cast, WEEKS_4)
    flag = Flag.objects.get(kind="scan_due")
    flag_work.resolve_flag(flag=flag, by=cast.ana, resolution="called", now=WEEKS_4)
    review(cast, WEEKS_4 + timedelta(days=60))
    assert open_("scan_due") == []


@pytest.mark.parametrize("days", [*range(0, 40, 3), 90, 120, 121, 122, 200, 364, 365, 395, 396])
@pytest.mark.parametrize("last", [None, 0, 20, 100])
def test_who_is_left_out_of_a_query_is_nobody_that_a_rule_concerns(
    cast: Cast, days: int, last: int | None
):
    """Now, and on any day until the review comes back within the week."""
    if last is not None and last <= days:
        measured(cast, "tug", 90_000, TODAY + timedelta(days=last))
        measured(cast, "lumbar_bmd", 8000, TODAY + timedelta(days=last))
    now = NOW + timedelta(days=days)
    whole = Scope.of(cast.north, (cast.enrollment.pk,), now, back=1)
    narrow = Scope.of(cast.north, (cast.enrollment.pk,), now)
    for rule in (one for one in RULES if one.family == "checks"):
        for ahead in range(8):
            asked = Scope.of(cast.north, (), now + timedelta(days=ahead)).asked
            every = FAMILIES["checks"](whole)[cast.enrollment.pk]
            some = FAMILIES["checks"](narrow).get(cast.enrollment.pk)
            said = list(rule.judge(some, asked)) if some else []
            assert said == list(rule.judge(every, asked)), (rule.id, ahead)


# --- what was lost --------------------------------------------------------------------------------


def test_height_lost_is_flagged_and_a_correction_resolves_it(cast: Cast):
    measured(cast, "height", 1_640_000, TODAY - timedelta(days=200))
    last = measured(cast, "height", 1_620_000, TODAY)
    review(cast)
    assert open_("height_loss") == [("amber", "")]
    twice(cast)

    corrected(cast, last, 1_639_000)
    review(cast)
    assert open_("height_loss") == []
    assert Flag.objects.get(kind="height_loss").resolution == "by_itself"


def test_a_recalled_loss_is_flagged_unless_a_doctors_letter_answers_for_it(cast: Cast):
    screening = cast.cal_client.screenings.confirmed().latest("pk")
    screening.answers = {**screening.answers, "height_lost": "4,0"}
    screening.save(update_fields=["answers"])
    review(cast)
    assert open_("height_loss") == [("amber", "")]

    clearance = cast.cal_client.clearances.latest("pk")
    clearance.covers = ["E14"]
    clearance.save(update_fields=["covers"])
    review(cast)
    assert open_("height_loss") == []


@pytest.fixture
def scanner(cast: Cast) -> ScanDevice:
    return ScanDevice.objects.create(clinic=cast.north, name="Horizon", added_by=cast.ada)


def precise(cast: Cast, scanner: ScanDevice) -> None:
    PrecisionStudy.objects.create(
        clinic=cast.north,
        device=scanner,
        site="lumbar",
        done_on=date(2026, 1, 5),
        repeats=[[8000, 8100]] * 30,
        rms_micro=10_000,
        lsc_micro=27_700,
        recorded_by=cast.ada,
    )


def test_bone_lost_beyond_the_lsc_is_flagged_and_a_correction_resolves_it(
    cast: Cast, scanner: ScanDevice
):
    taken = {"device": scanner, "region": "L1-L4"}
    measured(cast, "lumbar_bmd", 8000, TODAY - timedelta(days=365), **taken)
    last = measured(cast, "lumbar_bmd", 7723, TODAY, **taken)
    review(cast)
    assert open_("bone_loss") == []  # the LSC is not known yet
    precise(cast, scanner)
    review(cast)
    assert open_("bone_loss") == [("amber", "lumbar_bmd")]
    twice(cast)

    corrected(cast, last, 7724)
    review(cast)
    assert open_("bone_loss") == []


# --- pain -----------------------------------------------------------------------------------------


def test_strong_pain_in_a_session_is_red_until_a_session_without(cast: Cast):
    visit, later = cast.visits[:2]
    cast.log_all(visit, pain="6", pain_site="knee", pain_kind="known", now=visit.starts_at)
    complete(cast, visit)
    review(cast, visit.ends_at)
    assert open_("pain_rising") == [("red", "")]
    twice(cast, visit.ends_at)

    cast.check_in(later, next_day_site="knee", next_day_kind="known")
    cast.log_all(later, pain="5", pain_site="knee", pain_kind="known", now=later.starts_at)
    complete(cast, later)
    review(cast, later.ends_at)
    assert open_("pain_rising") == []


def complete(cast: Cast, visit: Visit) -> None:
    op = sync.Op(uuid.uuid4(), "complete", visit.uid, made_at=NOW)
    (result,) = sync.apply([op], by=cast.ana, now=visit.ends_at)
    assert result.outcome == "applied", result


def rise(cast: Cast, *scores: str) -> None:
    for visit, score in zip(cast.visits, scores, strict=False):
        more = {"next_day_site": "knee", "next_day_kind": "known"} if score != "0" else {}
        cast.check_in(visit, next_day=score, **more)


def test_what_the_desk_says_at_once_is_what_a_review_says(cast: Cast):
    rise(cast, "2", "3", "4")
    flag = Flag.objects.get(kind="pain_rising")
    twice(cast, cast.visits[2].ends_at)

    FlagStep.objects.filter(flag=flag).delete()
    flag.delete()
    review(cast, cast.visits[2].ends_at)
    found = Flag.objects.get(kind="pain_rising")
    assert (found.evidence, found.evidence_key, found.visit) == (
        flag.evidence,
        flag.evidence_key,
        flag.visit,
    )


def test_one_rise_of_two_points_is_amber(cast: Cast):
    rise(cast, "1", "2")
    assert open_("pain_rising") == []
    rise_visit = cast.visits[2]
    cast.check_in(rise_visit, next_day="4", next_day_site="knee", next_day_kind="known")
    assert open_("pain_rising") == [("amber", "")]


# --- locks, falls, outside clearance --------------------------------------------------------------


def healed(cast: Cast, kind: str, now: datetime = NOW, *, like: tuple[str, ...] = ()) -> None:
    """A flag that is lost comes back as it was; then nothing changes."""
    lost = Flag.objects.open().get(kind=kind)
    twice(cast, now)
    lost_pk = lost.pk
    FlagStep.objects.filter(flag=lost_pk).delete()
    Flag.objects.filter(pk=lost_pk).delete()
    review(cast, now)
    found = Flag.objects.open().get(kind=kind)
    names = (
        "evidence_key", "subject", "severity", "visit_id", "rule", "enrollment_id", *like,
    )  # fmt: skip
    assert {name: getattr(found, name) for name in names} == {
        name: getattr(lost, name) for name in names
    }
    for name in ("headline", "detail", "lines"):
        assert found.evidence[name] == lost.evidence[name]
    twice(cast, now)


def test_a_lost_lock_comes_back_and_closes_only_with_the_release(cast: Cast):
    cast.log(cast.visit, pain="1", pain_site="ribs", pain_kind="new")
    assert open_("locked") == [("red", "")]
    healed(cast, "locked")

    alarms.release(cast.cal_client, clinician="Dr L. H.", finding="Strain", by=cast.ana, now=NOW)
    assert open_("locked") == []
    twice(cast)


def test_a_lost_fracture_lock_and_the_fall_that_told_of_it_come_back(cast: Cast):
    heard = Heard(TODAY - timedelta(days=3), fracture=True)
    falls.record(client=cast.cal_client, key="hand|1", heard=heard, by=cast.ana, now=NOW)
    assert (open_("locked"), open_("fall")) == ([("red", "fracture")], [("amber", "hand|1")])
    assert Flag.objects.get(kind="locked").rule == "F16.1"
    healed(cast, "locked")
    healed(cast, "fall")


def test_a_fall_at_a_check_in_comes_back_with_its_visit(cast: Cast):
    cast.check_in(cast.visit, away="fall")
    healed(cast, "fall", like=("evidence",))


def test_a_fall_is_flagged_once_and_not_after_four_weeks(cast: Cast):
    falls.record(client=cast.cal_client, key="hand|1", heard=Heard(TODAY), by=cast.ana, now=NOW)
    flag = Flag.objects.get(kind="fall")
    review(cast, NOW + timedelta(days=200))
    assert open_("fall") == [("amber", "hand|1")]  # only a person closes it
    flag_work.resolve_flag(flag=flag, by=cast.ana, resolution="called", now=NOW)
    review(cast)
    assert open_("fall") == []
    FlagStep.objects.filter(flag=flag).delete()
    flag.delete()
    review(cast, NOW + timedelta(days=28))
    assert open_("fall") == []


def test_a_fall_that_was_none_closes_its_flag(cast: Cast):
    fall, _ = falls.record(
        client=cast.cal_client, key="hand|1", heard=Heard(TODAY), by=cast.ana, now=NOW
    )
    corrected_ = falls.correct(fall=fall, heard=Heard(TODAY, injured=True), by=cast.ana, now=NOW)
    twice(cast)
    falls.take_back(fall=corrected_, why="She sat down", by=cast.ana, now=NOW)
    assert open_("fall") == []
    twice(cast)


def test_a_lost_flag_outside_clearance_comes_back_and_goes_with_the_correction(cast: Cast):
    entry = cast.log(cast.visit, "impact", landings="5", level="2")
    assert entry.outside_clearance
    healed(cast, "outside_clearance", like=("evidence",))

    void = sync.Op(uuid.uuid4(), "void_set", cast.visit.uid, entry=entry.uid, made_at=NOW)
    sync.apply([void], by=cast.ana, now=NOW)
    assert open_("outside_clearance") == []
    twice(cast)


def test_an_answered_flag_outside_clearance_stays_closed(cast: Cast):
    cast.log(cast.visit, "impact", landings="5", level="2")
    flag = Flag.objects.get(kind="outside_clearance")
    flag_work.resolve_flag(flag=flag, by=cast.ana, resolution="called", now=NOW)
    twice(cast)


# --- intake, and training that has ended ----------------------------------------------------------


def test_an_intake_that_nears_its_end_is_asked_about_again_on_its_day(cast: Cast):
    screened(cast.cal_client, good_until=TODAY + timedelta(days=33))
    review(cast)
    assert open_("intake") == []
    cast.enrollment.review.refresh_from_db()
    assert cast.enrollment.review.next_at.astimezone(cast.north.tz).date() == TODAY + timedelta(3)
    reviewing.sweep(NOW + timedelta(days=3))
    assert [severity for severity, _ in open_("intake")] == ["amber"]


def test_all_of_it_closes_when_training_ends(cast: Cast):
    withdraw(cast.cal_client)
    cast.log(cast.visit, pain="1", pain_site="ribs", pain_kind="new")
    review(cast, WEEKS_4)
    assert open_("intake")
    assert open_("scan_due")
    Enrollment.objects.filter(pk=cast.enrollment.pk).update(status="withdrawn", ended_on=TODAY)
    review(cast, WEEKS_4)
    mine = Flag.objects.open().filter(enrollment=cast.enrollment)
    assert set(mine.values_list("kind", flat=True)) <= {"missed"}


@pytest.mark.parametrize(
    ("family", "most"),
    [("checks", 1), ("height", 1), ("bone", 2), ("pain", 2), ("safety", 3), ("intake", 1)],
)
def test_facts_cost_as_many_queries_for_one_as_for_all(
    cast: Cast, django_assert_max_num_queries, family: str, most: int
):
    rise(cast, "2", "3", "4")
    ids = (cast.enrollment.pk, cast.cam_enrollment.pk)
    for back in (0, 90):
        scope = Scope.of(cast.north, ids, WEEKS_4, back=back)
        with django_assert_max_num_queries(most):
            FAMILIES[family](scope)
