"""How the first cells of a file are read, to be looked at before it is trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from bonefit.clinics.dates import say_day

from ..models import Import
from .cells import NUMERIC_DAY, read_day, read_number, without_time
from .records import Record
from .rows import today_of

MOST = 3
_LETTER = re.compile(r"[^\x00-\x7f]")
_DECIMAL = re.compile(r"[-−+]?\d+[.,]\d+")
EARLIEST = date(1900, 1, 1)


def examples(source: Import, rows: Sequence[Record], now: datetime) -> list[tuple[str, list[str]]]:
    """For words, dates and numbers: some cells as they stand and as they are read."""
    cells = [cell for row in rows if not row.problem for cell in row.cells if cell]
    today, reading = today_of(source.clinic, now), source.reading
    words = [cell[:60] for cell in cells if _LETTER.search(cell)]
    days = [f"{cell} is {_day(cell, reading['dates'], today)}" for cell in cells if _is_day(cell)]
    numbers = [
        f"{cell} is {_number(cell, reading['decimal'])}"
        for cell in cells
        if _DECIMAL.fullmatch(cell)
    ]
    named = (("Letters", words), ("Dates", days), ("Numbers", numbers))
    return [(name, list(dict.fromkeys(found))[:MOST]) for name, found in named if found]


def _is_day(cell: str) -> bool:
    day = without_time(cell)
    return bool(NUMERIC_DAY.fullmatch(day) or re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", day))


def _day(cell: str, dates: str, today: date) -> str:
    if not dates:
        return "not read yet: choose the order"
    try:
        return say_day(read_day(cell, dates, earliest=EARLIEST, latest=today))
    except ValueError as error:
        return f"wrong: {error}"


def _number(cell: str, decimal: str) -> str:
    if not decimal:
        return "not read yet: choose the decimal sign"
    try:
        return f"{read_number(cell, decimal):f}"
    except ValueError:
        return "wrong: the other sign"
