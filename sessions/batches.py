"""A list of operations as a tablet sends it, read into operations or into what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from .operations import BIGGEST_REVISION, Op

#: A tablet sends its queue in parts of at most so many operations, and each part is small.
MOST_OPERATIONS = 100
MOST_BYTES = 400_000

#: A device's clock may be wrong; what lies beyond these years is no clock at all.
_FIRST, _LAST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class NoBatch(Exception):
    """That is no list of operations."""


class TooMuch(Exception):
    """More than is taken at once; the text says how much that is."""


def read_batch(raw: bytes) -> tuple[Mapping[str, Any], list[Any]]:
    """The body of a request and its operations, still as they were sent.

    Raises TooMuch and NoBatch.
    """
    if len(raw) > MOST_BYTES:
        raise TooMuch(f"At most {MOST_BYTES // 1000} kB at once.")
    try:
        body = json.loads(raw)
        items = body["operations"]
    except (ValueError, KeyError, TypeError, RecursionError) as wrong:
        raise NoBatch from wrong
    if not isinstance(body, Mapping) or not isinstance(items, list):
        raise NoBatch
    if len(items) > MOST_OPERATIONS:
        raise TooMuch(f"At most {MOST_OPERATIONS} at once.")
    return body, items


def read_operation(item: Any, *, now: datetime) -> Op | dict[str, Any]:
    """One operation as a tablet sends it; what is wrong with it where it is none."""
    if not isinstance(item, Mapping):
        return {"id": None, "reason": "That is no operation."}
    payload = item.get("payload") or {}
    if not isinstance(payload, Mapping) or not _can_be_kept(payload):
        return {"id": item.get("id"), "reason": "Its content cannot be read."}
    try:
        return Op(
            uid=UUID(str(item["id"])),
            kind=str(item["kind"]),
            visit=UUID(str(item["visit"])),
            made_at=_moment(item.get("at"), now),
            entry=UUID(str(item["entry"])) if item.get("entry") else None,
            base_revision=_revision(item.get("base_revision")),
            payload=dict(payload),
        )
    except (KeyError, ValueError, TypeError, OverflowError):  # JSON knows numbers without end
        return {"id": item.get("id"), "reason": "It lacks an id, a visit or a kind."}


def _can_be_kept(payload: Mapping[str, Any]) -> bool:
    """Whether the database takes it: one entry that it cannot bear would hold up its whole batch.

    It knows no NUL, no half of a surrogate pair, and no number that is none.
    """
    try:
        text = json.dumps(payload, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError):
        return False
    return "\\u0000" not in text


def _revision(value: Any) -> int | None:
    if value is None:
        return None
    revision = int(value)
    if not 0 <= revision <= BIGGEST_REVISION:
        raise ValueError(value)
    return revision


def _moment(text: Any, now: datetime) -> datetime:
    """The device's clock, which may be wrong: it is kept and orders nothing."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return now
    return at if at.tzinfo and _FIRST < at < _LAST else now
