"""What a set said before it was corrected, for the one who looks at it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .disputes import payload_as, set_in_words
from .models import Operation, SetEntry

#: Operations that change what a set says.
_CHANGES = (Operation.Kind.CORRECT_SET, Operation.Kind.LOG_SET)


def tell_earlier(
    lanes: Iterable[dict[str, Any]], entries: Mapping[int, Iterable[SetEntry]]
) -> None:
    """Put what it said before into each set of some lanes; one query, or none."""
    found = earlier_of(entry for some in entries.values() for entry in some)
    for lane in lanes:
        for one in lane["sets"]:
            one["earlier"] = found.get(one["uid"], [])


def earlier_of(entries: Iterable[SetEntry]) -> dict[str, list[dict[str, str]]]:
    """For each set that was changed, by its uid, what it said before, oldest first.

    Each with who changed it. One query, or none where nothing was changed.
    """
    changed = [entry.uid for entry in entries if entry.revision > 1]
    if not changed:
        return {}
    rows = (
        Operation.objects.filter(entry__in=changed, kind__in=_CHANGES, before__isnull=False)
        .select_related("by__user")
        .order_by("id")
    )
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        words = set_in_words(payload_as(row.before or {}))
        known = found.setdefault(str(row.entry), [])
        if not known or known[-1]["words"] != words:
            known.append({"words": words, "by": row.by.user.name})
    return found
