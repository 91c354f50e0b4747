"""A paper of a client: what is taken, how it is kept, who gets it, and that it is never deleted."""

from __future__ import annotations

import os
import stat
import uuid
import zlib
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.test import Client as Browser
from pypdf import PdfReader

from bonefit.clients import documents
from bonefit.clients.documents import BadFile, check_upload, safe_name
from bonefit.clients.models import Document
from tests.cast import NOW, Cast
from tests.clients import paper_files as files
from tests.clients.paper_files import MEGABYTE, pdf, picture, upload
from tests.doors import browser


@pytest.fixture
def ana(cast: Cast) -> Browser:
    return browser(cast, "ana")


def address(cast: Cast, part: str = "") -> str:
    return f"/c/north/clients/{cast.cal_client.pk}/papers/{part}"


def add(ana: Browser, cast: Cast, file: Any, **said: str) -> Any:
    return ana.post(address(cast, "add/"), {"kind": "scan", "file": file, **said})


def on_disk() -> set[str]:
    return {
        os.path.join(folder, name)
        for folder, _, names in os.walk(storages["private"].location)
        for name in names
    }


# --- what is taken --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "type_"),
    [
        (pdf(), "application/pdf"),
        (files.opens_at_a_page(), "application/pdf"),
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
    ],
)
def test_a_pdf_and_a_picture_are_taken(data: bytes, type_: str) -> None:
    checked = check_upload(upload(data, "whatever.doc"))
    assert (checked.type, checked.size) == (type_, len(data))


def test_a_picture_named_pdf_is_taken_as_the_picture_that_it_is() -> None:
    checked = check_upload(upload(picture("PNG"), "letter.pdf"))
    assert (checked.type, checked.name) == ("image/png", "letter.png")


REFUSED = {
    "a program": (b"MZ\x90\x00" + b"\0" * 400, "program"),
    "a program of another system": (b"\x7fELF" + b"\0" * 400, "program"),
    "nothing": (b"", "empty"),
    "text": (b"Dear colleague, she may train.", "not a PDF"),
    "a page with a script": (b"<html><script>alert(1)</script></html>", "not a PDF"),
    "half a PDF": (b"%PDF-1.7\n1 0 obj\n<<", "cannot be read"),
    "a PDF of nothing but brackets": (b"%PDF-1.7\n" + b"[" * 100_000, "cannot be read"),
    "half a picture": (picture("PNG", (400, 400))[:-60], "cannot be opened"),
    "half a photograph": (picture("JPEG", (400, 400))[:-400], "cannot be opened"),
    "a PDF with a script": (files.scripted(), "script"),
    "a PDF that runs a script": (files.opens_with("/JavaScript"), "script"),
    "a PDF with a script that is hidden": (files.hidden_script(), "script"),
    "a PDF that starts a program": (files.opens_with("/Launch"), "by itself"),
    "a PDF that sends something": (files.opens_with("/SubmitForm"), "by itself"),
    "a PDF whose page does something": (files.with_page_action(), "by itself"),
    "a PDF with a file in it": (files.attached(), "another file inside"),
    "a PDF that is a program for a form": (files.with_a_form_of_its_own(), "fills itself in"),
    "a locked PDF": (files.encrypted(), "password"),
    "a PDF without a page": (
        pdf(lambda writer: writer.remove_page(0)),
        "no page",
    ),
    "a picture of a telephone": (b"\0\0\0\x18ftypheic" + b"\0" * 400, "another kind"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_plain_paper_is_refused_with_the_reason(what: str) -> None:
    data, words = REFUSED[what]
    with pytest.raises(BadFile, match=words):
        check_upload(upload(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_small_file_that_is_a_huge_picture_is_refused(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bonefit.clients.paper_checks.MOST_PIXELS", 10_000)
    with pytest.raises(BadFile, match="too many pixels"):
        check_upload(upload(picture(kind, (101, 100))))
    assert check_upload(upload(picture(kind, (100, 100)))).type


def test_a_picture_that_the_library_itself_refuses_is_said_to_be_too_large() -> None:
    data = bytearray(picture("PNG"))
    data[16:24] = (50_000).to_bytes(4, "big") * 2  # the width and height that it claims
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    with pytest.raises(BadFile, match="too many pixels"):
        check_upload(upload(bytes(data)))


def test_a_pdf_of_too_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bonefit.clients.paper_checks.MOST_OBJECTS", 2)
    with pytest.raises(BadFile, match="too many parts"):
        check_upload(upload(pdf()))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("letter.pdf", "letter.pdf"),
        ("LETTER.PDF", "LETTER.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\letter.pdf", "letter.pdf"),
        ("letter.exe", "letter.exe.pdf"),
        ("letter.png", "letter.pdf"),
        ("a\x00b\nc\u202efdp.exe", "ab cfdp.exe.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("", "paper.pdf"),
        ("/", "paper.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("Brief für Äbtissin.pdf", "Brief für Äbtissin.pdf"),
    ],
)
def test_of_a_name_only_its_last_part_is_kept_without_what_misleads(name: str, safe: str) -> None:
    assert safe_name(name, "application/pdf") == safe


# --- uploading it ---------------------------------------------------------------------------------
def test_an_upload_is_kept_and_shown(ana: Browser, cast: Cast) -> None:
    data = pdf()
    response = add(ana, cast, upload(data, "a/b\\Scan of Cal.pdf"))
    assert response.status_code == 302, response.content.decode()
    row = Document.objects.get()
    assert (row.name, row.type, row.size) == ("Scan of Cal.pdf", "application/pdf", len(data))
    assert row.added_by == cast.ana
    assert "Scan of Cal.pdf" in ana.get(address(cast)).content.decode()


def test_it_is_kept_under_a_random_name_for_the_site_alone(ana: Browser, cast: Cast) -> None:
    add(ana, cast, upload(pdf(), "Cal P.pdf"))
    path = storages["private"].path(Document.objects.get().file.name)
    assert "Cal" not in path
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    assert not path.startswith(str(settings.STATIC_ROOT))
    assert not path.startswith(tuple(str(place) for place in settings.STATICFILES_DIRS))


@pytest.mark.parametrize("what", ["a program", "a PDF with a script", "nothing"])
def test_what_is_refused_is_said_beside_the_field_and_nothing_is_kept(
    ana: Browser, cast: Cast, what: str
) -> None:
    before = on_disk()
    data, words = REFUSED[what]
    response = add(ana, cast, upload(data))
    page = response.content.decode()
    assert response.status_code == 422
    assert 'id="id_file_error"' in page
    assert words in page
    assert 'value="scan" class="" required id="id_kind_0" checked' in page or "checked" in page
    assert not Document.objects.exists()
    assert on_disk() == before


def test_forty_megabytes_are_refused_beside_the_field_and_what_was_typed_stays(
    ana: Browser, cast: Cast
) -> None:
    before = on_disk()
    response = add(ana, cast, upload(b"%PDF-" + b"x" * 40 * MEGABYTE), kind="other")
    page = response.content.decode()
    assert response.status_code == 422
    assert "The file is larger than 10 MB." in page
    assert page.count('id="id_file_error"') == 1
    assert "Choose a file." not in page
    assert 'value="other"' in page
    assert on_disk() == before


# --- with its transaction -------------------------------------------------------------------------
def _keep(cast: Cast) -> Document:
    return documents.store(
        client=cast.cal_client, kind="other", file=upload(pdf()), by=cast.ana, now=NOW
    )


def _keep_and_fail(cast: Cast) -> None:
    with documents.filing():
        _keep(cast)
        raise ZeroDivisionError


def test_where_the_transaction_fails_no_file_is_left(cast: Cast) -> None:
    before = on_disk()
    with pytest.raises(ZeroDivisionError):
        _keep_and_fail(cast)
    assert on_disk() == before
    assert not Document.objects.exists()
    _keep(cast)
    assert len(on_disk()) == len(before) + 1


def test_where_a_part_fails_that_is_caught_its_file_goes_and_no_other(cast: Cast) -> None:
    before = on_disk()
    with documents.filing():
        kept = _keep(cast)
        with pytest.raises(ZeroDivisionError):
            _keep_and_fail(cast)
    assert list(Document.objects.all()) == [kept]
    assert len(on_disk()) == len(before) + 1


def test_a_letter_made_here_is_kept_like_one_that_was_sent(cast: Cast) -> None:
    row = documents.store_bytes(
        client=cast.cal_client, kind="letter", name="x.pdf", data=pdf(), by=cast.ana, now=NOW
    )
    with row.file.open("rb") as file:
        assert len(PdfReader(file).pages) == 1


# --- who gets it ----------------------------------------------------------------------------------
@pytest.fixture
def kept(cast: Cast) -> Document:
    return documents.store(
        client=cast.cal_client,
        kind="scan",
        file=upload(pdf(), "Scan für Cal.pdf"),
        by=cast.ana,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("who", "status"),
    [
        *(("ana", 200), ("tess", 200), ("ada", 200)),
        *(("dee", 403), ("cal", 403), ("cam", 403), ("con", 403)),
        *(("otto", 404), ("olga", 404), ("lea", 404), ("nobody", 404), ("anonymous", 302)),
    ],
)
def test_the_file_goes_to_those_who_may_see_clients_and_to_nobody_else(
    cast: Cast, kept: Document, who: str, status: int
) -> None:
    assert browser(cast, who).get(address(cast, f"{kept.uid}/")).status_code == status


def test_it_is_served_so_that_a_browser_can_do_nothing_with_it_but_show_it(
    ana: Browser, cast: Cast, kept: Document
) -> None:
    response = ana.get(address(cast, f"{kept.uid}/"))
    assert response.content == documents.read(kept) == pdf()
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''Scan%20f%C3%BCr%20Cal.pdf"
    )


def test_a_paper_of_another_clinic_is_not_there(cast: Cast, kept: Document) -> None:
    otto = browser(cast, "otto")
    here = f"/c/harbor/clients/{cast.olga_client.pk}/papers/"
    assert otto.get(f"{here}{kept.uid}/").status_code == 404
    assert otto.post(f"{here}{kept.uid}/remove/", {"why": "x"}).status_code == 404
    assert otto.get(f"/c/harbor/clients/{cast.cal_client.pk}/papers/").status_code == 404
    kept.refresh_from_db()
    assert kept.removed_at is None


def test_it_is_not_found_under_another_client(ana: Browser, cast: Cast, kept: Document) -> None:
    other = f"/c/north/clients/{cast.cam_client.pk}/papers/{kept.uid}/"
    assert ana.get(other).status_code == 404
    assert ana.get(address(cast, f"{uuid.uuid4()}/")).status_code == 404


def test_a_file_that_is_gone_is_not_there_and_the_log_names_no_person(
    ana: Browser, cast: Cast, kept: Document, caplog: pytest.LogCaptureFixture
) -> None:
    storages["private"].delete(kept.file.name)
    assert ana.get(address(cast, f"{kept.uid}/")).status_code == 404
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert str(kept.uid) in said
    assert "Cal" not in said


# --- removing -------------------------------------------------------------------------------------
def test_removing_hides_a_paper_and_says_who_and_why(
    ana: Browser, cast: Cast, kept: Document
) -> None:
    files_before = on_disk()
    response = ana.post(address(cast, f"{kept.uid}/remove/"), {"why": "Another person’s"})
    assert response.status_code == 302
    assert ana.get(address(cast, f"{kept.uid}/")).status_code == 404
    page = ana.get(address(cast)).content.decode()
    assert "by Ana T.: Another person’s" in page
    assert f"papers/{kept.uid}/" not in page
    assert on_disk() == files_before


def test_removing_asks_why_and_removing_twice_changes_nothing(
    ana: Browser, cast: Cast, kept: Document
) -> None:
    url = address(cast, f"{kept.uid}/remove/")
    asked = ana.post(url, {"why": " "})
    assert asked.status_code == 422
    assert "Write why, for example: another person’s letter." in asked.content.decode()
    ana.post(url, {"why": "Wrong"})
    ana.post(url, {"why": "Again"})
    kept.refresh_from_db()
    assert kept.removed_why == "Wrong"


def test_the_admin_reads_papers_and_changes_none(cast: Cast, kept: Document) -> None:
    ada = browser(cast, "ada")
    page = ada.get(address(cast)).content.decode()
    assert "Keep this paper" not in page
    assert add(ada, cast, upload(pdf())).status_code == 403
    assert ada.post(address(cast, f"{kept.uid}/remove/"), {"why": "x"}).status_code == 403
