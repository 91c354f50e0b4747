"""The dose rows that are kept: whose are up to date, and how they are made again.

Rows of an enrollment count as kept while ``DoseReady`` names the numbers that hold now and no
``DoseChanged`` is there. All else is worked out anew, with the same SQL.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from bonefit.clinics.models import Clinic
from bonefit.clinics.rows import clinics_in_sight
from programs.estimates import MOST_REPS, estimate_one_rm, formula_of
from programs.plans import rules_at

from . import dose_sql as sql

#: Goes up by one with each change of ``dose_sql``: what was kept before counts no more.
EDITION = 1
#: Enrollments whose rows are made in one transaction.
CHUNK = 500
#: A session that ended so long ago is hardly written to any more: rows are made again from there.
SETTLED = timedelta(days=2)
_COLUMNS = ", ".join(sql.COLUMNS)

#: Enrollments with the numbers of their clinic, and whether their rows can be used as they are:
#: ``packed`` also added up by month, for what was not yet over then is not known of later.
READY = """
ready AS MATERIALIZED (
    SELECT e.*, n.key, n.factors, n.from_effort, n.window_days, n.stale_days, n.gap_days,
        NULL::timestamptz AS since_at, NULL::jsonb AS singles,
        r.enrollment_id IS NOT NULL AS kept, coalesce(r.made_at <= %(as_at)s, false) AS packed
    FROM {whom} e
    JOIN numbers n USING (clinic_id)
    LEFT JOIN training_doseready r ON r.enrollment_id = e.enrollment_id AND r.key = n.key
        AND NOT EXISTS (SELECT 1 FROM training_dosechanged g
            WHERE g.enrollment_id = e.enrollment_id)
)
"""
_THESE = """
these AS (
    SELECT e.id AS enrollment_id, e.clinic_id, e.starts_on, n.zone
    FROM programs_enrollment e JOIN numbers n ON n.clinic_id = e.clinic_id
    {where}
)
"""
_WAITING = f"""
WITH {sql.NUMBERS}, {_THESE.format(where="")}, {READY.format(whom="these")}
SELECT enrollment_id FROM ready WHERE NOT kept ORDER BY enrollment_id LIMIT %(most)s
"""


def numbers(clinics: Iterable[Clinic], as_at: datetime) -> str:
    """The numbers of estimates that hold in each clinic, for ``dose_sql.NUMBERS``, as JSON."""
    found = []
    for clinic in clinics:
        rules = rules_at(clinic, as_at).rules
        key = (
            EDITION,
            clinic.timezone,
            formula_of(rules.formula).version,
            rules.estimate_from_effort,
            rules.estimate_window_days,
            rules.estimate_stale_days,
            rules.estimate_gap_days,
        )
        found.append(
            {
                "clinic_id": clinic.pk,
                "key": "|".join(map(str, key)),
                "zone": clinic.timezone,
                "factors": [
                    str(estimate_one_rm(1000, reps, formula=rules.formula) / 1000)
                    for reps in range(1, MOST_REPS + 1)
                ],
                "from_effort": rules.estimate_from_effort,
                "window_days": rules.estimate_window_days,
                "stale_days": rules.estimate_stale_days,
                "gap_days": rules.estimate_gap_days,
            }
        )
    return json.dumps(found)


def waiting(now: datetime, *, most: int | None = None) -> list[int]:
    """Enrollments whose rows are not there or are out of date, at most so many."""
    asked = {"numbers": numbers(clinics_in_sight(), now), "most": most, "as_at": now}
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, asked)
        return [pk for (pk,) in cursor.fetchall()]


def keep(enrollments: Sequence[int], now: datetime) -> int:
    """Make the rows of these enrollments again, from what has changed on; how many it were.

    Nobody is waited for: what somebody else is making just now is left to her.
    """
    told = numbers(clinics_in_sight(), now)
    return sum(
        _keep(enrollments[start : start + CHUNK], now, told)
        for start in range(0, len(enrollments), CHUNK)
    )


def forget() -> None:
    """Throw all rows away; reports work out what they need until they are made again."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("dosemonth", "doserow", "doseready", "dosechanged"):
            cursor.execute(f"DELETE FROM training_{table}")


@transaction.atomic
def _keep(enrollments: Sequence[int], now: datetime, told: str) -> int:
    asked: dict[str, Any] = {
        "ids": list(enrollments),
        "numbers": told,
        "now": now,
        "settled": now - SETTLED,
    }
    with connection.cursor() as cursor:
        # Two that make the same rows would make them twice.
        cursor.execute(
            "SELECT e FROM unnest(%(ids)s::bigint[]) AS e"
            " WHERE pg_try_advisory_xact_lock(hashtextextended('training_doserow', e))",
            asked,
        )
        asked["ids"] = [pk for (pk,) in cursor.fetchall()]
        # One statement sees one moment: what is noted as changed later stays noted.
        cursor.execute(_ROWS, asked)
        asked["from"] = json.dumps(
            [{"enrollment_id": pk, "month": str(month)} for pk, month in cursor.fetchall()]
        )
        cursor.execute(_DROP_MONTHS, asked)
        cursor.execute(_ADD_MONTHS, asked)
    return len(asked["ids"])


#: Where nothing before the anchor has changed, its rows stay. ``singles`` as the next anchor began.
_ROWS = f"""
WITH {sql.NUMBERS}, {_THESE.format(where="WHERE e.id = ANY(%(ids)s)")}
, asked AS MATERIALIZED (
    SELECT t.*, n.key, n.factors, n.from_effort, n.window_days, n.stale_days, n.gap_days,
        r.anchor AS since_at, CASE WHEN r.anchor IS NOT NULL THEN r.singles END AS singles
    FROM these t
    JOIN numbers n USING (clinic_id)
    LEFT JOIN training_doseready r ON r.enrollment_id = t.enrollment_id AND r.key = n.key
        AND r.anchor IS NOT NULL AND NOT EXISTS (SELECT 1 FROM training_dosechanged g
            WHERE g.enrollment_id = t.enrollment_id AND (g.since IS NULL OR g.since <= r.anchor))
), seen AS (
    DELETE FROM training_dosechanged WHERE enrollment_id = ANY(%(ids)s)
), gone AS (
    DELETE FROM training_doserow d USING asked a
    WHERE d.enrollment_id = a.enrollment_id AND (a.since_at IS NULL OR (d.began >= a.since_at
        AND d.month >= (a.since_at - interval '33 days')::date))
)
, {sql.worked_out("worked")}
, anchors AS (
    SELECT enrollment_id, max(began) AS anchor FROM sources
    WHERE came AND asks AND began < %(settled)s GROUP BY 1
), carried AS (
    SELECT enrollment_id, jsonb_object_agg(exercise_id, to_jsonb(single)) AS singles FROM (
        SELECT n.enrollment_id, n.exercise_id, training_carried_single(n.estimate,
            n.day - date '2000-01-01', n.tested, n.window_days, n.gap_days, n.seed
            ORDER BY n.at, n.seed IS NULL, n.tested, n.visit_id) AS single
        FROM events n JOIN anchors a USING (enrollment_id)
        WHERE n.at < a.anchor OR n.seed IS NOT NULL
        GROUP BY 1, 2
    ) one GROUP BY 1
), said AS (
    INSERT INTO training_doseready (clinic_id, enrollment_id, key, made_at, anchor, singles)
    SELECT a.clinic_id, a.enrollment_id, a.key, %(now)s, t.anchor, coalesce(c.singles, '{{}}')
    FROM asked a LEFT JOIN anchors t USING (enrollment_id) LEFT JOIN carried c USING (enrollment_id)
    ON CONFLICT (enrollment_id) DO UPDATE SET key = excluded.key, made_at = excluded.made_at,
        anchor = excluded.anchor, singles = excluded.singles
), made AS (
    INSERT INTO training_doserow ({_COLUMNS}, loose)
    SELECT {_COLUMNS}, counts_from >= %(now)s FROM worked ORDER BY enrollment_id, began
)
SELECT enrollment_id,
    coalesce(date_trunc('month', since_at AT TIME ZONE zone)::date, date '0001-01-01')
FROM asked
"""
_OF = """
jsonb_to_recordset(%(from)s::jsonb) AS f(enrollment_id bigint, month date)
"""
_DROP_MONTHS = f"""
DELETE FROM training_dosemonth m USING {_OF}
WHERE m.enrollment_id = f.enrollment_id AND m.month >= f.month
"""
_SUMMED = ", ".join(sql.SUMS)
#: In the order in which a report reads them: those of one person lie together, in a page or two.
_ADD_MONTHS = f"""
INSERT INTO training_dosemonth (clinic_id, enrollment_id, program_id, month, phase, lift, level,
    {_SUMMED})
SELECT d.clinic_id, d.enrollment_id, d.program_id, d.month, d.phase, d.lift, d.level,
    {", ".join(sql.SUMS.values())}
FROM {_OF} JOIN training_doserow d ON d.enrollment_id = f.enrollment_id AND d.month >= f.month
WHERE NOT d.loose
GROUP BY d.clinic_id, d.enrollment_id, d.program_id, d.month, d.phase, d.lift, d.level
ORDER BY d.enrollment_id, d.month
"""
