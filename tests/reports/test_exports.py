"""A long export: asked for, written by a worker, downloaded by who asked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import IO, Any

import pytest

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import Membership
from sessions import tasks
from sessions.models import ReportExport
from sessions.reports import exporting, long
from sessions.reports.define import VERSION
from sessions.reports.small_counts import SMALL
from tests.cast import NOW, Cast
from tests.reports.long_exports import (
    DAYS,
    FILES,
    MAKE,
    PAGE,
    Status,
    asked_for,
    browser,
    kept_files,
    people,
    state,
    taken,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

# --- from the tap to the file ---------------------------------------------------------------------


def test_to_ask_for_it_keeps_who_and_what_and_whom_it_is_about(
    cast: Cast, sent: list[int], django_capture_on_commit_callbacks: Any
):
    people(cast)
    page = browser(cast.ada).get(f"{PAGE}?{DAYS}").text
    assert "Make the research tables" in page
    with django_capture_on_commit_callbacks(execute=True):
        made = asked_for(cast)
    assert sent == [made.pk]
    assert (made.clinic, made.member, made.user) == (cast.north, cast.ada, cast.ada.user)
    assert (made.report, made.form, made.status) == ("research", "zip", "waiting")
    assert (made.definitions, made.as_at, made.named) == (VERSION, NOW, False)
    assert made.cohort["people"] == SMALL
    assert made.cohort["left_out_without_consent"] == f"< {SMALL}"
    assert "from=2026-01-01" in made.query
    text = browser(cast.ada).get(f"{FILES}{made.uid}/").text
    assert "It waits its turn" in text


def test_a_worker_writes_it_and_who_asked_downloads_it(cast: Cast):
    people(cast)
    made = asked_for(cast)
    tasks.write_export(made.pk)
    done = ReportExport.objects.get()
    assert (done.status, done.claimed_at) == ("done", None)
    assert done.rows is not None
    assert done.rows >= 3 * SMALL
    assert done.expires_at == NOW + exporting.KEPT

    ada = browser(cast.ada)
    page = ada.get(f"{FILES}{made.uid}/").text
    assert f"{done.rows} rows." in page
    assert f'href="{FILES}{made.uid}/file/"' in page
    answer = ada.get(f"{FILES}{made.uid}/file/")
    name = f"research-{made.uid.hex[:8]}.zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "no-store" in answer.headers["Cache-Control"]
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert len(body) == done.size
    book = zipfile.ZipFile(io.BytesIO(body))
    assert "people.csv" in book.namelist()
    assert not any(b"Secret" in book.read(name) for name in book.namelist())


def test_the_page_says_how_far_it_is_and_turns_itself_when_it_is_done(cast: Cast):
    people(cast)
    made = asked_for(cast)
    said: list[str] = []
    ada, address = browser(cast.ada), f"{FILES}{made.uid}/"

    def halfway(_: ReportExport, file: IO[bytes], tell: Callable[[int], None]) -> int:
        tell(1200)
        said.append(ada.get(address).text)
        said.append(ada.get(address, headers={"HX-Request": "true"}).text)
        file.write(b"x")
        return 2400

    assert exporting.run(made.pk, halfway)
    assert "It is being written" in said[0]
    assert "1,200 rows so far" in said[0]
    assert "It is being written" in said[1]
    assert "<html" not in said[1]
    assert 'hx-trigger="every 2s"' in said[0]
    part = ada.get(address, headers={"HX-Request": "true"})
    assert part.headers["HX-Refresh"] == "true"
    assert "2,400 rows." in ada.get(address).text


def test_nobody_else_gets_it_by_its_link(cast: Cast):
    people(cast)
    boss = add_member(clinic=cast.north, email="b@example.org", name="Bo B.", roles=["admin"])
    away = add_member(clinic=cast.harbor, email="h@example.org", name="Hal H.", roles=["admin"])
    made = asked_for(cast)
    tasks.write_export(made.pk)
    for end in ("", "file/"):
        address = f"{FILES}{made.uid}/{end}"
        for who, code in ((boss, 404), (cast.ana, 404), (cast.dee, 403), (away, 404)):
            assert browser(who).get(address).status_code == code, (who, end)
        theirs = address.replace("/north/", "/harbor/")
        assert browser(away).get(theirs).status_code == 404
        assert taken(browser(cast.ada), address) == 200


def test_admins_see_every_file_that_was_taken_and_others_their_own(cast: Cast):
    people(cast)
    asked_for(cast)
    browser(cast.ana).get(f"/c/north/reports/dose.csv?{DAYS}")
    assert "Research tables" in browser(cast.ada).get(FILES).text
    assert "CSV" in browser(cast.ada).get(FILES).text
    assert "Research tables" not in browser(cast.ana).get(FILES).text
    assert "CSV" in browser(cast.ana).get(FILES).text


def test_an_auditor_reads_everybodys_files_and_an_empty_list_says_whose_it_is(cast: Cast):
    people(cast)
    hers = add_member(
        clinic=cast.north, email="aud@example.org", name="Aud I.", roles=[Role.AUDITOR]
    )
    asked_for(cast)

    assert "Research tables" in browser(hers).get(FILES).text
    assert "You have taken no file yet" in browser(cast.ana).get(FILES).text


# --- who may ask, and for whom --------------------------------------------------------------------


def test_therapists_the_desk_and_clients_cannot_make_one(cast: Cast):
    people(cast)
    for who, code in ((cast.ana, 403), (cast.dee, 403), (cast.cal, 403), (cast.otto, 404)):
        assert browser(who).post(MAKE).status_code == code
    assert "Make the research tables" not in browser(cast.ana).get(f"{PAGE}?{DAYS}").text
    assert not ReportExport.objects.exists()


def test_fewer_than_five_people_are_not_exported_and_no_row_is_made(cast: Cast):
    people(cast, SMALL - 1)
    answer = browser(cast.ada).post(MAKE, follow=True)
    assert "so few could be recognised" in answer.text
    assert not ReportExport.objects.exists()


def test_a_wrong_day_is_said_beside_its_field_and_no_row_is_made(cast: Cast):
    people(cast)
    answer = browser(cast.ada).post(f"{PAGE}make/?from=soon", follow=True)
    assert answer.status_code == 422
    assert 'value="soon"' in answer.text
    assert not ReportExport.objects.exists()


def test_only_research_is_made_by_a_worker(cast: Cast):
    assert browser(cast.ada).post(f"/c/north/reports/dose/make/?{DAYS}").status_code == 404


def _leaves(member: Membership) -> None:
    Membership.objects.filter(pk=member.pk).update(is_active=False)


def _treats(member: Membership) -> None:
    Membership.objects.filter(pk=member.pk).update(roles=["therapist"])


def _sits_at_the_desk(member: Membership) -> None:
    Membership.objects.filter(pk=member.pk).update(roles=["desk"])


@pytest.mark.parametrize("becomes", [_leaves, _treats, _sits_at_the_desk])
def test_who_lost_the_right_meanwhile_gets_nothing(
    cast: Cast, becomes: Callable[[Membership], None]
):
    people(cast)
    made = asked_for(cast)
    becomes(cast.ada)
    with pytest.raises(long.NotAllowed):
        tasks.write_export(made.pk)
    assert state(made) == Status.FAILED
    assert kept_files() == []


@pytest.mark.parametrize("becomes", [_leaves, _treats, _sits_at_the_desk])
def test_who_lost_the_right_after_it_was_written_downloads_it_no_more(
    cast: Cast, becomes: Callable[[Membership], None]
):
    people(cast)
    made = asked_for(cast)
    tasks.write_export(made.pk)
    becomes(cast.ada)
    assert browser(cast.ada).get(f"{FILES}{made.uid}/file/").status_code in (403, 404)
