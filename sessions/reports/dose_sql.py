"""The SQL of the dose report: what each session asked for and what was lifted, from the visits.

``worked_out`` works it out for the enrollments of ``asked`` (enrollment_id, clinic_id, starts_on,
zone and the numbers of ``NUMBERS``): whole, or from the session on that began at ``since_at`` with
what was known then of each exercise (``singles``). It gives one row a session and lift (and level
of impact), which counts from ``counts_from`` on. These rows are kept; the report reads them, kept
or worked out anew.
"""

from __future__ import annotations

from collections.abc import Mapping

#: What a row says, in the order of the table that keeps it. Volumes in 0.0001 kg × reps.
COLUMNS = (
    "clinic_id",
    "enrollment_id",
    "visit_id",
    "began",
    "counts_from",
    "month",
    "program_id",
    "phase",
    "came",
    "extra",
    "excused",
    "known",
    "first",
    "lift",
    "level",
    "asked",
    "done",
    "beside",
    "landings_asked",
    "landings",
    "load_sets",
    "rated",
    "hits",
    "no_effort",
)

#: Each clinic's own numbers for an estimate of a best single.
NUMBERS = """
numbers AS (
    SELECT * FROM jsonb_to_recordset(%(numbers)s::jsonb) AS n(clinic_id bigint, key text,
        zone text,
        factors numeric[], from_effort int, window_days int, stale_days int, gap_days int)
)
"""

_CAME = "('attended', 'attended_partial')"

#: Sessions with what was asked for and done of each lift. A session that took place and one whose
#: prescription was kept have their own; ``source`` of any other is the last one before it that
#: asked for a load or for landings.
_SESSIONS = f"""
visits AS MATERIALIZED (
    SELECT v.id AS visit_id, v.enrollment_id, a.clinic_id, lower(v.during) AS began,
        (lower(v.during) AT TIME ZONE a.zone)::date AS day,
        CASE WHEN v.status IN ('planned', 'checked_in') THEN greatest(v.missed_after,
            lower(v.during)) ELSE lower(v.during) END AS counts_from,
        v.status IN {_CAME} AS came, v.purpose = 'extra' AS extra,
        v.status IN ('excused', 'clinic_cancelled', 'holiday_closed') AS excused,
        v.status IN {_CAME} OR (v.purpose = 'regular' AND NOT EXISTS (
            SELECT 1 FROM training_visit m WHERE m.clinic_id = v.clinic_id
                AND m.makes_up_id = v.id AND m.status IN {_CAME})) AS counted,
        v.prescription ->> 'phase' AS phase, v.prescription -> 'targets' AS targets,
        a.starts_on, a.factors, a.from_effort, a.window_days, a.stale_days, a.gap_days
    FROM asked a
    JOIN training_visit v ON v.enrollment_id = a.enrollment_id AND v.status <> 'released'
        AND v.during >= tstzrange(coalesce(a.since_at, '-infinity'),
            coalesce(a.since_at, '-infinity'), '[]')
), told AS (
    SELECT v.visit_id, t.one ->> 'lift' AS lift, t.one ->> 'kind' AS kind,
        (t.one ->> 'level')::int AS level,
        (t.one ->> 'sets')::int * (t.one ->> 'reps')::int * (t.one ->> 'load')::numeric AS volume,
        (t.one ->> 'sets')::int * (t.one ->> 'landings')::int AS landings
    FROM visits v CROSS JOIN LATERAL jsonb_array_elements(v.targets) AS t(one)
)
"""

#: Working sets of each exercise in each session, and what they say of a best single.
_LIFTED = """
lifted AS (
    SELECT v.visit_id, v.enrollment_id, v.began, v.day, s.lift, s.exercise_id,
        v.window_days, v.stale_days, v.gap_days,
        coalesce(sum(s.reps * s.load), 0) AS done,
        coalesce(sum(s.prescribed_reps * s.prescribed_load), 0) AS told,
        count(*) AS sets, count(*) FILTER (WHERE s.rpe IS NULL) AS no_effort,
        array_agg(s.load) FILTER (WHERE s.rpe >= 16) AS hard, count(s.load) FILTER
            (WHERE s.rpe >= 16) AS many, min(s.load) FILTER (WHERE s.rpe >= 16) AS least,
        max(s.load) FILTER (WHERE s.rpe >= 16) AS most,
        round(max(s.load * v.factors[s.reps]) FILTER (WHERE s.rpe >= v.from_effort
            AND NOT s.to_confirm AND s.load > 0 AND s.clean IS NOT FALSE
            AND s.reps BETWEEN 1 AND cardinality(v.factors)), 4) AS estimate
    FROM visits v
    JOIN training_setentry s ON s.visit_id = v.visit_id AND NOT s.voided AND s.kind = 'working'
    WHERE v.came
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
), tests AS (
    SELECT d.enrollment_id, x.exercise_id, d.at, (d.at AT TIME ZONE a.zone)::date AS day,
        round(d.load * a.factors[(d.observed ->> 'reps')::int
            + coalesce((d.observed ->> 'reserve')::int, 0)], 4) AS estimate,
        a.window_days, a.stale_days, a.gap_days
    FROM asked a
    JOIN programs_decision d ON d.enrollment_id = a.enrollment_id AND d.kind = 'estimate'
        AND d.at >= coalesce(a.since_at, '-infinity')
        AND NOT EXISTS (SELECT 1 FROM programs_decision r WHERE r.clinic_id = d.clinic_id
            AND r.revokes_id = d.id AND NOT EXISTS (SELECT 1 FROM programs_decision s
                WHERE s.clinic_id = d.clinic_id AND s.revokes_id = r.id))
    CROSS JOIN LATERAL (
        SELECT coalesce(d.exercise_id, (
            SELECT l.exercise_id FROM training_setentry l
            JOIN training_visit v ON v.id = l.visit_id
                AND v.status IN ('attended', 'attended_partial')
            WHERE l.enrollment_id = d.enrollment_id AND l.lift = d.lift AND NOT l.voided
                AND l.kind = 'working'
            ORDER BY lower(v.during) > d.at, abs(extract(epoch FROM lower(v.during) - d.at)), l.id
            LIMIT 1
        )) AS exercise_id
    ) x
), events AS (
    SELECT enrollment_id, exercise_id, began AS at, day, estimate, false AS tested, visit_id, lift,
        done, told, sets, no_effort, hard, many, least, most, window_days, stale_days, gap_days,
        NULL::numeric[] AS seed
    FROM lifted
    UNION ALL
    SELECT enrollment_id, exercise_id, at, day, estimate, true, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, window_days, stale_days, gap_days, NULL
    FROM tests WHERE estimate IS NOT NULL
    UNION ALL
    SELECT a.enrollment_id, k.exercise::bigint, a.since_at, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, a.window_days, a.stale_days, a.gap_days,
        ARRAY[(k.state ->> 0)::numeric, (k.state ->> 1)::numeric, (k.state ->> 2)::numeric]
    FROM asked a CROSS JOIN LATERAL jsonb_each(a.singles) AS k(exercise, state)
), singles AS (
    SELECT n.*, training_carried_single(n.estimate, n.day - date '2000-01-01', n.tested,
        n.window_days, n.gap_days, n.seed) OVER (PARTITION BY n.enrollment_id, n.exercise_id
            ORDER BY n.at, n.seed IS NULL, n.tested, n.visit_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS single
    FROM events n
), rated AS MATERIALIZED (
    SELECT s.visit_id, s.lift, s.exercise_id, s.done, s.told, s.sets, s.no_effort, s.hard,
        s.many, s.least, s.most, CASE WHEN s.day - date '2000-01-01' - s.single[2] <= s.stale_days
        AND s.day - date '2000-01-01' - coalesce(s.single[3], s.day - date '2000-01-01')
            <= s.gap_days THEN s.single[1] END AS best
    FROM singles s WHERE s.visit_id IS NOT NULL
)
"""

#: The same by lift, and how many of the sets were heavy and hard.
_DONE = """
done AS (
    SELECT r.visit_id, r.lift, sum(r.done) AS done, sum(r.told) AS told, sum(r.sets) AS sets,
        sum(r.sets) FILTER (WHERE r.best IS NOT NULL) AS rated,
        sum(r.no_effort) FILTER (WHERE r.best IS NOT NULL) AS no_effort,
        sum(CASE WHEN r.least * 100 >= r.best * 80 THEN r.many
            WHEN r.most * 100 >= r.best * 80 THEN
                (SELECT count(*) FROM unnest(r.hard) AS kg WHERE kg * 100 >= r.best * 80)
            ELSE 0 END) AS hits
    FROM rated r GROUP BY 1, 2
)
"""

#: Landings asked for at their level, and landings done at theirs.
_LANDED = """
landed AS (
    SELECT v.visit_id, s.lift, s.prescribed_level, s.landing_level,
        coalesce(sum(s.prescribed_landings), 0) AS told, coalesce(sum(s.landings), 0) AS done
    FROM visits v
    JOIN training_setentry s ON s.visit_id = v.visit_id AND NOT s.voided AND s.kind = 'impact'
    WHERE v.came
    GROUP BY 1, 2, 3, 4
), pieces AS MATERIALIZED (
    SELECT visit_id, lift, NULL::int AS level,
        CASE WHEN t.volume > 0 THEN t.volume ELSE coalesce(d.told, 0) END AS asked,
        coalesce(d.done, 0) AS done, 0::bigint AS landings_asked, 0::bigint AS landings,
        coalesce(d.sets, 0) AS sets, coalesce(d.rated, 0) AS rated, coalesce(d.hits, 0) AS hits,
        coalesce(d.no_effort, 0) AS no_effort
    FROM (SELECT * FROM told WHERE kind = 'working') t
    FULL JOIN done d USING (visit_id, lift)
    UNION ALL
    SELECT visit_id, lift, level, 0, 0, sum(asked)::bigint, sum(done)::bigint, 0, 0, 0, 0
    FROM (
        SELECT visit_id, lift, level, landings AS asked, 0 AS done
        FROM told WHERE kind = 'impact' AND landings > 0
        UNION ALL
        SELECT l.visit_id, l.lift, l.prescribed_level, l.told, 0 FROM landed l
        WHERE l.told > 0 AND NOT EXISTS (SELECT 1 FROM told t WHERE t.visit_id = l.visit_id
            AND t.lift = l.lift AND t.kind = 'impact' AND t.landings > 0)
        UNION ALL
        SELECT visit_id, lift, landing_level, 0, done FROM landed
    ) i
    GROUP BY 1, 2, 3
)
"""

#: The programs followed (the first one also before its start), and which session stands for which.
_ROWS = """
tracks AS MATERIALIZED (
    SELECT t.enrollment_id, t.version_id, n.program_id,
        daterange(CASE WHEN row_number() OVER one > 1 THEN t.starts_on END,
            lead(t.starts_on) OVER one) AS days
    FROM asked a
    JOIN programs_track t ON t.enrollment_id = a.enrollment_id
    JOIN programs_programversion n ON n.id = t.version_id
    JOIN programs_program p ON p.id = n.program_id AND p.kind = 'main'
    WINDOW one AS (PARTITION BY t.enrollment_id ORDER BY t.starts_on, t.id)
), weeks AS MATERIALIZED (
    SELECT DISTINCT ON (q.version_id, w) q.version_id, w AS week, q.code AS phase
    FROM programs_phase q
    CROSS JOIN generate_series(q.first_week, coalesce(q.last_week, 1000)) AS w
    WHERE q.version_id IN (SELECT version_id FROM tracks)
    ORDER BY q.version_id, w, q.first_week, q.id
), sources AS (
    SELECT o.*, CASE WHEN o.came OR o.targets IS NOT NULL THEN o.visit_id
        ELSE (max(ARRAY[o.turn, o.visit_id]) FILTER (WHERE o.asks)
            OVER (PARTITION BY o.enrollment_id ORDER BY o.turn))[2] END AS source
    FROM (
        SELECT v.*, h.visit_id IS NOT NULL AS asks,
            row_number() OVER (PARTITION BY v.enrollment_id ORDER BY v.began, v.visit_id) AS turn
        FROM visits v
        LEFT JOIN (SELECT DISTINCT visit_id FROM pieces WHERE asked > 0 OR landings_asked > 0) h
            USING (visit_id)
    ) o
)
SELECT s.clinic_id, s.enrollment_id, s.visit_id, s.began, s.counts_from,
    date_trunc('month', s.day)::date AS month, k.program_id, coalesce(w.phase, '') AS phase,
    s.came, s.extra, s.excused, x.lift IS NOT NULL OR s.targets IS NOT NULL AS known,
    row_number() OVER (PARTITION BY s.visit_id ORDER BY x.lift, x.level) = 1 AS first,
    coalesce(x.lift, '') AS lift, x.level::smallint AS level,
    (10000 * coalesce(x.asked, 0))::bigint AS asked,
    CASE WHEN s.came AND x.asked > 0 THEN (10000 * x.done)::bigint ELSE 0 END AS done,
    CASE WHEN s.came AND x.asked = 0 THEN (10000 * x.done)::bigint ELSE 0 END AS beside,
    coalesce(x.landings_asked, 0)::int AS landings_asked,
    CASE WHEN s.came THEN coalesce(x.landings, 0) ELSE 0 END::int AS landings,
    CASE WHEN l.loading THEN coalesce(x.sets, 0) ELSE 0 END::int AS load_sets,
    CASE WHEN l.loading THEN coalesce(x.rated, 0) ELSE 0 END::int AS rated,
    CASE WHEN l.loading THEN coalesce(x.hits, 0) ELSE 0 END::int AS hits,
    CASE WHEN l.loading THEN coalesce(x.no_effort, 0) ELSE 0 END::int AS no_effort
FROM sources s
LEFT JOIN tracks k ON k.enrollment_id = s.enrollment_id AND k.days @> s.day
LEFT JOIN weeks w ON w.version_id = k.version_id
    AND w.week = least(floor((s.day - s.starts_on) / 7.0)::int + 1, 1000)
CROSS JOIN LATERAL (
    SELECT s.came AND coalesce(s.phase, w.phase, '') = 'LOAD' AS loading
) l
LEFT JOIN pieces x ON x.visit_id = s.source
WHERE s.counted
"""


#: CTEs up to ``rated``: each exercise of each session with the best single before it.
RATED = f"{_SESSIONS}, {_LIFTED}"


def worked_out(name: str) -> str:
    """The CTEs that work out the rows of ``asked``, the last one with this name."""
    head, _, last = _ROWS.rpartition("\nSELECT s.clinic_id")
    return f"{RATED}, {_DONE}, {_LANDED}, {head}, {name} AS MATERIALIZED (SELECT s.clinic_id{last})"


#: How the sums of rows are made, by their names; of extra sessions only ``beside`` and the sets.
_OWED = "FILTER (WHERE NOT d.extra)"
SUMS: Mapping[str, str] = {
    "sessions": "count(*) FILTER (WHERE d.first AND NOT d.extra)",
    "came": "count(*) FILTER (WHERE d.first AND NOT d.extra AND d.came)",
    "excused": "count(*) FILTER (WHERE d.first AND NOT d.extra AND d.excused)",
    "unknown": "count(*) FILTER (WHERE d.first AND NOT d.extra AND NOT d.known)",
    "asked": f"coalesce(sum(d.asked) {_OWED}, 0)",
    "asked_came": "coalesce(sum(d.asked) FILTER (WHERE NOT d.extra AND d.came), 0)",
    "done": f"coalesce(sum(d.done) {_OWED}, 0)",
    "beside": "sum(CASE WHEN d.extra THEN d.beside + d.done ELSE d.beside END)",
    "landings_asked": f"coalesce(sum(d.landings_asked) {_OWED}, 0)",
    "landings": f"coalesce(sum(d.landings) {_OWED}, 0)",
    "load_sets": "sum(d.load_sets)",
    "rated": "sum(d.rated)",
    "hits": "sum(d.hits)",
    "no_effort": "sum(d.no_effort)",
}
