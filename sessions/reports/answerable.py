"""Which of the questions that are kept have an answer for a reader: what is hers to ask about."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.http import QueryDict

from sessions.models import SavedAcross, SavedReport

from .asking import AskingForm
from .offers import Offers
from .readers import Reader
from .registry import KINDS, kinds_for

Saved = SavedReport | SavedAcross
NOT_FOR_YOU = "It asks about clients or a program that you may not see here."


def without_answer(reader: Reader, saved: Iterable[Saved], now: datetime) -> frozenset[int]:
    """Ids of the questions that this reader would be refused; two queries, however many there are.

    A colleague who sees her own clients alone may find a question about another therapist, and one
    that was kept long ago may name somebody who is not there any more.
    """
    every = list(saved)
    kinds = {kind.slug: kind for kind in kinds_for(reader)}
    usual = reader.form({}, KINDS[0], now)
    clients = _clients(usual.offers, every)
    refused = set()
    for one in every:
        kind, data = kinds.get(one.report), QueryDict(one.query, mutable=True)
        client = str(data.pop("enrollment", [""])[-1])
        if kind is None or (client and client not in clients):
            refused.add(one.pk)
            continue
        asked = AskingForm(data, offers=usual.offers, kind=kind, today=usual.today)
        if not asked.is_valid():
            refused.add(one.pk)
    return frozenset(refused)


def _clients(offers: Offers, saved: Iterable[Saved]) -> Collection[str]:
    """Those of the enrollments that are asked about whose clients the reader may see."""
    asked = {QueryDict(one.query).get("enrollment", "") for one in saved}
    return offers.clients({one for one in asked if one})
