"""Who came and who did not: one query for all that are asked about, and one for silent visits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from programs.calendar import wall_time
from programs.rules import Rules
from sessions.flags.coming import AHEAD, NEWS, Attendance
from sessions.flags.history import Detail, History, Silent

from .scope import Scope

#: What a visit became, a letter each (``LETTERS`` of the rules). Upper case: not regular.
_LETTER = """
CASE
    WHEN v.status IN ('attended', 'attended_partial')
        THEN CASE v.purpose WHEN 'regular' THEN 'a' ELSE 'A' END
    ELSE translate(
        CASE v.status
            WHEN 'planned' THEN 'p' WHEN 'no_show' THEN 'n' WHEN 'late_cancel' THEN 'l'
            WHEN 'cancelled_client' THEN 'c' WHEN 'unrecorded' THEN 'u' WHEN 'checked_in' THEN 'p'
            ELSE 'x' END,
        CASE v.purpose WHEN 'regular' THEN '' ELSE 'pnlcux' END, 'PNLCUX')
END
"""

#: All visits of an enrollment as arrays side by side and in sums, by ``visit_for_reviews`` alone.
SUMS = f"""
SELECT
    max(w.at) FILTER (WHERE w.letter IN ('a', 'A') AND w.at < %(tomorrow)s) AS came,
    min(w.at) FILTER (WHERE w.letter IN ('p', 'P') AND w.at >= %(tomorrow)s) AS booked,
    max(w.at) FILTER (WHERE w.letter = 'n') AS no_show,
    count(*) FILTER (WHERE w.letter = 'n' AND w.at >= %(no_shows)s) AS no_shows,
    count(*) FILTER (WHERE w.at >= %(window)s AND w.at < %(horizon)s
        AND w.letter IN ('n', 'l', 'c')) AS missed,
    count(*) FILTER (WHERE w.at >= %(window)s AND w.letter = 'a') AS here,
    count(*) FILTER (WHERE w.at >= %(window_ahead)s AND w.letter = 'a') AS here_ahead,
    count(*) FILTER (WHERE w.at >= %(news)s AND w.letter = 'a') AS lately,
    string_agg(w.letter, '') AS letters,
    string_agg(w.letter, '') FILTER (WHERE w.at < %(tomorrow)s) AS past,
    string_agg(w.letter, '') FILTER (WHERE w.at < %(horizon)s) AS soon,
    array_agg(w.id) AS keys,
    array_agg(date_part('epoch', w.at)::bigint) AS starts
FROM (
    SELECT v.id, lower(v.during) AS at, {_LETTER} AS letter
    FROM training_visit v WHERE v.enrollment_id = e.id ORDER BY v.during
) w
"""

#: Whom a rule may concern now or, by time alone, within the next week: each line is one of them.
CONCERNED = """
(
    sums.past ~ '[uU]'
    OR sums.no_shows >= %(no_show_again)s
    OR (sums.no_shows > 0 AND coalesce(sums.no_show > sums.came, true))
    OR length(translate(substring(sums.soon FROM '[^aA]*$'), 'upxUPXNLC', ''))
        >= %(interrupted_after)s
    OR (sums.missed > 0 AND sums.here + sums.missed >= %(due)s
        AND 100 * sums.here_ahead < %(low)s * (sums.here_ahead + sums.missed))
    OR (sums.booked IS NULL
        AND coalesce((sums.came AT TIME ZONE %(tz)s)::date, e.starts_on)
            < %(last_day)s - %(lapsed)s)
    OR coalesce((sums.came AT TIME ZONE %(tz)s)::date, e.starts_on) < %(away)s
    OR (coalesce((sums.came AT TIME ZONE %(tz)s)::date, e.starts_on) < %(away_soon)s
        AND coalesce((sums.booked AT TIME ZONE %(tz)s)::date
            - coalesce((sums.came AT TIME ZONE %(tz)s)::date, e.starts_on) > %(gap)s, true))
    OR CASE WHEN sums.lately > 0 AND length(sums.past) >= %(run)s THEN (
        SELECT g.now >= %(run)s AND g.now > g.best
            AND g.now - greatest(%(run)s, g.best + 1) < sums.lately
        FROM (
            SELECT length(substring(runs.said FROM 'a*$')) AS now, (
                SELECT coalesce(max(length(part)), 0)
                FROM string_to_array(substring(runs.said FROM '^(.*[mu])a*$'), 'm') AS parts,
                    unnest(parts) AS part
            ) AS best
            FROM (SELECT translate(
                rtrim(translate(sums.past, 'nlcupxAPNLCUX', 'mmmuu'), 'u'), 'u', 'm') AS said
            ) runs
        ) g
    ) ELSE false END
)
"""

#: Of her own misses and of what was to come from ``since`` on: made up when, booked and freed when.
DETAILS = """
SELECT
    array_agg(v.id) AS detailed,
    array_agg(CASE WHEN v.status IN ('no_show', 'late_cancel', 'cancelled_client') THEN (
        SELECT date_part('epoch', min(lower(m.during)))::bigint FROM training_visit m
        WHERE m.makes_up_id = v.id AND m.status IN ('attended', 'attended_partial')
    ) END) AS repaid,
    array_agg(date_part('epoch', v.created_at)::bigint) AS booked_at,
    array_agg(CASE WHEN v.status IN ('late_cancel', 'cancelled_client', 'excused',
        'clinic_cancelled', 'holiday_closed', 'released')
        THEN coalesce(date_part('epoch', v.said_at)::bigint, 0) END) AS freed_at,
    array_agg(v.status IN ('late_cancel', 'cancelled_client') AND (
        SELECT s.called_off_at IS NOT NULL FROM training_slot s WHERE s.id = v.slot_id
    )) AS called_off
FROM training_visit v
WHERE v.enrollment_id = e.id AND (
    v.status IN ('no_show', 'late_cancel', 'cancelled_client') OR lower(v.during) >= %(since)s
)
"""

_PAUSES = """
SELECT array_agg(p.starts_on) AS starts,
    array_agg(least(p.ends_on, p.resumed_on - 1)) AS ends
FROM training_pause p WHERE p.enrollment_id = e.id
"""

_ROWS = """
SELECT e.id, e.starts_on, e.ended_on, sums.keys, sums.starts, sums.letters, details.*, pauses.*
FROM programs_enrollment e
JOIN LATERAL ({sums}) sums ON {concerned}
CROSS JOIN LATERAL ({details}) details
CROSS JOIN LATERAL ({pauses}) pauses
WHERE e.id = ANY(%(ids)s)
"""

#: The bare SQL: everybody of a scope.
ALL = _ROWS.format(sums=SUMS, concerned="true", details=DETAILS, pauses=_PAUSES)
#: The bare SQL of a review: only those whom a rule may concern within a week.
NARROWED = _ROWS.format(sums=SUMS, concerned=CONCERNED, details=DETAILS, pauses=_PAUSES)

SILENT = """
SELECT v.enrollment_id, v.id, v.uid::text, extract(epoch FROM lower(v.during))::bigint, s.room,
    u.name, v.answers IS NOT NULL, v.missed_after
FROM training_visit v
JOIN training_slot s ON s.id = v.slot_id
JOIN programs_enrollment e ON e.id = v.enrollment_id
JOIN clinics_membership m ON m.id = e.therapist_id
JOIN clinics_user u ON u.id = m.user_id
WHERE v.id = ANY(%(ids)s)
ORDER BY v.id
"""


def fetch(scope: Scope) -> Mapping[int, Attendance]:
    """The sessions of each enrollment; one query for all of them, one more for silent visits.

    Where only the moment counts, whoever no rule can concern within a week is left out.
    """
    rows = _rows(NARROWED if scope.back == 0 else ALL, parameters(scope))
    tz = scope.clinic.tz
    silent = _silent([pk for row in rows for pk in _unrecorded(row[3], row[5])], tz)
    return {
        pk: Attendance.of(
            History(
                keys or (),
                starts or (),
                letters or "",
                tz=tz,
                details=_details(*details),
                pauses=zip(first or (), last or (), strict=True),
                silent=silent.get(pk, ()),
                ended_on=ended_on,
            ),
            starts_on,
            scope.asked,
        )
        for pk, starts_on, ended_on, keys, starts, letters, *details, first, last in rows
    }


def _unrecorded(keys: Sequence[int] | None, letters: str | None) -> Iterator[int]:
    if keys and letters and ("u" in letters or "U" in letters):
        yield from (key for key, one in zip(keys, letters, strict=True) if one in "uU")


def _details(keys: Sequence[int] | None, *columns: Sequence[Any] | None) -> dict[int, Detail]:
    if not keys:
        return {}
    known = zip(keys, *(column or () for column in columns), strict=True)
    return {
        # Freed without a word: nobody ever sat there.
        key: Detail(repaid, None if freed_at == 0 else booked_at, freed_at, called_off)
        for key, repaid, booked_at, freed_at, called_off in known
    }


def history_key(rules: Rules) -> object:
    """What a history depends on: none of the clinic's numbers."""
    return None


def parameters(scope: Scope) -> dict[str, Any]:
    """What the SQL of this room is asked with; moments are the beginnings of the clinic's days."""
    rules, today, tz = scope.asked.rules, scope.asked.today, scope.clinic.tz
    window, last_day = timedelta(weeks=rules.attendance_weeks), today + AHEAD

    def begins(day: date) -> datetime:
        return wall_time(day, time.min, tz)

    tomorrow = today + timedelta(days=1)
    return {
        "ids": list(scope.enrollments),
        "tz": tz.key,
        "tomorrow": begins(tomorrow),
        "horizon": begins(last_day + timedelta(days=1)),
        "last_day": last_day + timedelta(days=1),
        "no_shows": begins(tomorrow - 2 * timedelta(days=rules.no_show_days)),
        "no_show_again": rules.no_show_again,
        "interrupted_after": rules.interrupted_after,
        "window": begins(tomorrow - window),
        "window_ahead": begins(tomorrow - window + AHEAD),
        "due": rules.attendance_due,
        "low": rules.attendance_low_percent,
        "lapsed": rules.lapsed_days,
        "gap": rules.gap_short_days,
        "away": today - timedelta(days=rules.gap_short_days),
        "away_soon": last_day - timedelta(days=rules.gap_short_days),
        "run": rules.attendance_run,
        "since": begins(today - timedelta(days=scope.back)),
        "news": begins(tomorrow - NEWS),
    }


def _rows(sql: str, parameters: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _silent(visits: Sequence[int], tz: ZoneInfo) -> dict[int, list[Silent]]:
    """What the flags of these unrecorded visits show, by enrollment."""
    found: dict[int, list[Silent]] = {}
    if not visits:
        return found
    for enrollment, key, uid, moment, room, therapist, asked, deadline in _rows(
        SILENT, {"ids": list(visits)}
    ):
        starts = datetime.fromtimestamp(moment, tz)
        found.setdefault(enrollment, []).append(
            Silent(
                key,
                uid,
                starts.date(),
                f"{starts:%H:%M}",
                room,
                therapist,
                asked,
                deadline.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            )
        )
    return found
