"""The sums of the chain: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

#: What the first seal says of the one before it.
NOTHING_BEFORE = "0" * 64
#: Bytes of a row's sum that a seal keeps, to tell which row it is.
LEAF = 8


@dataclass(frozen=True, slots=True)
class Summed:
    """What a range of rows comes to: how many, the first bytes of each sum, and the sum of all."""

    rows: int
    leaves: bytes
    contents: str


def leaf(line: str) -> bytes:
    """The whole sum of one row, 32 bytes."""
    return sha256(line.encode()).digest()


def summed(lines: Iterable[str]) -> Summed:
    """The sums over rows in their order."""
    together, leaves, rows = sha256(), bytearray(), 0
    for line in lines:
        row = leaf(line)
        together.update(row)
        leaves += row[:LEAF]
        rows += 1
    return Summed(rows, bytes(leaves), together.hexdigest())


@dataclass(frozen=True, slots=True)
class Said:
    """All that a seal says, beside its own sum."""

    number: int
    kind: str
    name: str
    form: int
    above: int
    upto: int
    summed: Summed
    why: str
    sealed_at: datetime
    previous: str

    def digest(self) -> str:
        """The seal's own sum, over each thing that it says. ``why`` comes last: it may hold any
        sign."""
        words = (
            *(self.number, self.kind, self.name, self.form, self.above, self.upto),
            *(self.summed.rows, self.summed.contents, sha256(self.summed.leaves).hexdigest()),
            *(self.sealed_at.astimezone(UTC).isoformat(), self.previous, self.why),
        )
        return sha256("\n".join(map(str, words)).encode()).hexdigest()
