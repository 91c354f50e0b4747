"""A prepared tablet sends its author's queue without a log-in, and learns nothing by it."""

from __future__ import annotations

import io
import json
import logging
import random
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from bonefit.clinics.models import Membership
from programs import actions as programs
from programs.plans import rules_at
from sessions import sync, uploads
from sessions.models import HeldOperation, Operation, SetEntry, Slot, UploadToken, Visit
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db
PREPARE, UPLOAD = "/c/north/floor/prepare/", "/upload/"
TABLET = uuid.UUID(int=7)


def tapped(visit: Visit, number: int = 1, /, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "kind": "log_set",
        "visit": str(visit.uid),
        "entry": str(uuid.uuid4()),
        "base_revision": None,
        "payload": {"lift": "hinge", "number": str(number), "load": "40", "reps": "5"},
        "at": "2026-03-05T09:05:00+10:00",
        **more,
    }


def mint(cast: Cast, *, by: Membership | None = None, device: uuid.UUID = TABLET) -> str:
    return uploads.mint(member=by or cast.ana, device=device, now=timezone.now()).token


def upload(token: str, operations: Any, browser: Browser | None = None) -> Any:
    return (browser or Browser()).post(
        UPLOAD,
        json.dumps({"operations": operations}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )


def outcomes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["outcome"] for one in answer.json()["results"]]


def prepare(browser: Browser, **said: Any) -> Any:
    sent = {"device": str(TABLET), **said}
    return browser.post(PREPARE, json.dumps(sent), content_type="application/json")


# --- preparing ------------------------------------------------------------------------------------
def test_prepare_for_today_gives_the_token_and_the_day_in_one_answer(cast: Cast, client: Browser):
    client.force_login(cast.ana.user)
    said = prepare(client).json()

    day = client.get("/c/north/floor/day/").json()
    assert said["day"]["slots"] == day["slots"]
    assert said["author"] == cast.ana.pk
    assert cast.visit.slot_id in said["covers"]
    assert datetime.fromisoformat(said["expires_at"]) - timezone.now() > timedelta(days=6.9)
    assert outcomes(upload(said["token"], [tapped(cast.visit)])) == ["applied"]
    assert SetEntry.objects.get().supervisor == cast.ana


def test_a_board_that_has_read_the_day_asks_for_the_token_only(cast: Cast, client: Browser):
    client.force_login(cast.ana.user)

    assert "day" not in prepare(client, silent=True).json()


def test_the_day_says_how_long_the_tablet_may_keep_it(cast: Cast, client: Browser):
    client.force_login(cast.ana.user)
    day = client.get("/c/north/floor/day/").json()

    assert day["limits"] == {"wipe_hours": 16, "until": "2026-03-06T00:00:00+10:00"}


@pytest.mark.parametrize("who", ["ada", "cal", "otto", "lea"])
def test_who_may_not_log_gets_no_token(cast: Cast, client: Browser, who: str):
    client.force_login(getattr(cast, who).user)

    assert prepare(client).status_code in (403, 404)
    assert UploadToken.objects.count() == 0


def test_preparing_needs_the_token_of_a_form(cast: Cast):
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(cast.ana.user)

    assert prepare(strict).status_code == 403
    assert UploadToken.objects.count() == 0


@pytest.mark.parametrize("sent", ["", "[]", "{}", '{"device": "mine"}', "[" * 100_000])
def test_a_tablet_without_a_number_is_not_prepared(cast: Cast, client: Browser, sent: str):
    client.force_login(cast.ana.user)
    response = client.post(PREPARE, sent, content_type="application/json")

    assert response.status_code == 400
    assert response.json() == {"error": "The tablet’s own number is missing."}


def test_the_database_holds_only_the_hash_of_the_token(cast: Cast):
    token = mint(cast)

    row = UploadToken.objects.values_list().get()
    assert token not in " ".join(map(str, row))
    assert len(token) >= 43


def test_a_new_token_of_the_same_tablet_revokes_the_earlier_and_no_other(cast: Cast):
    first, elsewhere = mint(cast), mint(cast, device=uuid.uuid4())
    hers = mint(cast, by=cast.tess)
    second = mint(cast)

    assert upload(first, []).status_code == 401
    assert {upload(token, []).status_code for token in (second, elsewhere, hers)} == {200}


def test_a_new_token_still_sends_what_was_done_the_day_before(cast: Cast):
    mint(cast)
    with time_machine.travel(NOW + timedelta(days=1)):
        tomorrow = mint(cast)
        assert outcomes(upload(tomorrow, [tapped(cast.visit)])) == ["applied"]
    with time_machine.travel(NOW + timedelta(days=6)):
        late = mint(cast)
    with time_machine.travel(NOW + timedelta(days=12)):
        later = mint(cast)
        assert upload(late, []).status_code == 401
        assert outcomes(upload(later, [tapped(cast.visit, 2)])) == ["refused"]


def test_the_clinic_says_for_how_many_days(cast: Cast):
    rules = rules_at(cast.north, NOW)
    programs.publish_rules(
        clinic=cast.north,
        rules=rules.rules.__class__(upload_days=2),
        inventory=rules.inventory,
        by=cast.ada,
        reason="Short weeks",
        now=NOW,
    )
    token = mint(cast)

    with time_machine.travel(NOW + timedelta(days=2, minutes=-5)):
        assert upload(token, []).status_code == 200
    with time_machine.travel(NOW + timedelta(days=2, minutes=5)):
        assert upload(token, []).status_code == 401


# --- sending --------------------------------------------------------------------------------------
def test_what_is_sent_by_token_is_applied_once_as_its_author(cast: Cast):
    token = mint(cast)
    batch = [tapped(cast.visit, number) for number in (1, 2, 3)]
    assert outcomes(upload(token, batch)) == ["applied"] * 3
    again = random.Random(4).sample(batch * 2, 6)

    assert outcomes(upload(token, again)) == ["applied"] * 6
    assert {entry.supervisor for entry in SetEntry.objects.all()} == {cast.ana}
    assert SetEntry.objects.count() == Operation.objects.count() == 3


def test_what_arrived_by_log_in_is_known_by_token_and_the_other_way_round(cast: Cast):
    token, (first, second) = mint(cast), [tapped(cast.visit, number) for number in (1, 2)]
    browser = Browser()
    browser.force_login(cast.ana.user)

    def by_log_in(operations: list[Any]) -> Any:
        sent = {"author": cast.ana.pk, "operations": operations}
        return browser.post(
            "/c/north/floor/operations/", json.dumps(sent), content_type="application/json"
        )

    assert outcomes(by_log_in([first])) == ["applied"]
    assert outcomes(upload(token, [first, second])) == ["applied"] * 2
    assert outcomes(by_log_in([second])) == ["applied"]
    assert Operation.objects.count() == 2


def test_every_kind_that_a_board_queues_goes_through(cast: Cast):
    token, entry, other = mint(cast), str(uuid.uuid4()), str(uuid.uuid4())
    well = {"next_day": "0", "now": "0"}
    corrected = {"lift": "hinge", "load": "40", "reps": "4"}
    answer = upload(
        token,
        [
            tapped(cast.visit, kind="check_in", entry=None, payload=well),
            tapped(cast.visit, kind="answer", entry=None, payload=well),
            tapped(cast.visit, 1, entry=entry),
            tapped(cast.visit, 2, entry=other),
            tapped(cast.visit, kind="correct_set", entry=entry, payload=corrected),
            tapped(cast.visit, kind="confirm_set", entry=entry, payload={}),
            tapped(cast.visit, kind="void_set", entry=other, payload={}),
            tapped(cast.visit, kind="stop", entry=None, payload={}),
        ],
    )

    assert outcomes(answer) == ["applied"] * 8
    assert SetEntry.objects.standing().get().reps == 4


def test_a_slot_that_the_tablet_was_not_prepared_for_is_refused_with_words(cast: Cast):
    later = cast.visits[2]
    foreign = cast.olga_enrollment.visits.first()
    assert foreign is not None
    results = upload(
        mint(cast),
        [
            tapped(cast.visit, 1),
            tapped(later),
            tapped(foreign),
            tapped(cast.visit, visit=str(uuid.uuid4())),
            tapped(cast.visit, 2),
        ],
    ).json()["results"]

    assert [one["outcome"] for one in results] == ["applied", *["refused"] * 3, "applied"]
    assert {one["reason"] for one in results[1:4]} == {uploads.NOT_COVERED}
    assert {entry.visit for entry in SetEntry.objects.all()} == {cast.visit}


def test_one_that_cannot_be_kept_holds_up_no_other(cast: Cast):
    strange = [
        "nothing",
        {"id": "x"},
        tapped(cast.visit, payload={"lift": "hinge", "number": "1", "load": "\x00"}),
        tapped(cast.visit, payload={"lift": "\ud800"}),
        tapped(cast.visit, base_revision=10**20),
        tapped(cast.visit, payload={"load": float("nan")}),
        tapped(cast.visit, kind="delete_everything"),
        tapped(cast.visit, 1, at="0001-01-01T00:00:00+14:00"),
    ]

    assert outcomes(upload(mint(cast), strange)) == [*["refused"] * 7, "applied"]


# --- it reads nothing -----------------------------------------------------------------------------
def test_the_answer_says_nothing_of_a_lock_a_clearance_or_another_entry(cast: Cast):
    cast.log(cast.visit, number=1, by=cast.tess, load="42.5")
    pain = {"next_day": "8", "next_day_site": "lower_back", "next_day_kind": "new"}
    sync.apply([sync.Op(uuid.uuid4(), "stop", cast.visit.uid, NOW)], by=cast.tess)

    answer = upload(
        mint(cast),
        [
            tapped(cast.visit, kind="check_in", entry=None, payload={"next_day": "0", "now": "0"}),
            tapped(cast.visit, kind="answer", entry=None, payload=pain),
            tapped(cast.visit, 1),
            tapped(cast.visit, 2, payload={"lift": "hinge", "number": "2", "load": "heavy"}),
        ],
    )

    results = answer.json()["results"]
    assert list(answer.json()) == ["results"]
    assert all(set(one) == {"id", "outcome", "reason"} for one in results)
    assert [one["outcome"] for one in results] == ["refused", "applied", "applied", "refused"]
    assert {one["reason"] for one in results} == {"", uploads.NOT_TAKEN}
    text = answer.content.decode()
    for secret in ("ock", "Cal", "42.5", "pain", "clear", "deadlift"):
        assert secret not in text
    # It was a second entry of that set all the same: both are kept, and a person chooses.
    assert SetEntry.objects.get(number=1).disputed


def test_the_answer_sets_no_cookie_and_is_kept_nowhere(cast: Cast):
    answer = upload(mint(cast), [tapped(cast.visit)])

    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]


def test_a_log_in_beside_the_token_is_not_looked_at(cast: Cast):
    token, browser = mint(cast), Browser(enforce_csrf_checks=True)
    browser.force_login(cast.tess.user)

    assert outcomes(upload(token, [tapped(cast.visit)], browser)) == ["applied"]
    assert SetEntry.objects.get().supervisor == cast.ana
    assert browser.post(UPLOAD, "{}", content_type="application/json").status_code == 401


# --- no leave -------------------------------------------------------------------------------------
def no_leave(cast: Cast, why: str) -> Any:
    operations = [tapped(cast.visit)]
    if why == "expired":
        token = mint(cast)
        with time_machine.travel(NOW + timedelta(days=8)):
            return upload(token, operations)
    if why == "revoked":
        token = mint(cast)
        mint(cast)
        return upload(token, operations)
    if why == "none":
        return Browser().post(UPLOAD, "{}", content_type="application/json")
    wrong = {"unknown": "A" * 43, "empty": "", "strange": "é" * 9, "hash": ""}[why]
    if why == "hash":
        mint(cast)
        wrong = UploadToken.objects.get().token_hash
    return upload(wrong, operations)


@pytest.mark.parametrize(
    "why", ["expired", "revoked", "none", "unknown", "empty", "strange", "hash"]
)
def test_without_leave_the_answer_is_one_sentence_whatever_the_reason(cast: Cast, why: str):
    answer = no_leave(cast, why)

    assert answer.status_code == 401
    assert answer.json() == {
        "error": "This tablet may not send without a log-in. Log in on it, then everything is sent."
    }
    assert Operation.objects.count() == HeldOperation.objects.count() == 0


def test_guessing_is_slowed_down_by_address(cast: Cast):
    token = mint(cast)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        said = [upload(f"guess {number}", []).status_code for number in range(25)]
        slowed = upload(token, [tapped(cast.visit)])

    assert said == [401] * 20 + [429] * 5
    assert slowed.status_code == 429
    assert slowed["Retry-After"] == "60"
    assert Operation.objects.count() == 0


def test_one_token_sends_so_often_a_minute(cast: Cast):
    token, other = mint(cast), mint(cast, by=cast.tess)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        said = [upload(token, []).status_code for _ in range(61)]

        assert said == [200] * 60 + [429]
        assert upload(other, []).status_code == 200


def test_what_is_too_large_is_refused_whole(cast: Cast):
    token = mint(cast)

    assert upload(token, [tapped(cast.visit)] * 101).status_code == 413
    long = tapped(cast.visit, payload={"why": "x" * 400_000})
    assert upload(token, [long]).status_code == 413
    assert upload(token, "a word").status_code == 400
    assert Operation.objects.count() == 0


def test_nothing_personal_and_no_secret_stands_in_the_log(cast: Cast):
    handlers = logging.getLogger().handlers
    console = next(one for one in handlers if any("WithoutSecrets" in repr(f) for f in one.filters))
    assert isinstance(console, logging.StreamHandler)
    said, token = io.StringIO(), mint(cast)
    usual = console.setStream(said)
    try:
        upload(token, [tapped(cast.visit), tapped(cast.visits[3])])
        upload("wrong", [tapped(cast.visit)])
    finally:
        if usual:
            console.setStream(usual)

    assert "/upload/" in said.getvalue()
    for secret in (token, "wrong", "Ana", "Cal", str(cast.visit.uid), "hinge"):
        assert secret not in said.getvalue()


def test_fifty_sets_by_token_cost_few_queries(cast: Cast, django_assert_max_num_queries: Any):
    token = mint(cast)
    batch = [tapped(cast.visit, 1 + number % 20) for number in range(50)]
    with django_assert_max_num_queries(26):
        upload(token, batch)


def test_two_boards_that_open_at_once_leave_one_live_token(cast: Cast):
    for _ in range(3):
        mint(cast)

    assert UploadToken.objects.filter(revoked_at=None).count() == 1
    assert Slot.objects.filter(pk__in=UploadToken.objects.latest("pk").slots).exists()
