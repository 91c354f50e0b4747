"""What arrives after its author lost the right to log is held until an admin decides."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser
from django.utils import timezone

from bonefit.clinics.models import Membership, User
from sessions import actions, held, sync, uploads
from sessions.models import HeldOperation, Operation, SetEntry
from tests.cast import NOW, Cast, log_op
from tests.sessions.test_upload_tokens import mint, outcomes, tapped, upload

pytestmark = pytest.mark.django_db
HELD = "/c/north/held/"
WAYS = ["membership", "user", "role"]


def revoke(member: Membership, way: str = "membership") -> None:
    if way == "membership":
        Membership.objects.filter(pk=member.pk).update(is_active=False)
    elif way == "user":
        User.objects.filter(pk=member.user_id).update(is_active=False)
    else:
        Membership.objects.filter(pk=member.pk).update(roles=["admin"])


def by_log_in(browser: Browser, author: Membership, operations: list[Any]) -> Any:
    sent = {"author": author.pk, "operations": operations}
    return browser.post(
        "/c/north/floor/operations/", json.dumps(sent), content_type="application/json"
    )


@pytest.fixture
def admin(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ada.user)
    return client


@pytest.fixture
def waiting(cast: Cast) -> list[int]:
    """Two sets of Ana's that arrived after she had left; their ids."""
    token = mint(cast)
    revoke(cast.ana)
    assert outcomes(upload(token, [tapped(cast.visit, n) for n in (1, 2)])) == ["held"] * 2
    return list(HeldOperation.objects.values_list("pk", flat=True))


# --- arriving -------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", WAYS)
def test_what_arrives_by_token_of_a_revoked_author_is_held_once(cast: Cast, way: str):
    token, batch = mint(cast), [tapped(cast.visit, number) for number in (1, 2)]
    revoke(cast.ana, way)

    assert outcomes(upload(token, batch)) == ["held"] * 2
    assert outcomes(upload(token, [*reversed(batch), *batch])) == ["held"] * 4
    rows = HeldOperation.objects.all()
    assert [row.body for row in rows] == batch
    assert {row.author for row in rows} == {cast.ana}
    assert SetEntry.objects.count() == Operation.objects.count() == 0


@pytest.mark.parametrize("way", ["membership", "role"])
def test_what_arrives_by_a_log_in_that_lost_the_right_is_held(cast: Cast, way: str):
    mint(cast)
    browser = Browser()
    browser.force_login(cast.ana.user)
    revoke(cast.ana, way)
    answer = by_log_in(browser, cast.ana, [tapped(cast.visit), {"id": "x"}])

    assert outcomes(answer) == ["held", "refused"]
    assert answer.json()["lanes"] == {}
    assert HeldOperation.objects.get().author == cast.ana


@pytest.mark.parametrize("who", ["ada", "cal", "lea", "otto"])
def test_of_somebody_who_never_logged_nothing_is_held(cast: Cast, who: str):
    member = getattr(cast, who)
    browser = Browser()
    browser.force_login(member.user)

    assert by_log_in(browser, member, [tapped(cast.visit)]).status_code in (403, 404)
    assert HeldOperation.objects.count() == 0


def test_a_revoked_author_sends_nothing_as_another(cast: Cast):
    mint(cast)
    browser = Browser()
    browser.force_login(cast.ana.user)
    revoke(cast.ana)

    assert by_log_in(browser, cast.tess, [tapped(cast.visit)]).status_code == 404
    assert HeldOperation.objects.count() == 0


def test_what_was_applied_before_the_right_was_lost_is_not_held_again(cast: Cast):
    token, sent = mint(cast), [tapped(cast.visit)]
    assert outcomes(upload(token, sent)) == ["applied"]
    revoke(cast.ana)

    assert outcomes(upload(token, sent)) == ["applied"]
    assert HeldOperation.objects.count() == 0


def test_of_a_slot_that_was_not_prepared_nothing_is_held(cast: Cast):
    token = mint(cast)
    revoke(cast.ana)

    assert outcomes(upload(token, [tapped(cast.visits[2])])) == ["refused"]
    assert HeldOperation.objects.count() == 0


def test_nobody_fills_the_admins_list_without_end(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(held, "MOST_HELD", 2)
    token = mint(cast)
    revoke(cast.ana)
    batch = [tapped(cast.visit, number) for number in (1, 2)]

    assert outcomes(upload(token, batch)) == ["held"] * 2
    more = upload(token, [tapped(cast.visit, 3)])
    assert more.status_code == 429
    assert more["Retry-After"] == "3600"


# --- deciding -------------------------------------------------------------------------------------
def test_the_admin_reads_what_each_entry_says_by_author_and_visit(
    cast: Cast, admin: Browser, waiting: list[int]
):
    page = admin.get(HELD).content.decode()

    assert "Ana T.: Cal P., 5 March 2026, 09:00" in page
    assert "Log a set: Deadlift 2, 40 kg × 5" in page
    settings = admin.get("/c/north/settings/").content.decode()
    assert "Entries from a tablet that wait for your decision</a>: 2" in settings
    assert (
        '2<span class="vh"> to decide on</span>'
        in admin.get("/c/north/reports/adherence/").content.decode()
    )


def test_applied_it_counts_with_its_author_as_the_supervisor(
    cast: Cast, admin: Browser, waiting: list[int]
):
    answer = admin.post(
        HELD, {"group": waiting[0], "op": waiting, "decision": "applied"}, follow=True
    )

    assert "2 entries applied." in answer.content.decode()
    entries = SetEntry.objects.order_by("number")
    assert [(one.number, one.supervisor) for one in entries] == [(1, cast.ana), (2, cast.ana)]
    assert {one.by for one in Operation.objects.all()} == {cast.ana}
    rows = HeldOperation.objects.all()
    assert {(one.decision, one.decided_by) for one in rows} == {("applied", cast.ada)}
    assert all(one.decided_at for one in rows)


def test_set_aside_it_stays_readable_and_counts_for_nothing(
    cast: Cast, admin: Browser, waiting: list[int]
):
    said = {"group": waiting[0], "op": waiting[:1], "decision": "set_aside", "reason": "Not hers"}
    page = admin.post(HELD, said, follow=True).content.decode()

    assert "1 entry set aside." in page
    assert "Set aside by Ada A., 5 March 2026, 12:00: Not hers" in page
    assert SetEntry.objects.count() == 0
    assert HeldOperation.objects.filter(decided_at=None).get().pk == waiting[1]


def test_setting_aside_needs_a_reason_and_keeps_what_was_ticked(
    cast: Cast, admin: Browser, waiting: list[int]
):
    said = {"group": waiting[0], "op": waiting[1:], "decision": "set_aside"}
    answer = admin.post(HELD, said)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say why they are set aside." in page
    assert f'value="{waiting[1]}" checked' in page
    assert f'value="{waiting[0]}" checked' not in page
    assert HeldOperation.objects.filter(decided_at=None).count() == 2


def test_with_nothing_ticked_nothing_is_decided(admin: Browser, waiting: list[int]):
    answer = admin.post(HELD, {"group": waiting[0], "decision": "applied"})

    assert answer.status_code == 422
    assert "Tick at least one entry." in answer.content.decode()


def test_what_the_floor_refuses_stays_with_the_words_for_it(cast: Cast, admin: Browser):
    token = mint(cast)
    revoke(cast.ana)
    heavy = {"lift": "hinge", "number": "1", "load": "heavy", "reps": "5"}
    upload(token, [tapped(cast.visit, payload=heavy), tapped(cast.visit, 2)])
    ids = list(HeldOperation.objects.values_list("pk", flat=True))
    page = admin.post(
        HELD, {"group": ids[0], "op": ids, "decision": "applied"}, follow=True
    ).content.decode()

    assert "1 entry applied." in page
    assert "Write the load as a number in kg" in page
    assert HeldOperation.objects.get(decided_at=None).pk == ids[0]


def test_of_a_visit_signed_long_ago_the_decision_is_the_reason_for_the_change(cast: Cast):
    token = mint(cast)
    revoke(cast.ana)
    upload(token, [tapped(cast.visit, 7)])
    (row,) = HeldOperation.objects.all()
    cast.log(cast.visit, by=cast.tess)
    actions.complete_visit(visit=cast.visit, by=cast.tess)
    later = NOW + timedelta(days=3)

    done = held.decide(ids=[row.pk], decision="applied", reason="", by=cast.ada, now=later)

    assert (done.count, done.refused) == (1, [])
    why = Operation.objects.get(uid=row.uid).payload["why"]
    assert why == "Held when it arrived, applied by Ada A."
    assert SetEntry.objects.get(number=7).supervisor == cast.ana


def test_two_admins_decide_once(cast: Cast, admin: Browser, waiting: list[int]):
    said = {"group": waiting[0], "op": waiting, "decision": "applied"}
    admin.post(HELD, said)
    again = admin.post(HELD, said, follow=True)

    assert "Somebody has decided on all of these already." in again.content.decode()
    assert SetEntry.objects.count() == 2
    late = held.decide(ids=waiting, decision="set_aside", reason="x", by=cast.ada, now=NOW)
    assert late.count == 0


def test_what_reached_the_log_by_another_way_is_not_there_twice(
    cast: Cast, admin: Browser, waiting: list[int]
):
    Membership.objects.filter(pk=cast.ana.pk).update(is_active=True)
    bodies = [row.body for row in HeldOperation.objects.all()]
    browser = Browser()
    browser.force_login(cast.ana.user)
    assert outcomes(by_log_in(browser, cast.ana, bodies)) == ["applied"] * 2

    admin.post(HELD, {"group": waiting[0], "op": waiting, "decision": "applied"})
    assert SetEntry.objects.count() == Operation.objects.count() == 2
    assert not HeldOperation.objects.filter(decided_at=None).exists()


@pytest.mark.parametrize("who", ["ana", "tess", "cal", "otto"])
def test_only_an_admin_of_the_clinic_lets_a_revoked_author_in(
    cast: Cast, waiting: list[int], who: str
):
    decides = getattr(cast, who)

    with pytest.raises(PermissionDenied):
        sync.apply_held(log_op(cast.visit), author=cast.ana, decided_by=decides, now=NOW)
    for decision in ("applied", "set_aside"):
        with pytest.raises(PermissionDenied):
            held.decide(ids=waiting, decision=decision, reason="x", by=decides, now=NOW)
    assert HeldOperation.objects.filter(decided_at=None).count() == 2
    assert SetEntry.objects.count() == 0


def test_the_active_check_is_passed_over_nowhere_else(cast: Cast):
    cast.ana.is_active = False

    with pytest.raises(PermissionDenied):
        sync.apply([log_op(cast.visit)], by=cast.ana)
    with pytest.raises(PermissionDenied):
        sync.apply_to_visit(cast.visit.uid, [log_op(cast.visit)], by=cast.ana)


def test_a_visit_of_another_clinic_is_not_reached_by_a_decision(cast: Cast):
    foreign = cast.olga_enrollment.visits.first()
    assert foreign is not None
    result = sync.apply_held(log_op(foreign), author=cast.ana, decided_by=cast.ada, now=NOW)

    assert result.outcome == "refused"
    assert SetEntry.objects.count() == 0


def test_of_another_clinic_the_admin_sees_nothing(cast: Cast, admin: Browser):
    token = uploads.mint(member=cast.otto, device=uuid.uuid4(), now=timezone.now()).token
    revoke(cast.otto)
    upload(token, [])
    HeldOperation.objects.create(
        clinic=cast.harbor,
        uid=uuid.uuid4(),
        author=cast.otto,
        body={},
        received_at=NOW - timedelta(hours=1),
    )

    page = admin.get(HELD).content.decode()
    assert "Nothing waits" in page
    assert "Otto" not in page
