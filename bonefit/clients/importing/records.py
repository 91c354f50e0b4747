"""A table in a text file, one record after the other: no more of it in memory than a record."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from typing import BinaryIO

#: How a file may be written: name of the codec -> what people call it.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16 with its mark (Excel’s “Unicode text”)",
    "utf-16-le": "UTF-16, little end first",
    "utf-16-be": "UTF-16, big end first",
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850",
}
SEPARATORS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Upright line"}
DECIMALS = {".": "Dot: 1.5", ",": "Comma: 1,5"}
DATES = {
    "dmy": "Day first: 31/12/2025",
    "mdy": "Month first: 12/31/2025",
    "iso": "Year first, or the month as a word",
}
#: A quotation mark that is open for longer was never meant to be one. Lines, letters.
MOST_LINES, MOST_LETTERS = 60, 20_000
_SEP = re.compile(r"\s*\"?sep=(.)\"?\s*", re.I)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read: one key each of ENCODINGS, SEPARATORS, DECIMALS and DATES."""

    encoding: str
    separator: str
    decimal: str
    dates: str


@dataclass(frozen=True, slots=True)
class Record:
    """One row, numbered as a spreadsheet does (the head is 1); ``problem`` where it has none."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""

    @property
    def blank(self) -> bool:
        """Nothing stands in it."""
        return not self.problem and not any(self.cells)


def lines_of(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines of a file from its beginning; the file stays open.

    What the encoding does not know becomes U+FFFD, to be said by cell.
    """
    file.seek(0)
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    wrapped = TextIOWrapper(file, encoding=codec, errors="replace", newline="")
    try:
        for line in wrapped:  # noqa: UP028 - "yield from" would close the file with the generator
            yield line
    finally:
        if not wrapped.closed:
            wrapped.detach()


def separator_line(line: str) -> str:
    """The separator that Excel’s first line names (``sep=;``), "" where it is no such line."""
    found = _SEP.fullmatch(line)
    return found.group(1) if found else ""


def records(lines: Iterable[str], separator: str) -> Iterator[Record]:
    """Every record of a table, blank ones too. A broken one is said, and the next line is next."""
    waiting: deque[str] = deque()
    source = iter(lines)
    number = 0
    first = True
    while (line := _next(waiting, source)) is not None:
        if first and separator_line(line):
            first = False
            continue  # a spreadsheet does not count it
        first = False
        number += 1
        yield _record(number, line, waiting, source, separator)


def _next(waiting: deque[str], source: Iterator[str]) -> str | None:
    return waiting.popleft() if waiting else next(source, None)


def _record(
    number: int, line: str, waiting: deque[str], source: Iterator[str], separator: str
) -> Record:
    """The record that begins with a line; lines that turn out not to be its own go back."""
    taken: list[str] = []
    text = line
    while True:
        try:
            return Record(number, _cells(text, separator))
        except csv.Error as error:
            problem = str(error)
        open_quote = problem == "unexpected end of data"
        more = None
        if open_quote and len(taken) < MOST_LINES and len(text) < MOST_LETTERS:
            more = _next(waiting, source)
        if more is None:
            waiting.extendleft(reversed(taken))
            return Record(number, (line.strip()[:200],), _words(open_quote, problem))
        taken.append(more)
        text += more


def _words(open_quote: bool, problem: str) -> str:
    if open_quote:
        return "A quotation mark is opened in this row and never closed."
    if "limit" in problem:
        return "A cell of this row is far too long. Is a separator or a line end missing?"
    return "The quotation marks of this row do not fit: a mark inside a text is written twice."


def _cells(text: str, separator: str) -> tuple[str, ...]:
    rows = csv.reader([text], delimiter=separator, strict=True, skipinitialspace=True)
    return tuple(cell.strip() for cell in next(rows, []))


def batches(found: Iterable[Record], size: int) -> Iterator[Sequence[Record]]:
    """Records by ``size``; the last batch may have fewer."""
    source = iter(found)
    while batch := list(islice(source, size)):
        yield batch
