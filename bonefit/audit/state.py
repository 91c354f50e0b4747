"""What the operator's page and ``/metrics`` say of the seals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bonefit.clinics.models import Seal

from .tables import AUDITED
from .verifying import tail

#: A row is sealed by the second run after it was written, a minute or two later.
TOO_OLD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SealState:
    """``waiting``: rows that are not sealed yet, ``since``: the oldest of them."""

    last: Seal | None
    waiting: int
    since: datetime | None
    late: bool


def seal_state(now: datetime) -> SealState:
    """In one query, and two for each audited table."""
    tails = [tail(one) for one in AUDITED]
    since = min((one.since for one in tails if one.since is not None), default=None)
    late = since is not None and now - since > TOO_OLD
    last = Seal.objects.order_by("-number").defer("leaves").first()
    return SealState(last, sum(one.rows for one in tails), since, late)
