"""From the tap to the file: who may have a copy of a record, and what becomes of it."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from bonefit.clients import companions
from bonefit.clients.models import Look, RecordCopy
from bonefit.clinics.models import Membership
from sessions import tasks
from sessions.record import copies, writing
from tests.cast import NOW, Cast
from tests.record.copying import MY, asked, browser, kept_zips, lately, page_of, record_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon", "sent")]

Status = RecordCopy.Status


def file_of(made: RecordCopy) -> str:
    if made.own:
        return f"{MY}{made.uid}/file/"
    return f"{page_of(made.client)}{made.uid}/file/"


def state(made: RecordCopy) -> str:
    made.refresh_from_db()
    return made.status


def body(who: Browser, made: RecordCopy) -> bytes:
    answer = who.get(file_of(made))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


# --- asked for, written, taken --------------------------------------------------------------------


def test_a_client_takes_her_record_along(
    cast: Cast, sent: list[int], django_capture_on_commit_callbacks: Any
):
    cal = lately(cast.cal)
    assert "Make my copy" in cal.get(MY).text
    with django_capture_on_commit_callbacks(execute=True):
        made = asked(cal, MY)
    assert sent == [made.pk]
    assert (made.client, made.member, made.own) == (cast.cal_client, cast.cal, True)
    page = cal.get(MY).text
    assert "It waits its turn" in page
    assert "<progress" in page

    tasks.write_copy(made.pk)
    assert state(made) == Status.DONE
    assert made.done == made.steps
    page = cal.get(MY).text
    assert "Your copy is ready" in page
    zip_ = zipfile.ZipFile(io.BytesIO(body(cal, made)))
    assert zip_.testzip() is None
    assert record_in(zip_)["tables"]["person"][0]["name"] == cast.cal_client.name
    made.refresh_from_db()
    assert made.fetched_at == NOW
    assert made.rows == sum(len(rows) for rows in record_in(zip_)["tables"].values())


def test_what_is_of_her_log_in_is_in_the_copy_that_she_takes_herself_alone(cast: Cast):
    made = [
        asked(lately(cast.cal), MY),
        asked(lately(cast.ada), page_of(cast.cal_client)),
    ]
    found = []
    for one, who in zip(made, (cast.cal, cast.ada), strict=True):
        tasks.write_copy(one.pk)
        tables = record_in(zipfile.ZipFile(io.BytesIO(body(lately(who), one))))["tables"]
        found.append(tables)
    hers, of_clinic = found
    assert hers["log_in"]
    assert of_clinic["log_in"] == []
    assert of_clinic["person"] == hers["person"]


def test_the_file_s_name_and_address_say_nothing_of_her(cast: Cast):
    ada = lately(cast.ada)
    made = asked(ada, page_of(cast.cal_client))
    tasks.write_copy(made.pk)
    answer = ada.get(file_of(made))
    assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    name = f"record-{made.uid.hex[:8]}.zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "no-store" in answer.headers["Cache-Control"]
    assert cast.cal_client.name.split()[0].lower() not in file_of(made).lower()
    for one in zipfile.ZipFile(io.BytesIO(body(ada, made))).namelist():
        assert cast.cal_client.name.split()[0] not in one


def test_htmx_asks_for_the_bar_alone_and_then_for_the_page(cast: Cast):
    ada = lately(cast.ada)
    made = asked(ada, page_of(cast.cal_client))
    part = ada.get(page_of(cast.cal_client), headers={"HX-Request": "true"})
    assert "<progress" in part.text
    assert "<html" not in part.text
    tasks.write_copy(made.pk)
    after = ada.get(page_of(cast.cal_client), headers={"HX-Request": "true"})
    assert after.headers["HX-Refresh"] == "true"


def test_who_taps_twice_waits_for_one_copy_and_a_colleague_for_her_own(cast: Cast):
    ada = lately(cast.ada)
    first = asked(ada, page_of(cast.cal_client))
    assert asked(ada, page_of(cast.cal_client)).pk == first.pk
    assert asked(lately(cast.ana), page_of(cast.cal_client)).pk != first.pk
    assert asked(lately(cast.cal), MY).pk != first.pk
    assert RecordCopy.objects.count() == 3
    tasks.write_copy(first.pk)
    assert asked(ada, page_of(cast.cal_client)).pk != first.pk


# --- who she is -----------------------------------------------------------------------------------


def test_without_a_recent_log_in_nothing_is_written_and_nothing_leaves(cast: Cast):
    for who, address in ((cast.cal, MY), (cast.ada, page_of(cast.cal_client))):
        known = browser(who)
        page = known.get(address).text
        assert "log in once more" in page
        assert 'method="post"' not in page.split("<main", 1)[1]
        away = known.post(address)
        assert away.headers["Location"] == f"/login/again/?next={address.replace('/', '%2F')}"
    assert not RecordCopy.objects.exists()
    made = asked(lately(cast.cal), MY)
    tasks.write_copy(made.pk)
    away = browser(cast.cal).get(file_of(made))
    assert away.headers["Location"].startswith("/login/again/")
    with time_machine.travel(NOW + timedelta(minutes=16)):
        assert browser(cast.cal).get(file_of(made)).status_code == 302


def test_a_log_in_that_has_grown_old_is_asked_for_again(cast: Cast):
    cal = lately(cast.cal)
    made = asked(cal, MY)
    tasks.write_copy(made.pk)
    assert body(cal, made)
    with time_machine.travel(NOW + timedelta(minutes=16)):
        assert cal.get(file_of(made)).status_code == 302
        assert cal.post(MY).status_code == 302
    assert RecordCopy.objects.count() == 1


def test_nobody_else_gets_it_by_its_address(cast: Cast):
    made = asked(lately(cast.ada), page_of(cast.cal_client))
    hers = asked(lately(cast.cal), MY)
    for one in (made, hers):
        tasks.write_copy(one.pk)
    for who, code in ((cast.ana, 404), (cast.tess, 404), (cast.dee, 403), (cast.cal, 403)):
        assert lately(who).get(file_of(made)).status_code == code
    assert lately(cast.otto).get(file_of(made)).status_code == 404
    for who, code in ((cast.cam, 404), (cast.con, 403), (cast.ada, 403), (cast.olga, 404)):
        assert lately(who).get(file_of(hers)).status_code == code
    elsewhere = f"{page_of(cast.cam_client)}{made.uid}/file/"
    assert lately(cast.ada).get(elsewhere).status_code == 404, "of another client"


def test_a_companion_the_desk_and_a_stranger_cannot_ask(cast: Cast):
    for who, address, code in (
        (cast.con, MY, 403),
        (cast.dee, page_of(cast.cal_client), 403),
        (cast.cal, page_of(cast.cal_client), 403),
        (cast.otto, page_of(cast.cal_client), 404),
        (cast.ana, page_of(cast.olga_client), 404),
    ):
        known = lately(who)
        assert known.get(address).status_code == code
        assert known.post(address).status_code == code
    assert not RecordCopy.objects.exists()
    with pytest.raises(copies.NotAllowed):
        copies.ask(client=cast.olga_client, by=cast.ada, now=NOW)
    with pytest.raises(copies.NotAllowed):
        copies.ask(client=cast.cal_client, by=cast.con, now=NOW)


def test_who_has_left_or_lost_the_right_meanwhile_gets_nothing(cast: Cast):
    ada = lately(cast.ada)
    made, waits = asked(ada, page_of(cast.cal_client)), asked(ada, page_of(cast.cam_client))
    tasks.write_copy(made.pk)
    Membership.objects.filter(pk=cast.ada.pk).update(roles=["desk"])
    assert ada.get(file_of(made)).status_code == 403
    with pytest.raises(copies.NotAllowed):
        tasks.write_copy(waits.pk)
    assert state(waits) == Status.FAILED
    assert len(kept_zips()) == 1


def test_a_client_who_also_is_a_companion_takes_her_own_only(cast: Cast):
    companions.give(
        client=cast.cam_client,
        email="cal@example.org",
        name="Cal P.",
        consent="Cam agrees.",
        by=cast.ana,
        now=NOW,
    )
    made = asked(lately(cast.cal), MY)
    assert made.client == cast.cal_client


# --- what may go wrong, and its end ---------------------------------------------------------------


def test_a_failure_is_said_and_leaves_no_file(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    made = asked(lately(cast.cal), MY)

    def breaks(*_: Any, **__: Any) -> Any:
        raise OSError("the disk is full")

    monkeypatch.setattr(writing, "write", breaks)
    with pytest.raises(OSError, match="full"):
        tasks.write_copy(made.pk)
    assert state(made) == Status.FAILED
    page = lately(cast.cal).get(MY).text
    assert "Something went wrong here" in page
    assert "disk" not in page
    assert kept_zips() == []
    assert not copies.run(made.pk), "nobody takes it up again"


def test_what_a_worker_left_that_died_is_taken_up_after_a_while(
    cast: Cast, sent: list[int], monkeypatch: pytest.MonkeyPatch
):
    made = asked(lately(cast.cal), MY)
    sent.clear()

    class Died(BaseException):
        """What no handler of errors sees."""

    def dies(*_: Any, **__: Any) -> Any:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(writing, "write", dies)
        with pytest.raises(Died):
            tasks.write_copy(made.pk)
    assert state(made) == Status.WRITING
    assert not copies.run(made.pk), "its claim holds"
    with time_machine.travel(NOW + copies.CLAIM, tick=False):
        tasks.take_up_exports()
        assert sent == [made.pk]
        assert copies.run(made.pk)
    assert state(made) == Status.DONE


def test_a_worker_whose_claim_was_taken_over_keeps_nothing(cast: Cast):
    made = asked(lately(cast.cal), MY)
    real = writing.write

    def slow(*args: Any, **more: Any) -> Any:
        RecordCopy.objects.filter(pk=made.pk).update(claimed_at=NOW + timedelta(minutes=9))
        return real(*args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "write", slow)
        assert not copies.run(made.pk)
    assert state(made) == Status.WRITING
    assert kept_zips() == []


def test_after_three_days_the_file_is_gone_and_the_row_says_who_took_it(cast: Cast):
    cal = lately(cast.cal)
    made = asked(cal, MY)
    tasks.write_copy(made.pk)
    assert body(cal, made)
    made.refresh_from_db()
    assert made.expires_at == NOW + copies.KEPT
    with time_machine.travel(NOW + copies.KEPT, tick=False):
        later = lately(cast.cal)
        assert later.get(file_of(made)).status_code == 404, "also before the sweep"
        tasks.take_up_exports()
        assert state(made) == Status.GONE
        assert kept_zips() == []
        assert (
            "downloaded, and deleted here since"
            in lately(cast.ada).get(page_of(cast.cal_client)).text
        )
    assert made.member == cast.cal


# --- written down ---------------------------------------------------------------------------------


def test_each_download_is_a_row_of_the_access_log_and_her_own_page_says_it(cast: Cast):
    ada = lately(cast.ada)
    made = asked(ada, page_of(cast.cal_client))
    tasks.write_copy(made.pk)
    for _ in range(2):
        assert body(ada, made)
    rows = Look.objects.filter(what=Look.What.EXPORTED)
    assert [(one.client_id, one.member_id, one.kind, one.how) for one in rows] == 2 * [
        (cast.cal_client.pk, cast.ada.pk, "copy", "file")
    ]
    assert "the whole record" in browser(cast.cal).get("/c/north/my/looked/").text
    page = browser(cast.ana).get(page_of(cast.cal_client)).text
    assert "Ada A." in page
    assert ": downloaded" in page


def test_the_staff_s_list_asks_as_much_of_the_database_for_many_as_for_few(
    cast: Cast,
):
    for number in range(12):
        RecordCopy.objects.create(
            clinic=cast.north,
            client=cast.cal_client,
            member=(cast.ada, cast.ana)[number % 2],
            own=False,
            status=Status.GONE,
        )
    ana = browser(cast.ana)
    ana.get(page_of(cast.cam_client))
    counts = []
    for client in (cast.cam_client, cast.cal_client):
        with CaptureQueriesContext(connection) as asked_for:
            ana.get(page_of(client))
        counts.append(len(asked_for))
    assert counts[0] == counts[1]
