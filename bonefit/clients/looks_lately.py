"""The looks that this process has just written down, so that a tap does not ask for each again.

``looks`` decides what is one row; here is only known without a question that the row stands.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Any

#: So many people on so many records; then all is forgotten, and asked for again.
MOST = 20_000

_written: dict[Hashable, datetime] = {}


def stands(look: Hashable, *, within: int, now: datetime) -> bool:
    """Whether a row of this look was written here in the last ``within`` seconds."""
    at = _written.get(look)
    return at is not None and at <= now < at + timedelta(seconds=within)


def keep(look: Hashable, now: datetime) -> None:
    """A row of this look was written."""
    if len(_written) >= MOST:
        _written.clear()
    _written[look] = now


def forget(**_: Any) -> None:
    """Know of no row any more: another connection may lead to a database that does not have it."""
    _written.clear()
