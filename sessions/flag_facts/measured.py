"""What was measured: days of scans and tests, heights, bone density. One query each for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from bonefit.clients.measured import lsc_of
from bonefit.clients.measures import MEASURES, PARTS
from bonefit.clients.outcomes import Scan
from sessions.flags.measured import BoneFacts, ChecksFacts, HeightFacts, ScanSeries
from sessions.measured_days import SCANS

from .reading import rows_of
from .scope import Scope

#: Whoever is due within the next week is asked about, and then told when to be asked again.
AHEAD = timedelta(days=8)
#: More than the days by which whole months of a calendar may differ.
SLACK = timedelta(days=4)

#: Of a measurement ``m``: it has a value, no correction has replaced it, and it is not ahead.
STANDS = """m.amount IS NOT NULL AND m.taken_on <= %(today)s
    AND NOT EXISTS (SELECT FROM clients_measurement r WHERE r.replaces_id = m.id)"""

CHECKS = f"""
SELECT id, starts_on, scans, tests FROM (
    SELECT e.id, e.starts_on, s.days AS scans, s.last AS scan, t.days AS tests, t.last AS test
    FROM programs_enrollment e
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT m.taken_on) AS days, max(m.taken_on) AS last
        FROM clients_measurement m
        WHERE m.client_id = e.client_id AND m.measure = ANY(%(scans)s) AND {STANDS}
    ) s
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT b.taken_on) AS days, max(b.taken_on) AS last
        FROM clients_battery b
        WHERE b.client_id = e.client_id AND b.taken_on <= %(today)s AND EXISTS (
            SELECT FROM clients_measurement m
            WHERE m.battery_id = b.id AND m.measure <> ALL(%(scans)s) AND {STANDS})
    ) t
    WHERE e.id = ANY(%(ids)s)
) known
"""

#: The day from which a scan, and a round of tests, is due: of the rounds the last one that begins
#: until then, see ``programs.checks_due``.
CONCERNED = """
CROSS JOIN LATERAL (
    SELECT (extract(year FROM gone) * 12 + extract(month FROM gone))::int / %(every)s AS number
    FROM age(%(horizon_late)s::date, starts_on) gone
) round
WHERE CASE
    WHEN scan IS NULL OR scan < starts_on - make_interval(months => %(baseline)s)
        THEN starts_on + %(first)s <= %(horizon)s
    ELSE greatest(scan, starts_on) + make_interval(months => %(again)s) <= %(horizon)s
END OR CASE
    WHEN test IS NULL OR test < starts_on - make_interval(months => %(every)s)
        THEN starts_on + %(first)s <= %(horizon)s
    ELSE number > 0 AND test < starts_on + make_interval(months => number * %(every)s)
        - make_interval(days => %(early)s)
END
"""


def checks(scope: Scope) -> Mapping[int, ChecksFacts]:
    """Whose scan or tests are due within a week, or were; with a past everybody."""
    rules, today = scope.asked.rules, scope.asked.today
    params = {
        "ids": list(scope.enrollments),
        "scans": SCANS,
        "today": today,
        "horizon": today + AHEAD,
        "horizon_late": today + AHEAD + SLACK,
        "baseline": rules.scan_baseline_months,
        "first": rules.baseline_by_weeks * 7 - 1,
        "again": min(rules.scan_after_months, rules.scan_overdue_months),
        "every": rules.test_every_months,
        "early": min(28, 15 * rules.test_every_months),
    }
    found = rows_of(CHECKS if scope.back else CHECKS + CONCERNED, params)
    return {
        pk: ChecksFacts(start, tuple(scans or ()), tuple(tests or ()))
        for pk, start, scans, tests in found
    }


HEIGHTS = f"""
SELECT id, days, amounts, said_at, lost FROM (
    SELECT e.id, h.days, h.amounts, coalesce(h.peak - h.last, 0) AS less, s.said_at,
        CASE WHEN s.typed ~ '^[0-9]+([.][0-9]+)?$' THEN s.typed::numeric END AS lost
    FROM programs_enrollment e
    CROSS JOIN LATERAL (
        SELECT array_agg(m.taken_on ORDER BY m.taken_on, m.id) AS days,
            array_agg(m.amount ORDER BY m.taken_on, m.id) AS amounts, max(m.amount) AS peak,
            (array_agg(m.amount ORDER BY m.taken_on DESC, m.id DESC))[1] AS last
        FROM clients_measurement m
        WHERE m.client_id = e.client_id AND m.measure = 'height' AND {STANDS}
    ) h
    LEFT JOIN LATERAL (
        SELECT s.confirmed_at AS said_at,
            replace(trim(s.answers->>'height_lost'), ',', '.') AS typed
        FROM clients_screening s
        WHERE s.client_id = e.client_id AND s.status = 'confirmed'
        ORDER BY s.id DESC LIMIT 1
    ) s ON NOT EXISTS (
        SELECT FROM (
            SELECT c.covers FROM clients_clearance c
            WHERE c.client_id = e.client_id ORDER BY c.id DESC LIMIT 1
        ) c WHERE c.covers @> %(covered)s::jsonb
    )
    WHERE e.id = ANY(%(ids)s)
) known
WHERE %(all)s OR less >= %(limit)s OR lost + less::numeric / {PARTS} >= %(recalled)s
"""

#: The rule of the screening about lost height: where a letter answers for it, a doctor has looked.
COVERED = '["E14"]'


def heights(scope: Scope) -> Mapping[int, HeightFacts]:
    """Who has lost height; with a past everybody who was measured or has said so."""
    rules, tz = scope.asked.rules, scope.clinic.tz
    params = {
        "ids": list(scope.enrollments),
        "today": scope.asked.today,
        "all": bool(scope.back),
        "limit": rules.height_loss_cm * PARTS,
        "recalled": rules.height_loss_recalled_cm,
        "covered": COVERED,
    }
    found = {}
    for pk, days, amounts, said_at, lost in rows_of(HEIGHTS, params):
        recalled = None if lost is None else (said_at.astimezone(tz).date(), Decimal(lost))
        measured = tuple(zip(days or (), amounts or (), strict=True))
        if measured or recalled:
            found[pk] = HeightFacts(measured, recalled)
    return found


BONE = f"""
SELECT id, measure, side, region, device_id, taken_on, amount FROM (
    SELECT e.id, m.measure, m.side, m.region, m.device_id, m.taken_on, m.amount, m.id AS row,
        max(m.amount) OVER (PARTITION BY e.id, m.measure, m.side) AS peak,
        first_value(m.amount) OVER (
            PARTITION BY e.id, m.measure, m.side ORDER BY m.taken_on DESC, m.id DESC
        ) AS last
    FROM programs_enrollment e
    JOIN clients_measurement m ON m.client_id = e.client_id AND m.measure = ANY(%(scans)s)
    WHERE e.id = ANY(%(ids)s) AND {STANDS}
) known
WHERE %(all)s OR last < peak
ORDER BY id, measure, side, taken_on, row
"""


def bone(scope: Scope) -> Mapping[int, BoneFacts]:
    """Who had more bone at a site than at the last scan; nobody where no LSC is known."""
    lscs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for (device, site), lsc in lsc_of(scope.clinic).items():
        lscs[site].append((device, lsc))
    if not lscs:
        return {}
    params = {
        "ids": list(scope.enrollments),
        "scans": SCANS,
        "today": scope.asked.today,
        "all": bool(scope.back),
    }
    taken: dict[int, dict[tuple[str, str], list[tuple[date, Scan]]]] = defaultdict(dict)
    for pk, slug, side, region, device, on, amount in rows_of(BONE, params):
        scan = Scan(amount, MEASURES[slug].site, side, region, device)
        taken[pk].setdefault((slug, side), []).append((on, scan))
    return {
        pk: BoneFacts(
            tuple(
                ScanSeries(
                    f"{slug}-{side}" if side else slug,
                    f"{MEASURES[slug].label}, {side}" if side else MEASURES[slug].label,
                    tuple(scans),
                    tuple(lscs[MEASURES[slug].site]),
                )
                for (slug, side), scans in mine.items()
            )
        )
        for pk, mine in taken.items()
    }
