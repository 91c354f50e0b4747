"""Whether every sealed row is as it was sealed. One pass over the seals and the rows, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from bonefit.clinics.models import Seal
from bonefit.clinics.rows import seeing_every_clinic

from .chain import LEAF, NOTHING_BEFORE, Said, Summed, leaf, summed
from .sealing import sealed_upto
from .tables import AS_TEXT, AUDITED, BY_NAME, Audited

#: Rows that are fetched at once.
MANY = 2000

_Row = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first seal that does not hold, what is wrong with it, and the row where one is known."""

    number: int
    name: str
    what: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Tail:
    """Rows of a table that no seal covers yet."""

    name: str
    rows: int
    first: int | None
    last: int | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What ``verify`` found. ``gone``: sealed rows that are missing and were said to be let go."""

    seals: int
    rows: int
    gone: Mapping[str, int]
    last: Seal | None
    broken: Broken | None
    tails: Sequence[Tail]


def verify() -> Verified:
    """Check the chain and every row in it, up to the first seal that does not hold.

    Memory does not grow with the rows; the time does, in proportion. It sees every clinic: a row
    out of sight would be one that is missing.
    """
    with seeing_every_clinic(), transaction.atomic(), ExitStack() as stack:
        _tell()
        rows = {one.name: _Rows(one, stack) for one in AUDITED}
        check = _Check(rows, _let_go())
        broken = None
        for seal in _seals():
            broken = check.wrong(seal)
            if broken is not None:
                break
            check.accept(seal)
        if broken is None:
            broken = _before_the_first(check.seals)
        return Verified(
            check.seals, check.rows, check.gone, check.last, broken, [tail(one) for one in AUDITED]
        )


def tail(one: Audited) -> Tail:
    """What of a table is not sealed yet."""
    upto = sealed_upto(one.name)
    query = f"SELECT count(*), min(id), max(id), min({one.at}) FROM {one.table} WHERE id > %s"
    with connection.cursor() as cursor:
        cursor.execute(query, [upto])
        rows, first, last, since = cursor.fetchone()
    return Tail(one.name, rows, first, last, since)


def _tell() -> None:
    with connection.cursor() as cursor:
        cursor.execute(AS_TEXT)


def _seals() -> Iterator[Seal]:
    return Seal.objects.order_by("number").iterator(chunk_size=500)


def _let_go() -> dict[str, int]:
    """Up to which number rows of each table may be missing."""
    gone: dict[str, int] = {}
    for seal in Seal.objects.filter(kind=Seal.Kind.LET_GO):
        gone[seal.name] = max(gone.get(seal.name, 0), seal.upto)
    return gone


def _before_the_first(seals: int) -> Broken | None:
    """A row whose number no sequence gives out would be in no range."""
    for one in AUDITED:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT max(id) FROM {one.table} WHERE id <= 0")
            (found,) = cursor.fetchone()
        if found is not None:
            return Broken(seals, one.name, "a row has a number below the first", found)
    return None


class _Check:
    """What is known after so many seals."""

    def __init__(self, rows: Mapping[str, _Rows], let_go: Mapping[str, int]) -> None:
        self._of, self._let_go = rows, let_go
        self._upto: dict[str, int] = {}
        self._found: Summed | None = None
        self.last: Seal | None = None
        self.seals = self.rows = 0
        self.gone: Counter[str] = Counter()

    def wrong(self, seal: Seal) -> Broken | None:
        """What is wrong with the next seal; None where it holds."""
        if (what := self._of_the_chain(seal)) is not None:
            return Broken(seal.number, seal.name, what)
        if seal.kind == Seal.Kind.LET_GO:
            return None
        found = self._of[seal.name].upto(seal)
        expected = bytes(seal.leaves)
        self._found = summed(line for _, line in found)
        if self._found.contents == seal.contents:
            return None
        missing = Counter(_leaves(expected))
        for number, line in found:
            if missing[(sum_ := leaf(line)[:LEAF])] == 0:
                added = len(found) > seal.rows
                what = "a row was put in" if added else "a row is not as it was"
                return Broken(seal.number, seal.name, what, number)
            missing[sum_] -= 1
        gone = missing.total()
        if seal.upto <= self._let_go.get(seal.name, 0):
            self.gone[seal.name] += gone
            return None
        after = _last_before_the_gap(expected, found)
        what = f"{gone} of {seal.rows} rows are missing"
        return Broken(
            seal.number, seal.name, what + (f", the first after row {after}" if after else "")
        )

    def accept(self, seal: Seal) -> None:
        """Go on to the next."""
        self.last, self.seals = seal, self.seals + 1
        if seal.kind == Seal.Kind.ROWS:
            self._upto[seal.name] = seal.upto
            self.rows += self._found.rows if self._found else 0

    def _of_the_chain(self, seal: Seal) -> str | None:
        number = self.last.number + 1 if self.last else 1
        if seal.number != number:
            return f"seal {number} is missing"
        if seal.previous != (self.last.digest if self.last else NOTHING_BEFORE):
            return "it does not follow the seal before it"
        if seal.digest != _said(seal).digest():
            return "it is not as it was made"
        one = BY_NAME.get(seal.name)
        if one is None or not 1 <= seal.form <= one.form:
            return "this release does not know what it seals"
        if seal.kind == Seal.Kind.ROWS and seal.above != self._upto.get(seal.name, 0):
            return "it does not begin where the one before it ended"
        return None


class _Rows:
    """The rows of one table in order, read once."""

    def __init__(self, one: Audited, stack: ExitStack) -> None:
        self._one, self._stack = one, stack
        self._form = 0
        self._rows: Iterator[_Row] = iter(())
        self._next: _Row | None = None

    def upto(self, seal: Seal) -> list[_Row]:
        """The rows in the seal's range."""
        if seal.form != self._form:
            self._open(seal)
        found: list[_Row] = []
        while self._next is not None and self._next[0] <= seal.upto:
            found.append(self._next)
            self._next = next(self._rows, None)
        return found

    def _open(self, seal: Seal) -> None:
        self._form = seal.form
        self._rows = self._read(seal.above)
        self._next = next(self._rows, None)

    def _read(self, above: int) -> Iterator[_Row]:
        cursor = self._stack.enter_context(connection.chunked_cursor())
        query = self._one.lines(self._form)
        cursor.execute(query, {"above": above, "upto": sealed_upto(self._one.name)})
        while rows := cursor.fetchmany(MANY):
            yield from rows


def _said(seal: Seal) -> Said:
    return Said(
        number=seal.number,
        kind=seal.kind,
        name=seal.name,
        form=seal.form,
        above=seal.above,
        upto=seal.upto,
        summed=Summed(seal.rows, bytes(seal.leaves), seal.contents),
        why=seal.why,
        sealed_at=seal.sealed_at,
        previous=seal.previous,
    )


def _leaves(together: bytes) -> list[bytes]:
    return [together[start : start + LEAF] for start in range(0, len(together), LEAF)]


def _last_before_the_gap(expected: bytes, found: Sequence[_Row]) -> int | None:
    """The number of the row before the first missing one; None where the first is missing."""
    last = None
    for wanted, (number, line) in zip(_leaves(expected), found, strict=False):
        if leaf(line)[:LEAF] != wanted:
            break
        last = number
    return last
