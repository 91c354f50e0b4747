"""Files as people and programs make them: letters, pictures, and what only looks like one."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

MEGABYTE = 1024 * 1024


def pdf(change: Callable[[PdfWriter], object] = lambda writer: None) -> bytes:
    """A PDF of one page; ``change`` does something to it before it is written."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "white").save(out, kind)
    return out.getvalue()


def upload(data: bytes, name: str = "letter.pdf", type_: str = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, type_ or "application/pdf")


def _root(writer: PdfWriter, key: str, value: object) -> None:
    writer.root_object[NameObject(key)] = value


def _action(kind: str) -> DictionaryObject:
    return DictionaryObject(
        {NameObject("/S"): NameObject(kind), NameObject("/JS"): TextStringObject("app.alert(1)")}
        if kind == "/JavaScript"
        else {NameObject("/S"): NameObject(kind), NameObject("/F"): TextStringObject("cmd.exe")}
    )


def opens_with(kind: str) -> bytes:
    return pdf(lambda writer: _root(writer, "/OpenAction", writer._add_object(_action(kind))))


def opens_at_a_page() -> bytes:
    """What a word processor writes: open it at the first page, as wide as the window."""
    at = ArrayObject([NumberObject(0), NameObject("/FitH"), NumberObject(800)])
    return pdf(lambda writer: _root(writer, "/OpenAction", at))


def with_page_action() -> bytes:
    def change(writer: PdfWriter) -> None:
        then = DictionaryObject({NameObject("/O"): _action("/URI")})
        writer.pages[0][NameObject("/AA")] = then

    return pdf(change)


def with_a_form_of_its_own() -> bytes:
    form = DictionaryObject({NameObject("/XFA"): TextStringObject("<xdp/>")})
    return pdf(lambda writer: _root(writer, "/AcroForm", form))


def hidden_script() -> bytes:
    """A script in an object that no page leads to, its name written in figures."""
    data = pdf(lambda writer: writer._add_object(_action("/JavaScript")))
    assert b"/JavaScript" in data
    return data.replace(b"/JavaScript", b"/J#61vaScript")


def attached() -> bytes:
    return pdf(lambda writer: writer.add_attachment("prices.exe", b"MZ"))


def scripted() -> bytes:
    def change(writer: PdfWriter) -> None:
        names = ArrayObject([TextStringObject("hello"), _action("/JavaScript")])
        tree = DictionaryObject({NameObject("/Names"): names})
        _root(writer, "/Names", DictionaryObject({NameObject("/JavaScript"): tree}))

    return pdf(change)


def encrypted() -> bytes:
    return pdf(lambda writer: writer.encrypt("secret"))
