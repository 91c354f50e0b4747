"""A download of a long answer is written by a worker: asked for, written, and whose it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.storage import storages
from django.test import Client as Browser

from bonefit.clinics.actions import write_report_settings
from bonefit.clinics.models import Clinic, Membership
from sessions import tasks
from sessions.models import ReportExport
from sessions.reports import exporting, long
from tests.cast import NOW, Cast
from tests.reports.floor import ATTENDED, NO_SHOW, someone, visit
from tests.reports.long_exports import DAYS, FILES, Status, browser, state, taken

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon", "sent", "few_are_long")]

CSV = f"/c/north/reports/adherence.csv?{DAYS}&by=client"
START = date(2026, 1, 5)
#: Enrollments from which on an answer is long, in these tests.
FEW = 4


@pytest.fixture
def few_are_long(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(long, "LONG", FEW)
    yield
    for one in Path(storages["private"].location).glob("exports/*/*.*"):
        one.unlink()


def people(cast: Cast, count: int) -> None:
    """So many in training who came once and once did not, half of them Ana's."""
    for number in range(count):
        one = someone((cast.ana, cast.tess)[number % 2], f"Ruth {number}", START)
        visit(one, START + timedelta(days=1), ATTENDED)
        visit(one, START + timedelta(days=8), NO_SHOW)


def asked(who: Browser, address: str = CSV) -> ReportExport:
    """The file that waits for a worker, by the page that the download leads to."""
    answer = who.get(address)
    assert answer.status_code == 302
    made = ReportExport.objects.order_by("-pk").first()
    assert made is not None
    assert answer.headers["Location"] == f"{FILES}{made.uid}/"
    return made


def body(who: Browser, made: ReportExport) -> bytes:
    answer = who.get(f"{FILES}{made.uid}/file/")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


# --- which are long -------------------------------------------------------------------------------


def test_a_short_one_is_there_at_once_and_a_long_one_waits_for_a_worker(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    people(cast, FEW)
    monkeypatch.setattr(long, "LONG", FEW + 1)
    assert taken(browser(cast.ada), CSV) == 200
    assert ReportExport.objects.get().status == Status.SENT
    monkeypatch.setattr(long, "LONG", FEW)
    assert asked(browser(cast.ada)).status == Status.WAITING


def test_what_the_filters_leave_counts_and_not_who_else_there_is(cast: Cast):
    people(cast, FEW + 2)
    assert taken(browser(cast.ada), f"{CSV}&therapist={cast.tess.pk}") == 200
    assert taken(browser(cast.ada), "/c/north/reports/adherence.csv?from=2015-01-01&to=2015-02-01")
    assert not ReportExport.objects.exclude(status=Status.SENT).exists()


def test_the_page_itself_never_waits(cast: Cast):
    people(cast, FEW)
    assert browser(cast.ada).get(f"/c/north/reports/adherence/?{DAYS}").status_code == 200
    assert not ReportExport.objects.exists()


# --- from the tap to the file ---------------------------------------------------------------------


def test_a_worker_is_woken_and_the_page_says_how_far_it_is(
    cast: Cast, sent: list[int], django_capture_on_commit_callbacks: Any
):
    people(cast, FEW)
    with django_capture_on_commit_callbacks(execute=True):
        made = asked(browser(cast.ada))
    assert sent == [made.pk]
    assert (made.member, made.report, made.form, made.named) == (
        *(cast.ada, "adherence", "csv"),
        True,
    )
    page = browser(cast.ada).get(f"{FILES}{made.uid}/").text
    assert "It waits its turn" in page
    assert "<progress" in page


def test_who_taps_twice_waits_for_one_file_and_a_colleague_for_her_own(cast: Cast):
    people(cast, FEW)
    first = asked(browser(cast.ada))
    assert asked(browser(cast.ada)).pk == first.pk
    assert asked(browser(cast.ada), CSV.replace("client", "therapist")).pk != first.pk
    assert ReportExport.objects.count() == 2
    tasks.write_export(first.pk)
    assert asked(browser(cast.ada)).pk != first.pk, "what is written is of its moment"


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_file_is_the_one_that_would_have_come_at_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    people(cast, FEW)
    ada = browser(cast.ada)
    made = {form: asked(ada, CSV.replace(".csv", f".{form}")) for form in ("csv", "xlsx", "pdf")}
    for one in made.values():
        tasks.write_export(one.pk)
        assert state(one) == Status.DONE
    monkeypatch.setattr(long, "LONG", 1000)
    at_once = b"".join(ada.get(CSV).streaming_content)  # type: ignore[attr-defined]
    assert rows_of(body(ada, made["csv"])) == rows_of(at_once)
    assert sum("Ruth" in row[0] for row in rows_of(at_once) if row) == FEW
    sheet = openpyxl.load_workbook(io.BytesIO(body(ada, made["xlsx"]))).worksheets[0]
    names = [str(row[0]) for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert sum("Ruth" in name for name in names) == FEW
    assert body(ada, made["pdf"]).startswith(b"%PDF")


def test_it_says_how_many_rows_there_will_be_and_its_name_has_the_days(cast: Cast):
    people(cast, FEW)
    made = asked(browser(cast.ada))
    tasks.write_export(made.pk)
    made.refresh_from_db()
    assert made.rows is not None
    assert made.rows == made.expected >= FEW  # type: ignore[operator]
    assert made.expires_at == NOW + exporting.KEPT
    answer = browser(cast.ada).get(f"{FILES}{made.uid}/file/")
    assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    name = "adherence-2026-01-01-to-2026-03-04.csv"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_table_that_was_asked_for_is_written_and_one_that_is_none_is_not(cast: Cast):
    people(cast, FEW)
    page = browser(cast.ada).get(f"/c/north/reports/safety/?{DAYS}").text
    keys = [part.split('"')[0] for part in page.split("&amp;table=")[1:] if "csv" not in part[:4]]
    wanted = f"/c/north/reports/safety.csv?{DAYS}&table={keys[-1]}"
    made = asked(browser(cast.ada), wanted)
    tasks.write_export(made.pk)
    first = asked(browser(cast.ada), f"/c/north/reports/safety.csv?{DAYS}")
    tasks.write_export(first.pk)
    ada = browser(cast.ada)
    assert rows_of(body(ada, made))[0] != rows_of(body(ada, first))[0]
    none = asked(ada, f"/c/north/reports/safety.csv?{DAYS}&table=nothing")
    with pytest.raises(long.NotAllowed):
        tasks.write_export(none.pk)
    assert state(none) == Status.FAILED


# --- whose it is ----------------------------------------------------------------------------------


def test_a_colleague_and_a_stranger_get_nothing_by_its_link(cast: Cast):
    people(cast, FEW)
    made = asked(browser(cast.ada))
    tasks.write_export(made.pk)
    for who, code in ((cast.ana, 404), (cast.tess, 404), (cast.dee, 403), (cast.otto, 404)):
        for end in ("", "file/"):
            assert browser(who).get(f"{FILES}{made.uid}/{end}").status_code == code


def _of_the_clinic(cast: Cast, see: str) -> None:
    clinic = Clinic.objects.get(pk=cast.north.pk)
    write_report_settings(clinic=clinic, headline="A3", therapists_see=see, by=cast.ada, now=NOW)


def test_a_therapist_s_file_has_her_own_clients_and_those_alone(cast: Cast):
    people(cast, 2 * FEW)
    made = asked(browser(cast.ana))
    tasks.write_export(made.pk)
    names = {row[0] for row in rows_of(body(browser(cast.ana), made)) if row}
    assert {"Ruth 0", "Ruth 2"} <= names
    assert not {"Ruth 1", "Ruth 3"} & names
    assert not made.whole


def test_who_sees_the_whole_clinic_no_more_gets_its_file_no_more(cast: Cast):
    people(cast, FEW)
    _of_the_clinic(cast, "clinic")
    made = asked(browser(cast.ana))
    tasks.write_export(made.pk)
    assert made.whole
    assert taken(browser(cast.ana), f"{FILES}{made.uid}/file/") == 200
    _of_the_clinic(cast, "own")
    assert taken(browser(cast.ana), f"{FILES}{made.uid}/file/") == 404
    _of_the_clinic(cast, "clinic")
    waits = asked(browser(cast.ana))
    _of_the_clinic(cast, "own")
    with pytest.raises(long.NotAllowed):
        tasks.write_export(waits.pk)
    assert state(waits) == Status.FAILED


def _leaves(member: Membership) -> None:
    Membership.objects.filter(pk=member.pk).update(is_active=False)


def _sits_at_the_desk(member: Membership) -> None:
    Membership.objects.filter(pk=member.pk).update(roles=["desk"])


@pytest.mark.parametrize("becomes", [_leaves, _sits_at_the_desk])
def test_who_lost_the_right_meanwhile_gets_nothing(
    cast: Cast, becomes: Callable[[Membership], None]
):
    people(cast, FEW)
    made, waits = asked(browser(cast.ada)), asked(browser(cast.ada), CSV.replace(".csv", ".xlsx"))
    tasks.write_export(made.pk)
    becomes(cast.ada)
    assert browser(cast.ada).get(f"{FILES}{made.uid}/file/").status_code in (403, 404)
    with pytest.raises(long.NotAllowed):
        tasks.write_export(waits.pk)
    assert state(waits) == Status.FAILED
