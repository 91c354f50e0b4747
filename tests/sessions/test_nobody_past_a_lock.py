"""Nobody is booked, checked in or given a target past a lock or past her intake, whichever way.

Each way in is tried with each thing that may stand in the way (``tests.intakes.ALL_BARS``). A set
that was done all the same is recorded, marked and flagged.
"""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client as Browser

from programs.actions import CannotStart
from programs.models import Decision, ProgramVersion
from sessions import actions, booking, facts, held, moving, sync, waiting
from sessions.booking import NoSeat
from sessions.models import Flag, HeldOperation, SetEntry, Slot, Visit, Waiting
from tests.cast import NOW, TODAY, Cast, assign, enroll, log_op
from tests.doors import filled
from tests.intakes import ALL_BARS, BARS, anew, locked, screened
from tests.sessions.classes import said
from tests.sessions.timetabled import SATURDAY, class_at

pytestmark = pytest.mark.django_db
every_bar = pytest.mark.parametrize("bar", ALL_BARS)
CHECK_IN = {"next_day": "0", "now": "0"}
LIFTS = "/c/north/clients/{}/plan"


def bar_cal(cast: Cast, bar: str) -> None:
    """From here on something stands in Cal's way; what was loaded before is read anew."""
    ALL_BARS[bar](cast.cal_client)
    cast.enrollment.refresh_from_db()
    cast.cal_client.refresh_from_db()
    cast.enrollment.client = cast.cal_client


def by(cast: Cast, who: str) -> Browser:
    browser = Browser()
    browser.force_login(getattr(cast, who).user)
    return browser


def places(cast: Cast) -> set[tuple[int, int, str]]:
    """Every seat of Cal's: visit, class, status."""
    rows = Visit.objects.filter(client=cast.cal_client)
    return set(rows.values_list("pk", "slot_id", "status"))


def missed(cast: Cast) -> Visit:
    return actions.say(visit=cast.visit, status="no_show", by=cast.ana, now=NOW)


# --- booked --------------------------------------------------------------------------------------
@every_bar
@pytest.mark.parametrize("who", ["dee", "ana"])
def test_an_extra_session_is_not_booked_at_the_desk(cast: Cast, bar: str, who: str):
    slot = class_at(cast, SATURDAY)
    bar_cal(cast, bar)
    before, desk = places(cast), by(cast, who)
    address = f"/c/north/classes/{slot.pk}/book/"

    page = desk.get(f"{address}?client={cast.cal_client.pk}")
    answer = desk.post(address, {"client": cast.cal_client.pk, "as": "extra"})
    with pytest.raises(NoSeat):
        booking.book(
            enrollment=cast.enrollment,
            slot=slot,
            purpose="extra",
            by=getattr(cast, who),
            now=NOW,
            over=True,
            why="She asked",
        )

    assert (page.status_code, answer.status_code) == (200, 422)
    assert places(cast) == before
    clinical = ("consent", "letter", "screening", "not now", "stopped on the floor")
    if who == "dee":  # the front desk reads nothing clinical
        assert not [word for word in clinical if word in answer.text.lower()]
    else:
        assert [word for word in clinical if word in answer.text.lower()]


@every_bar
def test_a_make_up_is_not_booked_by_the_desk_or_in_the_portal(cast: Cast, bar: str):
    owed, slot = missed(cast), class_at(cast, SATURDAY)
    bar_cal(cast, bar)
    before = places(cast)

    desk = by(cast, "dee").post(
        f"/c/north/bookings/{cast.cal_client.pk}/make-up/{owed.uid}/", {"slot": slot.pk}
    )
    cal = by(cast, "cal")
    page = cal.get(f"/c/north/my/visits/{owed.uid}/make-up/")
    portal = cal.post(f"/c/north/my/visits/{owed.uid}/make-up/", {"take": slot.pk})
    wait = cal.post(f"/c/north/my/visits/{owed.uid}/make-up/", {"wait": slot.pk})

    assert (desk.status_code, portal.status_code, wait.status_code) == (422, 422, 422)
    assert "Please call us first" in page.text
    assert "Please call us first" in portal.text
    assert places(cast) == before
    assert not Waiting.objects.exists()


@every_bar
def test_no_place_is_offered_and_an_offer_from_before_is_not_taken(cast: Cast, bar: str):
    slot = class_at(cast, SATURDAY)
    asked = waiting.wait(enrollment=cast.enrollment, slot=slot, by=cast.dee, now=NOW)
    bar_cal(cast, bar)
    before = places(cast)

    assert waiting.offer_free_places(NOW) == 0
    with pytest.raises(NoSeat):
        waiting.offer_to(waiting=asked, by=cast.ana, now=NOW)

    Waiting.objects.update(offered_at=NOW, offer_ends_at=NOW + timedelta(hours=4))
    for who in (cast.cal, cast.dee):
        with pytest.raises(NoSeat):
            waiting.accept(waiting=Waiting.objects.get(), by=who, now=NOW)
    answer = by(cast, "cal").post(f"/c/north/my/offers/{asked.pk}/", {"answer": "yes"})
    assert answer.status_code == 422
    assert places(cast) == before


@every_bar
def test_a_seat_that_was_given_up_is_not_given_back(cast: Cast, bar: str):
    freed = booking.cancel(visit=cast.visits[1], cause="client", why="", by=cast.cal, now=NOW)
    bar_cal(cast, bar)

    for who in (cast.cal, cast.dee, cast.ana):
        with pytest.raises(NoSeat):
            booking.restore(visit=freed, by=who, now=NOW)


@pytest.mark.parametrize("bar", BARS)
def test_a_seat_is_not_moved_to_a_day_on_which_she_may_not_lift(cast: Cast, bar: str):
    slot = class_at(cast, SATURDAY)
    bar_cal(cast, bar)
    before = places(cast)

    with pytest.raises(NoSeat):
        booking.move(visit=cast.visits[1], slot=slot, by=cast.dee, why="", now=NOW)
    answer = by(cast, "dee").post(f"/c/north/seats/{cast.visits[1].uid}/move/", {"slot": slot.pk})
    assert answer.status_code == 422
    assert places(cast) == before


def test_after_the_last_good_day_nothing_is_booked_and_the_day_is_said(cast: Cast):
    screened(cast.cal_client, good_until=TODAY + timedelta(days=1))
    cast.enrollment.refresh_from_db()
    slot = class_at(cast, SATURDAY)

    for who, words in (
        (cast.dee, "This client can be booked until Friday 6 March."),
        (cast.ana, "The intake holds until Friday 6 March, then: screening."),
    ):
        with pytest.raises(NoSeat, match=words):
            booking.book(enrollment=cast.enrollment, slot=slot, purpose="extra", by=who, now=NOW)
    owed = missed(cast)
    with pytest.raises(NoSeat, match="You can book until Friday 6 March"):
        booking.book(
            enrollment=cast.enrollment,
            slot=slot,
            purpose="make_up",
            makes_up=owed,
            by=cast.cal,
            now=NOW,
        )
    friday = class_at(cast, TODAY + timedelta(days=1), room="Room 3")
    booking.move(visit=cast.visits[1], slot=friday, by=cast.dee, why="", now=NOW)


# --- checked in ----------------------------------------------------------------------------------
@every_bar
def test_she_is_not_checked_in_by_page_board_or_batch(cast: Cast, bar: str):
    zoe = assign(enroll(cast.ana, "Zoe Z."), cast.ana).visits.order_by("during").first()
    bar_cal(cast, bar)
    if bar == "new consent text past its date":
        anew(zoe.client)  # it bars everybody who has not signed it
    ana, visit = by(cast, "ana"), cast.visit
    all_here = [said("check_in", visit), said("check_in", zoe)]

    page = ana.post(f"/c/north/visits/{visit.uid}/check-in/", CHECK_IN)
    board = ana.post(
        "/c/north/floor/operations/",
        json.dumps(
            {
                "author": cast.ana.pk,
                "operations": [
                    {
                        "id": str(uuid.uuid4()),
                        "kind": "check_in",
                        "visit": str(visit.uid),
                        "payload": CHECK_IN,
                        "at": NOW.isoformat(),
                    }
                ],
            }
        ),
        content_type="application/json",
    )
    results = sync.apply(all_here, by=cast.ana, now=NOW)

    assert page.status_code == 422
    assert [one["outcome"] for one in board.json()["results"]] == ["refused"]
    others = "refused" if bar == "new consent text past its date" else "applied"
    assert [one.outcome for one in results] == ["refused", others]
    assert Visit.objects.get(pk=visit.pk).status == Visit.Status.PLANNED


@every_bar
def test_a_held_check_in_is_refused_when_an_admin_lets_it_in(cast: Cast, bar: str):
    operation = {
        "id": str(uuid.uuid4()),
        "kind": "check_in",
        "visit": str(cast.visit.uid),
        "payload": CHECK_IN,
        "at": NOW.isoformat(),
    }
    row = HeldOperation.objects.create(
        clinic=cast.north,
        uid=operation["id"],
        author=cast.ana,
        body=operation,
        received_at=NOW,
    )
    bar_cal(cast, bar)
    op = said("check_in", cast.visit)
    result = sync.apply_held(op, author=cast.ana, decided_by=cast.ada, now=NOW)
    held.decide(ids=[row.pk], decision="applied", reason="Hers", by=cast.ada, now=NOW)

    assert result.outcome == "refused"
    assert Visit.objects.get(pk=cast.visit.pk).status == Visit.Status.PLANNED


@every_bar
def test_she_does_not_walk_in(cast: Cast, bar: str):
    bar_cal(cast, bar)
    cam = cast.cam_enrollment.visits.first()  # a class of tomorrow; today's is Cal's own
    elsewhere = class_at(cast, TODAY, room="Room 3")
    before = places(cast)
    answer = by(cast, "ana").post(
        "/c/north/floor/walk-in/",
        json.dumps({"slot": elsewhere.pk, "client": cast.cal_client.pk, "uid": str(uuid.uuid4())}),
        content_type="application/json",
    )

    assert answer.status_code == 409, answer.content
    assert cam.client_id != cast.cal_client.pk
    assert places(cast) == before


# --- prescribed ----------------------------------------------------------------------------------
@every_bar
def test_no_target_is_given(cast: Cast, bar: str):
    bar_cal(cast, bar)
    visit = facts.on_the_floor(cast.ana).get(pk=cast.visit.pk)
    visit.clinic = cast.north

    now = facts.standing_now(cast.enrollment, clinic=cast.north, now=NOW).targets
    then = facts.standing_for(visit, clinic=cast.north, cleared=5).targets
    for target in (*now.values(), *then.values()):
        assert (target.load, target.sets, target.landings, target.available) == (
            None,
            0,
            None,
            False,
        )
        assert target.reason.code == ("locked" if bar == "locked" else "intake")
        assert len(target.reason.line) <= 90
    lane = by(cast, "ana").get("/c/north/floor/day/").json()["slots"][0]["lanes"][0]
    assert lane["stopped"]["line"]
    assert not any(lift["available"] for lift in lane["lifts"])


@every_bar
def test_no_program_is_assigned_and_none_is_taken_up_again(cast: Cast, bar: str):
    ned = enroll(cast.ana, "Ned M.")
    moving.end_enrollment(
        enrollment=cast.enrollment, status="finished", reason="Done", on=TODAY, by=cast.ana, now=NOW
    )
    ALL_BARS[bar](ned)
    bar_cal(cast, bar)
    ana = by(cast, "ana")
    address = f"/c/north/clients/{ned.pk}/assign/"

    assert "Assign</button>" not in ana.get(address).text
    assert ana.post(address, {"starts_on": "9 March 2026"}).status_code == 422
    with pytest.raises(CannotStart):
        assign(ned, cast.ana)
    with pytest.raises(actions.Refused):
        moving.resume_enrollment(enrollment=cast.enrollment, reason="Back", by=cast.ana, now=NOW)
    assert not ned.enrollments.exists()


@every_bar
@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("hinge/load/", {"load": "35", "reason": "Lighter"}),
        ("hinge/exercise/", {"exercise": "other", "reason": "Knee"}),
        ("hinge/estimate/", {"load": "40", "reps": "5", "reason": "Stopped in form"}),
        ("hinge/override/", {"reason": "Seen clean"}),
        ("phase/", {"phase": "other", "criteria": "all", "reason": "Ready"}),
        ("version/", {"reason": "Fewer lifts"}),
        ("blocks/", {"reason": "Two falls"}),
    ],
)
def test_nothing_new_is_decided(cast: Cast, bar: str, path: str, typed: dict[str, str]):
    address = f"{LIFTS.format(cast.cal_client.pk)}/{path}"
    ana = by(cast, "ana")
    body = filled(ana.get(address).text, **typed)  # the form as it was open on her screen
    bar_cal(cast, bar)
    decided = Decision.objects.count()

    assert ana.post(address, body).status_code == 422
    assert Decision.objects.count() == decided
    assert ana.get(address).status_code == 200


def test_a_hold_is_still_said(cast: Cast):
    bar_cal(cast, "no screening")
    actions.decide(
        enrollment=cast.enrollment, kind="hold", by=cast.ana, reason="Sore", lift="hinge", now=NOW
    )
    version = ProgramVersion.objects.get(clinic=cast.north, program__kind="block")
    with pytest.raises(actions.Refused, match="Intake of Cal P"):
        moving.add_block(
            enrollment=cast.enrollment, version=version, by=cast.ana, reason="Falls", now=NOW
        )


# --- done all the same ---------------------------------------------------------------------------
@every_bar
def test_a_set_done_all_the_same_is_recorded_marked_and_flagged(cast: Cast, bar: str):
    bar_cal(cast, bar)
    batch = [said("check_in", cast.visit), log_op(cast.visit), log_op(cast.visit, number=2)]
    results = sync.apply(batch, by=cast.ana, now=NOW)

    assert [one.outcome for one in results] == ["refused", "applied", "applied"]
    assert set(SetEntry.objects.values_list("load", "reps", "outside_clearance")) == {(40, 5, True)}
    flag = Flag.objects.get(kind=Flag.Kind.OUTSIDE_CLEARANCE)
    page = by(cast, "ana").get("/c/north/flags/").text
    words = "loaded while locked" if bar == "locked" else "loaded without a complete intake"
    assert flag.enrollment == cast.enrollment
    assert words in page


def test_consent_withdrawn_in_the_middle_of_a_class_ends_what_was_asked_for(cast: Cast):
    cast.check_in(cast.visit)
    first = cast.log(cast.visit)
    bar_cal(cast, "consent withdrawn")
    second = cast.log(cast.visit, number=2)
    page = by(cast, "ana").get(f"/c/north/visits/{cast.visit.uid}/").text

    assert (first.outside_clearance, second.outside_clearance) == (False, True)
    assert "Intake: consent: training with heavy loads. Nothing is prescribed." in page
    told = Visit.objects.get(pk=cast.visit.pk).prescription
    assert told["asked"] == sum((5, 5, 5, 5)) or told["asked"] > 0


def test_once_the_intake_is_complete_the_same_visit_is_prescribed_again(cast: Cast):
    bar_cal(cast, "screening expired")
    cast.log(cast.visit)
    screened(cast.cal_client)
    cast.check_in(cast.visit)
    third = cast.log(cast.visit, number=3)

    assert third.prescribed_load == 40
    assert not third.outside_clearance


def test_a_lock_leaves_seats_where_they_are_and_a_planned_place_stays_hers(cast: Cast):
    for stop in (locked, BARS["no screening"]):
        stop(cast.cal_client)
    assert Slot.objects.filter(visits__client=cast.cal_client).exists()
    assert anew(cast.cal_client).may_start_until is None
    assert cast.enrollment.visits.filter(status="planned").count() > 1
