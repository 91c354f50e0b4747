"""The rows of delivered sessions that are kept: whose are out of date, and how they are made again.

A class is made again as a whole when something of it has changed, a clinic when the numbers that
its rows rest on have. All else is worked out for the report, with the same SQL.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from . import delivered_sql as sql
from .in_force import rules

#: Classes that are made in one go.
CHUNK = 1_000
_COLUMNS = ", ".join(sql.COLUMNS)
_OF_LIFTS = ", ".join(sql.OF_LIFTS)

_CLINICS = f"""
clinics AS (
    SELECT c.id AS clinic_id, c.timezone AS zone FROM clinics_clinic c
    WHERE c.id = ANY ((SELECT seen_clinics())::bigint[])
        AND (%(clinic)s::bigint IS NULL OR c.id = %(clinic)s)
), {rules(*sql.RULES)}, {sql.FORMULAS_OF}, numbers AS MATERIALIZED (
    SELECT k.clinic_id, k.zone, {sql.KEY} AS key FROM clinics k JOIN rules USING (clinic_id)
)"""
_READY = """ready AS MATERIALIZED (
    SELECT n.clinic_id, n.zone FROM numbers n
    JOIN training_deliveryready r ON r.clinic_id = n.clinic_id AND r.key = n.key
)"""
_WAITING = f"""
WITH {_CLINICS}, {_READY}
SELECT clinic_id FROM numbers WHERE clinic_id NOT IN (SELECT clinic_id FROM ready)
ORDER BY clinic_id
"""
_CHANGED = f"""
WITH {_CLINICS}, {_READY}
SELECT DISTINCT g.clinic_id, g.slot_id FROM training_deliverychanged g JOIN ready USING (clinic_id)
ORDER BY 1, 2 LIMIT %(most)s
"""
_MADE = f"""
, {sql.WORKED}, {sql.LIFTS}, made AS (
    INSERT INTO training_deliveredsession ({_COLUMNS})
    SELECT {_COLUMNS} FROM worked ORDER BY enrollment_id, began
), made_lifts AS (
    INSERT INTO training_deliveredlift ({_OF_LIFTS})
    SELECT {_OF_LIFTS} FROM lifts ORDER BY enrollment_id, lift, exercise_id, began
)"""
#: One statement sees one moment: what is noted as changed later stays noted.
_CLINIC = f"""
WITH {_CLINICS}, hers AS MATERIALIZED (
    SELECT e.id AS enrollment_id FROM programs_enrollment e WHERE e.clinic_id = %(clinic)s
), seen AS (
    DELETE FROM training_deliverychanged WHERE clinic_id = %(clinic)s
), gone AS (
    DELETE FROM training_deliveredsession WHERE enrollment_id IN (SELECT enrollment_id FROM hers)
), gone_lifts AS (
    DELETE FROM training_deliveredlift WHERE enrollment_id IN (SELECT enrollment_id FROM hers)
), came AS MATERIALIZED (
    SELECT {sql.CAME.format(zone="n.zone")}
    FROM numbers n JOIN training_visit v ON v.clinic_id = n.clinic_id AND {sql.ATTENDED}
){_MADE}
INSERT INTO training_deliveryready (clinic_id, key, made_at)
SELECT clinic_id, key, %(as_at)s FROM numbers
ON CONFLICT (clinic_id) DO UPDATE SET key = excluded.key, made_at = excluded.made_at
"""
#: Of a clinic whose rows rest on other numbers nothing is made, and nothing is forgotten.
_CLASSES = f"""
WITH {_CLINICS}, {_READY}, these AS MATERIALIZED (
    SELECT DISTINCT g.slot_id, ready.zone
    FROM training_deliverychanged g JOIN ready USING (clinic_id) WHERE g.slot_id = ANY(%(slots)s)
), seen AS (
    DELETE FROM training_deliverychanged WHERE slot_id IN (SELECT slot_id FROM these)
), gone AS (
    DELETE FROM training_deliveredsession WHERE slot_id IN (SELECT slot_id FROM these)
), gone_lifts AS (
    DELETE FROM training_deliveredlift WHERE slot_id IN (SELECT slot_id FROM these)
), came AS MATERIALIZED (
    SELECT {sql.CAME.format(zone="these.zone")}
    FROM these JOIN training_visit v ON v.slot_id = these.slot_id AND {sql.ATTENDED}
){_MADE}
SELECT count(*) FROM these
"""


def waiting(now: datetime) -> list[int]:
    """Clinics whose rows are not there, or rest on numbers that hold no more."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"clinic": None, "as_at": now})
        return [pk for (pk,) in cursor.fetchall()]


def changed(now: datetime, *, most: int | None = None) -> Mapping[int, Sequence[int]]:
    """Classes of the other clinics of which something has changed, at most so many, by clinic."""
    found: dict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"clinic": None, "as_at": now, "most": most})
        for clinic, slot in cursor.fetchall():
            found[clinic].append(slot)
    return found


def keep(now: datetime, *, seconds: float | None = None) -> int:
    """Make what is out of date again, for about so many seconds; how many clinics and classes.

    Nobody is waited for: what somebody else is making just now is left to her.
    """
    began, done = time.monotonic(), 0

    def over() -> bool:
        return seconds is not None and time.monotonic() - began >= seconds

    for clinic in waiting(now):
        if over():
            return done
        done += _make(_CLINIC, now, clinic)
    while not over():
        made = 0
        for clinic, slots in changed(now, most=CHUNK).items():
            made += len(slots) * _make(_CLASSES, now, clinic, slots)
        if not made:
            break
        done += made
    return done


def forget() -> None:
    """Throw all rows away; reports work out what they need until they are made again."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("deliveredsession", "deliveredlift", "deliveryready", "deliverychanged"):
            cursor.execute(f"DELETE FROM training_{table}")


@transaction.atomic
def _make(query: str, now: datetime, clinic: int, slots: Sequence[int] = ()) -> bool:
    """Whether the rows were made; not where another worker makes some of the clinic's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('training_deliveredsession', %s))",
            [clinic],
        )
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(query, {"clinic": clinic, "slots": list(slots), "as_at": now})
    return True
