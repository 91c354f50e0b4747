"""How a file seems to be written. Every guess says why, and whether it has to be asked about."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from charset_normalizer import from_bytes

from .cells import NUMERIC_DAY, without_time
from .records import SEPARATORS, Reading, lines_of, records, separator_line

#: Bytes and rows that a guess looks at; a check looks at all.
SAMPLE, ROWS = 256 * 1024, 5_000
_ISOLATED = ["cp1252", "cp1250", "mac_roman", "cp850"]
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECIMAL = re.compile(r"[-−+]?(\d+)([.,])(\d+)")


@dataclass(frozen=True, slots=True)
class Guess:
    """``value`` is "" where a person has to choose."""

    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Guesses:
    encoding: Guess
    separator: Guess
    decimal: Guess
    dates: Guess

    @property
    def reading(self) -> Reading:
        """The four values, "" among them where one has to be chosen."""
        return Reading(
            self.encoding.value, self.separator.value, self.decimal.value, self.dates.value
        )


def guess(file: BinaryIO, *, encoding: str = "", separator: str = "") -> Guesses:
    """How a file seems to be written; what is given is not guessed."""
    found = Guess(encoding, "As you chose.") if encoding else guess_encoding(file)
    lines = list(islice(lines_of(file, found.value), ROWS))
    parted = Guess(separator, "As you chose.") if separator else guess_separator(lines)
    rows = [one for one in records(lines, parted.value) if not one.problem]
    cells = [cell for one in rows for cell in one.cells if cell]
    return Guesses(found, parted, guess_decimal(cells), guess_dates(cells))


# --- letters --------------------------------------------------------------------------------------
def guess_encoding(file: BinaryIO) -> Guess:
    """By its mark, by being valid UTF-8 to its end, by its zero bytes, or by what reads best."""
    file.seek(0)
    sample = file.read(SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return Guess(name, "The file begins with the mark of it.")
    if (zeros := sample.count(0)) and zeros > len(sample) // 5:
        even = sample[::2].count(0)
        name = "utf-16-be" if even > zeros // 2 else "utf-16-le"
        return Guess(name, "Every second byte is zero.")
    if _is_utf8(file):
        words = "It has plain letters only." if sample.isascii() else "All of it is valid UTF-8."
        return Guess("utf-8", words)
    best = from_bytes(sample, cp_isolation=_ISOLATED).best()
    # Many tables share the common letters: then it is the commonest of them.
    western = best is None or str(best) == sample.decode("cp1252", errors="replace")
    name = "cp1252" if best is None or western else best.encoding
    return Guess(name, "It is not UTF-8, and read like this it looks most like words. Check them.")


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while chunk := file.read(65536):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


# --- separator ------------------------------------------------------------------------------------
def guess_separator(lines: list[str]) -> Guess:
    """What the first line names, or what cuts most rows into as many cells as the head."""
    named = separator_line(lines[0]) if lines else ""
    if named in SEPARATORS:
        return Guess(named, "The first line of the file names it.")
    counted = {sign: _agreeing(lines[:200], sign) for sign in SEPARATORS}
    best = max(counted, key=lambda sign: counted[sign])
    share, cells = counted[best]
    if cells < 2:
        return Guess(",", "No separator was found: the file has one column.")
    return Guess(best, f"{share} of 100 rows have {cells} cells with it.")


def _agreeing(lines: list[str], sign: str) -> tuple[int, int]:
    """Of 100 rows how many have the same number of cells, and that number (at least two)."""
    widths = Counter(len(one.cells) for one in records(lines, sign) if not one.blank)
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return 0, 1
    width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
    return round(100 * count / widths.total()), width


# --- numbers --------------------------------------------------------------------------------------
def guess_decimal(cells: Iterable[str]) -> Guess:
    """By the sign in numbers; where both stand in them, a person has to say."""
    signs: dict[str, list[str]] = {".": [], ",": []}
    for cell in cells:
        if found := _DECIMAL.fullmatch(cell):
            signs[found.group(2)].append(cell)
    dots, commas = signs["."], signs[","]
    if dots and commas:
        return Guess("", f"Both signs are used, as in {dots[0]} and {commas[0]}. Choose one.")
    if all(_may_be_thousands(cell) for cell in dots + commas) and dots + commas:
        return Guess("", f"{(dots + commas)[0]} may be a thousand or a decimal number. Choose.")
    if commas:
        return Guess(",", f"As in {commas[0]}.")
    return Guess(".", f"As in {dots[0]}." if dots else "No decimal number was seen.")


def _may_be_thousands(cell: str) -> bool:
    return re.fullmatch(r"[-−+]?[1-9]\d{0,2}[.,]\d{3}", cell) is not None


# --- days -----------------------------------------------------------------------------------------
def guess_dates(cells: Iterable[str]) -> Guess:
    """By numbers over 12, which are no month; where there are none, a person has to say."""
    numeric = list(_numeric_days(cells))
    if not numeric:
        return Guess("iso", "No date like 03/04/2025 was seen.")
    day_first = [cell for cell, one, two in numeric if one > 12 >= two]
    month_first = [cell for cell, one, two in numeric if two > 12 >= one]
    if day_first and month_first:
        return Guess("", f"{day_first[0]} and {month_first[0]} contradict each other. Choose one.")
    if day_first:
        return Guess("dmy", f"As in {day_first[0]}: there is no month {_first(day_first[0])}.")
    if month_first:
        return Guess("mdy", f"As in {month_first[0]}: the second number is no month.")
    dotted = next((cell for cell, *_ in numeric if "." in cell), "")
    if dotted and all("." in cell for cell, *_ in numeric):
        return Guess("dmy", f"Dates with dots, as {dotted}, have the day first.")
    words = f"{numeric[0][0]} may have the day or the month first, and no date in the file tells."
    return Guess("", f"{words} Choose.")


def _numeric_days(cells: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    for cell in cells:
        found = NUMERIC_DAY.fullmatch(without_time(cell))
        if found:
            yield cell, int(found.group(1)), int(found.group(3))


def _first(cell: str) -> str:
    return re.split(r"[-/.]", cell)[0]
