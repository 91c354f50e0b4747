"""An adverse event is reported: what is needed, what it locks, how it is corrected and reviewed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from bonefit.clients.models import Lock
from bonefit.clinics.models import Membership
from sessions import actions, alarms, sync
from sessions.due import report_due, reports_due
from sessions.models import AdverseEvent, Flag, Operation, Visit
from sessions.on_reports import LONGEST_LINE, review
from sessions.reported import reports_of_client, reports_of_visit
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db
DIZZY = {"what": "dizzy", "severity": "mild"}
ALARM = {"pain": "1", "pain_site": "ribs", "pain_kind": "new"}


def tell(
    cast: Cast,
    kind: str,
    said: dict[str, Any],
    *,
    visit: Visit | None = None,
    entry: uuid.UUID | None = None,
    by: Membership | None = None,
) -> sync.Result:
    visit = visit or cast.visit
    op = sync.Op(uuid.uuid4(), kind, visit.uid, made_at=NOW, entry=entry, payload=said)
    return sync.apply([op], by=by or cast.ana, now=max(NOW, visit.starts_at))[0]


def report(cast: Cast, said: dict[str, Any], **more: Any) -> sync.Result:
    return tell(cast, "report", said, **more)


def test_two_answers_are_a_report_and_the_rest_stays_blank(cast: Cast):
    uid = uuid.uuid4()
    result = report(cast, DIZZY, entry=uid)

    assert (result.outcome, result.entry) == ("applied", uid)
    event = AdverseEvent.objects.get()
    assert (event.uid, event.visit, event.client) == (uid, cast.visit, cast.cal_client)
    assert (event.what, event.severity, event.onset_at) == ("dizzy", "mild", NOW)
    assert (event.reported_by, event.reviewed_by, event.replaces) == (cast.ana, None, None)
    assert (event.serious, event.set_number, event.related, event.described) == (None, None, "", "")


def test_every_field_of_a_report_is_kept(cast: Cast):
    report(
        cast,
        {
            "what": "bar",
            "severity": "moderate",
            "site": "foot",
            "serious": "no",
            "related": "definite",
            "action": "Ice, sat down.",
            "outcome": "Walked home.",
            "described": "The bar slipped.\nIt fell on her foot.",
            "lift": "hinge",
            "set_number": "3",
            "onset_at": "2026-03-05T09:20",
        },
    )
    event = AdverseEvent.objects.get()
    assert (event.site, event.serious, event.related) == ("foot", False, "definite")
    assert (event.action, event.outcome) == ("Ice, sat down.", "Walked home.")
    assert event.described == "The bar slipped.\nIt fell on her foot."
    assert (event.lift, event.set_number) == ("hinge", 3)
    assert f"{event.onset_at.astimezone(cast.north.tz):%d %H:%M}" == "05 09:20"


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"severity": "mild"}, "what", "Choose what happened."),
        ({"what": "dizzy"}, "severity", "Say how severe it is: mild, moderate or severe."),
        ({**DIZZY, "what": "bored"}, "what", "Choose one from the list."),
        ({**DIZZY, "severity": "awful"}, "severity", "Choose one from the list."),
        ({**DIZZY, "site": "soul"}, "site", "Choose one from the list."),
        ({**DIZZY, "related": "very"}, "related", "Choose one from the list."),
        ({**DIZZY, "lift": "curl"}, "lift", "Choose one from the list."),
        ({**DIZZY, "serious": "perhaps"}, "serious", "Answer yes or no: is it serious?"),
        ({**DIZZY, "set_number": "0"}, "set_number", "The number of a set, 1 to 20."),
        ({**DIZZY, "set_number": "two"}, "set_number", "The number of a set, 1 to 20."),
        (
            {**DIZZY, "action": "x" * (LONGEST_LINE + 1)},
            "action",
            "At most 400 characters; this has 401.",
        ),
        (
            {**DIZZY, "onset_at": "at ten"},
            "onset_at",
            "Write the day and the time, as 2026-03-05 09:20.",
        ),
        (
            {**DIZZY, "onset_at": "2026-03-06T09:20"},
            "onset_at",
            "This time is still to come. Check the day and the time.",
        ),
        (
            {**DIZZY, "onset_at": "0001-03-06T09:20"},
            "onset_at",
            "That is more than a year ago. Check the year.",
        ),
    ],
)
def test_what_is_wrong_with_a_report_is_said_of_its_field(
    cast: Cast, said: dict[str, str], field: str, words: str
):
    result = report(cast, said)
    assert result.outcome == Operation.Outcome.REFUSED
    assert dict(result.errors) == {field: words}
    assert not AdverseEvent.objects.exists()


def test_all_that_is_wrong_is_said_at_once(cast: Cast):
    assert report(cast, {"set_number": "x"}).errors.keys() == {"what", "severity", "set_number"}


@pytest.mark.parametrize("strange", [{"what": ["dizzy"]}, {"what": {"a": 1}}, {"what": "\x00"}])
def test_a_strange_payload_is_refused(cast: Cast, strange: dict[str, Any]):
    assert report(cast, {**DIZZY, **strange}).outcome == Operation.Outcome.REFUSED


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (DIZZY, None),
        ({**DIZZY, "serious": "no"}, None),
        ({**DIZZY, "severity": "severe"}, None),
        ({"what": "fall", "severity": "mild"}, None),
        ({**DIZZY, "serious": "yes"}, "other"),
        ({"what": "back", "severity": "mild"}, "pain"),
        ({"what": "radiating", "severity": "mild"}, "pain"),
        ({"what": "crack", "severity": "mild"}, "fracture"),
        ({"what": "bladder", "severity": "mild"}, "other"),
        ({"what": "chest", "severity": "mild"}, "other"),
    ],
)
def test_a_serious_event_and_a_sign_of_a_fracture_lock(
    cast: Cast, said: dict[str, str], why: str | None
):
    report(cast, said)
    locks = list(Lock.objects.values_list("why", flat=True))
    assert locks == ([why] if why else [])
    assert Flag.objects.filter(kind=Flag.Kind.LOCKED).exists() is bool(why)
    refused = tell(cast, "check_in", {"now": "0"}, visit=cast.visits[1])
    assert (refused.outcome == "refused") is bool(why)


def test_a_report_of_a_visit_that_is_stopped_already_adds_no_second_lock(cast: Cast):
    tell(cast, "stop", {"why": "back"})
    report(cast, {"what": "back", "severity": "severe", "serious": "yes"})
    assert [lock.why for lock in Lock.objects.all()] == ["stop"]

    alarms.release(cast.cal_client, clinician="Dr L. H.", finding="Strain", by=cast.ana)
    report(cast, {"what": "chest", "severity": "severe"})
    assert [lock.why for lock in Lock.objects.open()] == ["other"]
    assert Lock.objects.open().get().evidence["why"] == "reported, chest pain or pressure, severe"


# --- said twice, and corrected --------------------------------------------------------------------


def test_a_report_sent_twice_is_one(cast: Cast):
    op = sync.Op(
        uuid.uuid4(), "report", cast.visit.uid, made_at=NOW, entry=uuid.uuid4(), payload=DIZZY
    )
    outcomes = [sync.apply([op], by=cast.ana)[0] for _ in range(2)]
    outcomes += sync.apply([op, op], by=cast.ana)
    assert {one.outcome for one in outcomes} == {"applied"}
    assert AdverseEvent.objects.count() == 1
    assert Operation.objects.filter(kind="report").count() == 1


def test_a_report_without_a_uid_of_its_own_takes_that_of_its_operation(cast: Cast):
    op = sync.Op(uuid.uuid4(), "report", cast.visit.uid, made_at=NOW, payload=DIZZY)
    sync.apply([op], by=cast.ana)
    assert AdverseEvent.objects.get().uid == op.uid


def test_a_correction_is_a_further_report_and_the_earlier_one_stays_readable(cast: Cast):
    uid = uuid.uuid4()
    report(cast, DIZZY, entry=uid)
    first = AdverseEvent.objects.get()
    second = report(cast, {**DIZZY, "severity": "severe"}, entry=uid, by=cast.tess)
    third = report(cast, {**DIZZY, "severity": "moderate"}, entry=uid)

    assert AdverseEvent.objects.count() == 3
    (found,) = reports_of_visit(cast.visit, by=cast.ana)
    assert found.words == "Dizzy or faint, moderate"
    assert found.event.uid == third.entry
    assert [one.severity for one in found.earlier] == ["severe", "mild"]
    assert found.earlier[0].reported_by == cast.tess
    assert (found.event.onset_at, first.onset_at) == (NOW, NOW)
    told = Operation.objects.get(entry=second.entry)
    assert told.before["severity"] == "mild"


def test_the_same_said_again_under_the_uid_of_a_report_adds_nothing(cast: Cast):
    uid = uuid.uuid4()
    report(cast, DIZZY, entry=uid)
    assert report(cast, DIZZY, entry=uid).outcome == "applied"
    assert AdverseEvent.objects.count() == 1


def test_a_correction_that_makes_it_serious_locks(cast: Cast):
    uid = uuid.uuid4()
    report(cast, DIZZY, entry=uid)
    assert not Lock.objects.exists()
    report(cast, {**DIZZY, "serious": "yes"}, entry=uid)
    assert Lock.objects.get().evidence["why"] == "reported, dizzy or faint, mild"


def test_a_report_of_one_visit_cannot_be_corrected_by_way_of_another(cast: Cast):
    uid = uuid.uuid4()
    report(cast, DIZZY, entry=uid)
    refused = report(cast, {**DIZZY, "severity": "severe"}, visit=cast.visits[1], entry=uid)
    assert refused.reason == "That report is one of another visit."
    assert AdverseEvent.objects.count() == 1


def test_a_review_has_a_name_and_a_correction_is_reviewed_anew(cast: Cast):
    uid = uuid.uuid4()
    report(cast, DIZZY, entry=uid)
    event = AdverseEvent.objects.get()
    assert review(event, by=cast.tess, now=NOW) is True
    assert review(event, by=cast.ana, now=NOW) is False
    event.refresh_from_db()
    assert (event.reviewed_by, event.reviewed_at) == (cast.tess, NOW)

    report(cast, {**DIZZY, "severity": "severe"}, entry=uid)
    assert review(event, by=cast.ana, now=NOW) is False  # it is replaced
    (found,) = reports_of_visit(cast.visit, by=cast.ana)
    assert found.event.reviewed_at is None


# --- what is due, and what was missed since -------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "said", "due"),
    [
        ("stop", {}, True),
        ("stop", {"why": "dizzy"}, True),
        ("check_in", {"now": "1", "now_site": "ribs", "now_kind": "new"}, True),
        ("check_in", {"fracture": "yes"}, True),
        ("check_in", {"dizzy": "yes"}, False),
        ("check_in", {"now": "0"}, False),
    ],
)
def test_a_report_is_due_of_a_visit_that_was_stopped(cast: Cast, kind: str, said, due: bool):
    tell(cast, kind, said)
    assert report_due(cast.visit) is due
    assert not report_due(cast.visits[1])

    report(cast, DIZZY)
    assert not report_due(cast.visit)


def test_pain_in_a_set_that_ends_loading_is_to_be_reported_and_a_release_is_no_report(cast: Cast):
    cast.log(cast.visit, "hinge", 1, **ALARM)
    assert reports_due(cast.visits) == {cast.visit.pk}
    alarms.release(cast.cal_client, clinician="Dr L. H.", finding="Strain", by=cast.ana)
    assert reports_due(cast.visits) == {cast.visit.pk}


def test_what_is_due_of_a_whole_class_costs_two_queries(cast: Cast, django_assert_num_queries: Any):
    tell(cast, "stop", {})
    visits = [*cast.visits, *cast.cam_enrollment.visits.all()]
    with django_assert_num_queries(2):
        assert reports_due(visits) == {visits[0].pk}


def test_a_lane_says_that_a_report_is_due_and_what_was_reported(cast: Cast, client: Browser):
    client.force_login(cast.ana.user)

    def said() -> dict[str, Any]:
        slots = client.get("/c/north/floor/day/?day=2026-03-05").json()["slots"]
        lanes = [one for slot in slots for one in slot["lanes"]]
        lane = next(one for one in lanes if one["visit"] == str(cast.visit.uid))
        return {name: lane[name] for name in ("report_due", "reports")}

    assert said() == {"report_due": False, "reports": []}
    tell(cast, "stop", {})
    assert said() == {"report_due": True, "reports": []}
    uid = uuid.uuid4()
    report(cast, DIZZY, entry=uid)
    report(cast, {**DIZZY, "severity": "severe"}, entry=uid)
    assert said() == {"report_due": False, "reports": ["Dizzy or faint, severe"]}


def attend(cast: Cast, visit: Visit) -> None:
    cast.log(visit, now=visit.starts_at)
    actions.complete_visit(visit=visit, by=cast.ana, now=visit.ends_at)


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([], "No session missed since."),
        (["no_show"], "1 session missed since."),
        (["no_show", "excused", "late_cancel"], "3 sessions missed since."),
        (["clinic_cancelled", "no_show"], "1 session missed since."),
        (["no_show", "attended", "no_show"], "1 session missed after it."),
        (["attended", "no_show"], "No session missed after it."),
    ],
)
def test_sessions_missed_are_counted_until_the_client_comes_again(
    cast: Cast, states: list[str], words: str
):
    report(cast, DIZZY)
    for visit, status in zip(cast.visits[1:], states, strict=False):
        if status == "attended":
            attend(cast, visit)
        else:
            late = visit.starts_at + timedelta(minutes=5)
            actions.say(visit=visit, status=status, by=cast.ana, now=late)
    (found,) = reports_of_client(cast.cal_client, by=cast.ana)
    assert found.missed_words == words


def test_reports_of_another_clinic_are_not_there(cast: Cast):
    report(cast, DIZZY)
    assert reports_of_client(cast.cal_client, by=cast.otto) == []
    refused = report(cast, DIZZY, by=cast.otto)
    assert refused.reason == "There is no such visit."
