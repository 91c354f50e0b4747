"""What a therapist should do after a measurement, in sentences. No flag and no lock."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from .measured import Series
from .measures import PARTS
from .outcomes import Label


def prompts(series: Iterable[Series], *, height_loss_cm: Decimal) -> list[str]:
    """Sentences for the therapist: bone lost beyond the LSC, height lost (protocol sheet 6.2).

    ``height_loss_cm``: the clinic's threshold between two visits, in cm.
    """
    said = []
    for one in series:
        if one.measure.kind == "scan" and one.points:
            change = one.points[-1].from_first
            last = one.points[-1].from_last
            if Label.DOWN in {change.label if change else None, last.label if last else None}:
                said.append(
                    f"{one.label}: a decrease beyond LSC. Tell the doctor who referred her."
                )
        if one.measure.slug == "height":
            said += _height(one, height_loss_cm)
    return said


def _height(series: Series, threshold: Decimal) -> list[str]:
    amounts = [point.row.amount for point in series.points if point.row.amount is not None]
    if not amounts:
        return []
    lost = max(amounts) - amounts[-1]
    if lost < threshold * PARTS:
        return []
    return [
        f"{Decimal(lost) / PARTS:.1f} cm of height lost since it was first measured here: "
        "ask for an image of the spine."
    ]
