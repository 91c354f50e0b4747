"""What changed, once more and in plain Python: from the definitions' sentences, row by row."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from statistics import mean, median, stdev
from typing import Any
from zoneinfo import ZoneInfo

from bonefit.clients.models import Measurement
from programs.estimates import estimate_one_rm
from programs.plans import rules_at
from sessions.models import SetEntry

#: Student's t at 95 %, by degrees of freedom, from a printed table.
T = {
    4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228, 11: 2.201, 12: 2.179,
}  # fmt: skip


def lifts(clinic: Any, first: date, last: date, as_at: datetime) -> dict[str, dict[str, Any]]:
    """First to last estimate of the exercise of the last one, of each client."""
    zone = ZoneInfo(clinic.timezone)
    rules = rules_at(clinic, as_at).rules
    found: dict[tuple[int, str], list[tuple[datetime, date, int, Decimal]]] = defaultdict(list)
    lifted = set()
    rows = SetEntry.objects.filter(
        clinic=clinic,
        voided=False,
        kind="working",
        visit__status__in=("attended", "attended_partial"),
    ).select_related("visit__slot")
    best: dict[tuple[int, str, int, datetime], Decimal] = {}
    for row in rows:
        began = row.visit.slot.starts_at
        day = began.astimezone(zone).date()
        if not first <= day <= last or began >= as_at:
            continue
        lifted.add((row.visit.client_id, row.lift))
        if (
            row.rpe is None
            or row.rpe < rules.estimate_from_effort
            or row.to_confirm
            or row.clean is False
            or not row.load
            or row.reps is None
            or not 1 <= row.reps <= 10
        ):
            continue
        kg = estimate_one_rm(row.load, row.reps, formula=rules.formula)
        key = (row.visit.client_id, row.lift, row.exercise_id, began)
        best[key] = max(kg, best.get(key, kg))
    for (client, lift, exercise, began), kg in best.items():
        found[client, lift].append((began, began.astimezone(zone).date(), exercise, kg))
    table: dict[str, dict[str, Any]] = defaultdict(lambda: {"once": 0, "changes": []})
    for client, lift in lifted:
        told = table[lift]
        mine = sorted(found[client, lift])
        if not mine:
            continue
        newest = max(began for began, *_ in mine)
        exercise = min(one[2] for one in mine if one[0] == newest)
        same = [one for one in mine if one[2] == exercise]
        if same[-1][1] > same[0][1]:
            told["changes"].append((Fraction(same[0][3]), Fraction(same[-1][3])))
        else:
            told["once"] += 1
    return table


def measures(first: date, last: date, today: date, lsc: Any) -> dict[tuple[str, str], Any]:
    """Of each measure and side: changes, and how many are beyond the error that is known."""
    table: dict[tuple[str, str], Any] = {}
    rows = Measurement.objects.filter(
        taken_on__gte=first, taken_on__lte=min(last, today), replaced_by=None
    ).order_by("taken_on", "pk")
    grouped: dict[tuple[str, str], dict[int, list[Measurement]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in rows:
        grouped[row.measure, row.side][row.client_id].append(row)
    for key, people in grouped.items():
        told = table[key] = {"changes": [], "once": 0, "incomparable": 0, "up": 0, "down": 0}
        for mine in people.values():
            done = [row for row in mine if row.amount is not None]
            if not done:
                continue
            before, after = done[0], done[-1]
            if after.taken_on == before.taken_on:
                told["once"] += 1
                continue
            same = all(
                getattr(before, name) == getattr(after, name) for name in ("device_id", "region")
            )
            if key[0].endswith("_bmd") and not same:
                told["incomparable"] += 1
                continue
            told["changes"].append(
                (Fraction(before.amount, 10_000), Fraction(after.amount, 10_000))
            )
            difference = Fraction(after.amount - before.amount, 10_000)
            bound = lsc(key[0])
            if bound is not None and abs(difference) >= Fraction(bound):
                told["up" if difference > 0 else "down"] += 1
    return table


def summary(changes: list[tuple[Fraction, Fraction]]) -> dict[str, Any]:
    """n, mean, median and interval of some changes, in the unit and in per cent."""
    told: dict[str, Any] = {"both": len(changes)}
    kinds = {
        "": [after - before for before, after in changes],
        "percent_": [(after - before) * 100 / before for before, after in changes],
    }
    for kind, values in kinds.items():
        if not values:
            continue
        told[f"{kind}mean"], told[f"{kind}median"] = mean(values), median(values)
        if len(values) >= 5:
            spread = stdev(map(float, values)) / len(values) ** 0.5
            half = T[len(values) - 1] * spread
            told[f"{kind}low"] = float(mean(values)) - half
            told[f"{kind}high"] = float(mean(values)) + half
    return told
