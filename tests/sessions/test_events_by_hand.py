"""An adverse event outside a visit: by hand, locks by the same rule, corrected, reviewed."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser
from django.urls import reverse

from bonefit.clients.models import Lock
from sessions import events
from sessions.entries import BadSet
from sessions.models import AdverseEvent, Flag
from sessions.reported import reports_of_client
from tests.cast import NOW, Cast
from tests.doors import filled

pytestmark = pytest.mark.django_db
SAID = {"what": "dizzy", "severity": "mild", "onset_at": "2026-03-04T20:10"}


@pytest.fixture
def ana(cast: Cast) -> Browser:
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


def record(cast: Cast, uid: uuid.UUID | None = None, **said: str) -> AdverseEvent:
    return events.record(
        client=cast.cal_client, data={**SAID, **said}, uid=uid or uuid.uuid4(), by=cast.ana, now=NOW
    )


def page(cast: Cast, name: str = "events", **more: object) -> str:
    return reverse(f"sessions:{name}", kwargs={"clinic": "north", "pk": cast.cal_client.pk, **more})


def test_every_field_is_kept_and_there_is_no_visit(cast: Cast):
    event = record(
        cast,
        site="knee",
        lift="squat",
        set_number="2",
        serious="no",
        related="possible",
        action="Rest.",
        outcome="Gone next day.",
        described="At home,\nafter supper.",
    )

    event.refresh_from_db()
    assert (event.visit, event.client, event.reported_by) == (None, cast.cal_client, cast.ana)
    assert f"{event.onset_at.astimezone(cast.north.tz):%d %H:%M}" == "04 20:10"
    assert (event.site, event.lift, event.set_number) == ("knee", "squat", 2)
    assert (event.serious, event.related) == (False, "possible")
    assert (event.action, event.outcome) == ("Rest.", "Gone next day.")
    assert not Lock.objects.exists()


def test_without_a_moment_it_is_refused_beside_the_field(cast: Cast):
    with pytest.raises(BadSet) as refused:
        record(cast, onset_at=" ", severity="awful")
    assert refused.value.errors.keys() == {"onset_at", "severity"}
    assert not AdverseEvent.objects.exists()


def test_sent_twice_it_is_one_report(cast: Cast):
    uid = uuid.uuid4()
    assert record(cast, uid).pk == record(cast, uid).pk


@pytest.mark.parametrize(
    ("said", "why"),
    [({"what": "crack"}, "fracture"), ({"what": "back"}, "pain"), ({"serious": "yes"}, "other")],
)
def test_what_locks_on_the_floor_locks_here(cast: Cast, said: dict[str, str], why: str):
    event = record(cast, **said)

    lock = Lock.objects.get()
    assert (lock.why, lock.client, lock.opened_by) == (why, cast.cal_client, cast.ana)
    assert lock.fact == f"{event.uid} 1"
    flag = Flag.objects.get(kind=Flag.Kind.LOCKED)
    assert (flag.enrollment, flag.visit) == (cast.enrollment, None)


def test_a_correction_that_is_serious_locks_once(cast: Cast):
    event = record(cast)
    for _ in range(2):
        events.correct(
            event=event, data={**SAID, "serious": "yes"}, uid=uuid.uuid4(), by=cast.tess, now=NOW
        )
    assert Lock.objects.count() == 1
    assert AdverseEvent.objects.count() == 2


def test_two_who_correct_one_report_are_both_kept(cast: Cast):
    event = record(cast)
    for by, words in ((cast.ana, "From Ana."), (cast.tess, "From Tess.")):
        events.correct(
            event=event, data={**SAID, "described": words}, uid=uuid.uuid4(), by=by, now=NOW
        )
    (report,) = reports_of_client(cast.cal_client, by=cast.ana)
    assert report.event.described == "From Tess."
    assert [one.described for one in report.earlier] == ["From Ana.", ""]


def test_a_lock_by_hand_asks_anew_for_who_is_lifting_and_keeps_the_count(cast: Cast):
    cast.check_in(cast.visit)
    asked = sum(target["sets"] for target in cast.visit.prescription["targets"])
    record(cast, what="chest")

    prescription = cast.visit.prescription
    assert prescription["asked"] == asked > 0
    assert not any(target["sets"] for target in prescription["targets"])


def test_sessions_missed_are_counted_not_typed(cast: Cast):
    record(cast)
    cast.enrollment.visits.filter(pk__in=[one.pk for one in cast.visits[:3]]).update(
        status="excused"
    )
    (report,) = reports_of_client(cast.cal_client, by=cast.ana)
    assert report.missed_words == "3 sessions missed since."


def test_only_who_supervises_here_reports(cast: Cast):
    for by in (cast.ada, cast.dee, cast.cal, cast.otto, cast.lea):
        with pytest.raises(PermissionDenied):
            events.record(client=cast.cal_client, data=SAID, uid=uuid.uuid4(), by=by, now=NOW)


# --- the pages ------------------------------------------------------------------------------------
def test_reported_corrected_and_reviewed_on_the_pages(cast: Cast, ana: Browser):
    form = ana.get(page(cast, "event-new")).content.decode()
    answer = ana.post(page(cast, "event-new"), filled(form, **SAID, described="At home"))
    assert answer.status_code == 302

    event = AdverseEvent.objects.get()
    again = f"{page(cast, 'event-new')}?of={event.uid}"
    form = ana.get(again).content.decode()
    assert "At home" in form
    ana.post(again, filled(form, outcome="Well again"))
    newest = AdverseEvent.objects.get(replaces=event)
    tess = Browser()
    tess.force_login(cast.tess.user)
    tess.post(page(cast, "event-review", event=newest.uid))

    shown = ana.get(page(cast)).content.decode()
    for words in ("Dizzy or faint, mild", "Well again", "Outside a session", "Tess"):
        assert words in shown, words
    newest.refresh_from_db()
    assert (newest.reviewed_by, newest.outcome) == (cast.tess, "Well again")


def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(cast: Cast, ana: Browser):
    form = ana.get(page(cast, "event-new")).content.decode()
    answer = ana.post(
        page(cast, "event-new"),
        filled(form, what="dizzy", onset_at="2027-01-01T10:00", action="Sat down"),
    )
    said = answer.content.decode()
    assert answer.status_code == 422
    for words in ("still to come", "Say how severe it is", "Sat down"):
        assert words in said, words


def test_a_report_of_a_visit_is_not_corrected_here(cast: Cast, ana: Browser):
    event = record(cast)
    AdverseEvent.objects.filter(pk=event.pk).update(visit=cast.visit)
    assert ana.get(f"{page(cast, 'event-new')}?of={event.uid}").status_code == 404
    assert ana.get(f"{page(cast, 'event-new')}?of=nonsense").status_code == 404
    assert ana.post(page(cast, "event-review", event=event.uid)).status_code == 404


def test_many_reports_cost_as_many_queries_as_few(
    cast: Cast, ana: Browser, django_assert_num_queries
):
    record(cast)
    ana.get(page(cast))
    with django_assert_num_queries(7):
        ana.get(page(cast))
    for days in range(30):
        onset = (NOW - timedelta(days=days + 1)).strftime("%Y-%m-%dT%H:%M")
        event = record(cast, onset_at=onset)
        events.correct(
            event=event,
            data={**SAID, "onset_at": onset, "action": "Ice"},
            uid=uuid.uuid4(),
            by=cast.ana,
            now=NOW,
        )
    with django_assert_num_queries(7):
        ana.get(page(cast))
