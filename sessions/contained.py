"""Sweeps that one bad row does not stop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import OperationalError, models, transaction

log = logging.getLogger(__name__)

_Row = TypeVar("_Row", bound=models.Model)


class SweepIncomplete(Exception):
    """Some rows could not be swept. They are as they were; the next sweep tries them again.

    ``failed`` is how many, None where that is not known.
    """

    def __init__(self, words: str, *, failed: int | None = None) -> None:
        super().__init__(words)
        self.failed = failed


def contained(rows: Sequence[_Row], settle: Callable[[Sequence[_Row]], int]) -> tuple[int, int]:
    """Settle all rows together, or, if that fails, each alone: (what settle counted, rows failed).

    Logs the kind of row, its number and the kind of error. Not the error's text: PostgreSQL puts
    whole rows into it.
    """
    if not rows:
        return 0, 0
    try:
        with transaction.atomic():
            return settle(rows), 0
    except OperationalError:
        raise  # the database is away, or a deadlock: no row is to blame
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one row, the others go on
        if len(rows) == 1:
            log.error("%s %s: %s", type(rows[0]).__name__, rows[0].pk, type(error).__name__)
            return 0, 1
    alone = [contained([row], settle) for row in rows]
    return sum(done for done, _ in alone), sum(failed for _, failed in alone)
