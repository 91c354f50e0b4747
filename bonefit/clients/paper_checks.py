"""What a file is by its content, whatever its name says, and whether it does more than be read.

A paper is a PDF without anything that runs, opens or carries something, or a PNG or JPEG picture.
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from .models import Document

#: More than any letter has: such a file is made to keep a reader busy.
MOST_OBJECTS = 50_000
MOST_SECONDS = 10.0
#: Width times height of a picture; a telephone takes 12 to 50 million.
MOST_PIXELS = 60_000_000

_PDF, _PNG, _JPEG = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
_KINDS = "a PDF, a PNG or a JPEG"


class BadFile(Exception):
    """A file that is not taken; its text says why and what to do."""


def check_content(data: bytes) -> str:
    """The type of a file by its content (one of ``Document.Type``); BadFile says what is wrong."""
    if not data:
        raise BadFile("The file is empty. Choose it again.")
    if data.startswith(_PDF):
        _check_pdf(data)
        return Document.Type.PDF
    if data.startswith(_PNG):
        _check_picture(data, "PNG")
        return Document.Type.PNG
    if data.startswith(_JPEG):
        _check_picture(data, "JPEG")
        return Document.Type.JPEG
    if data.startswith(_PROGRAMS):
        raise BadFile(f"This is a program, whatever its name says. A paper is {_KINDS}.")
    if data[4:8] == b"ftyp":
        raise BadFile(
            "This is a picture or film of another kind. Save it as a JPEG, or take a PDF."
        )
    raise BadFile(f"By its content this is not {_KINDS}, whatever its name says.")


# --- pictures -------------------------------------------------------------------------------------
def _check_picture(data: bytes, kind: str) -> None:
    """Refuse what cannot be drawn, and what would fill the memory of whoever draws it."""
    broken = BadFile("The picture cannot be opened. It may be damaged: save it again.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(BytesIO(data), formats=[kind]) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise BadFile("The picture has too many pixels. Save it smaller.")
                picture.verify()
            with Image.open(BytesIO(data), formats=[kind]) as picture:
                # verify() does not read a JPEG to its end; drawn small it costs little.
                if kind == "JPEG":
                    picture.draft("L", (picture.width // 8 or 1, picture.height // 8 or 1))
                    picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadFile("The picture has too many pixels. Save it smaller.") from None
    except BadFile:
        raise
    except Exception:  # noqa: BLE001 - whatever a damaged picture makes a decoder say
        raise broken from None


# --- PDF ------------------------------------------------------------------------------------------
_PRINT_IT = "Print it, scan it, and take the scan; or save it anew as a plain PDF."
_SCRIPT = f"The PDF has a script in it. {_PRINT_IT}"
_OPENS = f"The PDF does something by itself when it is opened. {_PRINT_IT}"
_CARRIES = f"The PDF has another file inside. Take that file by itself, or: {_PRINT_IT.lower()}"
_FORM = f"The PDF is a form that fills itself in. {_PRINT_IT}"
#: A key of a dictionary -> what is wrong with it.
_KEYS = {
    "/JS": _SCRIPT,
    "/JavaScript": _SCRIPT,
    "/AA": _OPENS,
    "/EF": _CARRIES,
    "/EmbeddedFiles": _CARRIES,
    "/RichMedia": _CARRIES,
    "/XFA": _FORM,
}
#: What an action does (``/S``), or what an object is (``/Type``, ``/Subtype``).
_ACTS = {
    "/JavaScript": _SCRIPT,
    "/Launch": _OPENS,
    "/SubmitForm": _OPENS,
    "/ImportData": _OPENS,
    "/Rendition": _OPENS,
    "/RichMediaExecute": _OPENS,
    "/GoToE": _CARRIES,
    "/EmbeddedFile": _CARRIES,
    "/FileAttachment": _CARRIES,
    "/RichMedia": _CARRIES,
}
#: A reader that mends a damaged file may find what its own table does not name. Long names only:
#: short ones stand in every picture by chance.
_IN_THE_OPEN = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia)[^A-Za-z0-9]")
_WORDS_IN_THE_OPEN = {b"JavaScript": _SCRIPT, b"Launch": _OPENS}


def _check_pdf(data: bytes) -> None:
    """Refuse what cannot be read, what is locked, and what does more than be read."""
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise BadFile("The PDF is locked with a password. Save it without one.")
        if len(reader.pages) == 0:
            raise BadFile("The PDF has no page.")
        _check_objects(reader)
    except BadFile:
        raise
    except Exception:  # noqa: BLE001 - whatever a damaged file makes the reader say
        raise BadFile("The PDF cannot be read. It may be damaged: save it again.") from None
    found = _IN_THE_OPEN.search(data)
    if found:
        raise BadFile(_WORDS_IN_THE_OPEN.get(found.group(1), _CARRIES))


def _check_objects(reader: PdfReader) -> None:
    """Look at every object of the file, also those that no page leads to."""
    end = time.monotonic() + MOST_SECONDS
    for number, one in enumerate(_objects(reader)):
        if number > MOST_OBJECTS or time.monotonic() > end:
            raise BadFile(f"The PDF has too many parts to be checked. {_PRINT_IT}")
        _check_object(one)


def _objects(reader: PdfReader) -> Iterator[Any]:
    yield reader.trailer
    for generation, table in list(reader.xref.items()):
        free = reader.xref_free_entry.get(generation, {})
        for number in list(table):
            if not free.get(number):
                yield reader.get_object(IndirectObject(number, generation, reader))
    for number in list(reader.xref_objStm):
        yield reader.get_object(IndirectObject(number, 0, reader))


def _check_object(one: Any) -> None:
    """One object with all that stands inside it; what it only refers to is an object of its own."""
    inside, seen = [one], 0
    while inside:
        seen += 1
        if seen > MOST_OBJECTS:
            raise BadFile(f"The PDF has too many parts to be checked. {_PRINT_IT}")
        part = inside.pop()
        if isinstance(part, DictionaryObject):
            _check_dictionary(part)
            inside += [part.raw_get(key) for key in part]
        elif isinstance(part, ArrayObject):
            inside += list.__iter__(part)


def _check_dictionary(part: DictionaryObject) -> None:
    for key in part:
        if key in _KEYS:
            raise BadFile(_KEYS[key])
    for key in ("/S", "/Type", "/Subtype"):
        words = _ACTS.get(str(part[key])) if key in part else None
        if words and not (key == "/S" and isinstance(part, StreamObject)):
            raise BadFile(words)
    if "/OpenAction" in part:  # [] and not get(): only that follows a reference
        _check_opening(part["/OpenAction"])


def _check_opening(opens: Any) -> None:
    """Word processors say at which page and size to open: that runs nothing."""
    if isinstance(opens, ArrayObject):
        return
    acts = opens["/S"] if isinstance(opens, DictionaryObject) and "/S" in opens else ""
    if acts != "/GoTo" or "/Next" in opens:
        raise BadFile(_ACTS.get(str(acts), _OPENS))
