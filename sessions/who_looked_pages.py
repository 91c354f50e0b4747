"""What the pages say of who has looked at one client's record: three months at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bonefit.clients.models import Client
from bonefit.clinics.models import Membership
from programs.plans import rules_at
from sessions.who_looked import DAYS_TOLD, told

#: So far back a page can be asked for: a hundred years.
FURTHEST = 400


def context_of(
    member: Membership, client: Client, *, asked: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """The lines of a quarter of a year; ``?back=1`` is the one before the newest, and so on."""
    text = asked.get("back", "")
    back = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    back = min(back, FURTHEST)
    last = now.astimezone(member.clinic.tz).date() - timedelta(days=back * DAYS_TOLD)
    first = last - timedelta(days=DAYS_TOLD - 1)
    lines, earlier = told(member, client, first=first, last=last)
    return {
        "lines": lines,
        "first": first,
        "last": last,
        "earlier": f"?back={back + 1}" if earlier and back < FURTHEST else "",
        "later": f"?back={back - 1}" if back else "",
        "years": rules_at(member.clinic, now).rules.looks_kept_years,
    }
