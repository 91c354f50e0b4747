"""Proportions, printed the same way everywhere. Standard library only."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import sqrt

#: The two-sided 95 % point of the normal distribution.
Z_95 = 1.959963984540054


def percent(hits: int, total: int, places: int = 1) -> str:
    """``hits`` of ``total`` in per cent, rounded half up; "" when there is nothing to divide by.

    Exact: whole numbers go in, so that 31 of 35 is 88.57 on every machine.
    """
    if total < 0 or hits < 0 or places < 0:
        raise ValueError("Counts and places are zero or more.")
    if total == 0:
        return ""
    step = Decimal(1).scaleb(-places)
    return str((Decimal(100 * hits) / total).quantize(step, rounding=ROUND_HALF_UP))


def wilson(hits: int, total: int, z: float = Z_95) -> tuple[float, float] | None:
    """Wilson's score interval of a proportion, both ends 0 to 1; None when nothing was counted.

    Wilson 1927; protocol sheet 5.8 asks for it at 95 %. 31 of 40 gives 0.625 to 0.877.
    """
    if not 0 <= hits <= total:
        raise ValueError("A share has between none and all of its total.")
    if total == 0:
        return None
    share = hits / total
    scale = 1 + z * z / total
    centre = (share + z * z / (2 * total)) / scale
    half = z / scale * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    # The ends are exactly 0 and 1 where nobody or everybody came; floats only come near.
    low = 0.0 if hits == 0 else centre - half
    high = 1.0 if hits == total else centre + half
    return low, high
