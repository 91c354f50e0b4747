"""The SQL of the report on strength and function: what was lifted and measured of each client."""

from __future__ import annotations

from . import delivered
from . import delivered_sql as kept

#: Sessions with working sets within the days, with what they say of a best single, and technical
#: 5RMs. Of each client and lift: the exercise of her last estimate, and its first and last one. The
#: best of several at one time counts: the moment and the kilograms together are an array, whose
#: least and greatest are found without putting anything into order. Of what is kept the first and
#: the last session are looked up; of all else there is a row each session.
LIFTED = f"""
{delivered.STANDING}, {kept.LIFTS}, {kept.PAIRS}
, estimates AS (
    SELECT p.client_id, p.lift, p.exercise_id, f.began AS first_at, f.best AS first_kg,
        l.began AS last_at, l.best AS last_kg
    FROM pairs p
    LEFT JOIN LATERAL (
        SELECT d.began, d.best FROM {kept.OF_PAIR} AND d.best IS NOT NULL ORDER BY d.began LIMIT 1
    ) f ON true
    LEFT JOIN LATERAL (
        SELECT d.began, d.best FROM {kept.OF_PAIR} AND d.best IS NOT NULL
            AND f.best IS NOT NULL
        ORDER BY d.began DESC LIMIT 1
    ) l ON true
    WHERE f.best IS NOT NULL OR EXISTS (SELECT FROM {kept.OF_PAIR} AND d.worked)
    UNION ALL
    SELECT c.client_id, d.lift, d.exercise_id, CASE WHEN d.best IS NOT NULL THEN d.began END,
        d.best, CASE WHEN d.best IS NOT NULL THEN d.began END, d.best
    FROM lifts d JOIN chosen c USING (enrollment_id)
    WHERE d.worked
    UNION ALL
    SELECT c.client_id, d.lift, d.exercise_id, d.at, n.kg, d.at, n.kg
    FROM chosen c
    JOIN rules USING (clinic_id)
    JOIN formulas f ON f.formula = rules.formula
    JOIN programs_decision d ON d.enrollment_id = c.enrollment_id AND d.kind = 'estimate'
        AND d.at >= c.begins AND d.at < c.ends AND d.exercise_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM programs_decision r WHERE r.clinic_id = d.clinic_id
            AND r.revokes_id = d.id AND NOT EXISTS (SELECT 1 FROM programs_decision s
                WHERE s.clinic_id = d.clinic_id AND s.revokes_id = r.id))
    CROSS JOIN LATERAL (
        SELECT d.load * f.factors[(d.observed ->> 'reps')::int
            + coalesce((d.observed ->> 'reserve')::int, 0)] AS kg
    ) n
), rungs AS (
    SELECT DISTINCT ON (client_id, lift) *
    FROM (
        SELECT client_id, lift, exercise_id, min(first_at) AS first_at, max(last_at) AS last_at,
            round(-(min(ARRAY[extract(epoch FROM first_at), -first_kg])
                FILTER (WHERE first_at IS NOT NULL))[2], 4) AS first_kg,
            round((max(ARRAY[extract(epoch FROM last_at), last_kg])
                FILTER (WHERE last_at IS NOT NULL))[2], 4) AS last_kg
        FROM estimates GROUP BY 1, 2, 3
    ) e
    ORDER BY client_id, lift, last_at DESC NULLS LAST, exercise_id
)
SELECT r.client_id, p.name, r.lift, CASE WHEN r.last_at IS NOT NULL THEN x.name END,
    (r.first_at AT TIME ZONE k.zone)::date, r.first_kg, (r.last_at AT TIME ZONE k.zone)::date,
    r.last_kg
FROM rungs r
JOIN clients_client p ON p.id = r.client_id
JOIN clinics k ON k.clinic_id = p.clinic_id
LEFT JOIN programs_exercise x ON x.id = r.exercise_id
ORDER BY p.name, r.client_id, r.lift
"""
#: Everybody asked about, by ``place`` in the order of their names, with all that was measured
#: within the days and every correction: what a correction replaces is told beside the rows of its
#: own client, which takes less than looking for one of each row.
MEASURED = """
, people AS MATERIALIZED (
    SELECT p.*, n.name, row_number() OVER (ORDER BY n.name, p.client_id) AS place
    FROM (SELECT DISTINCT c.client_id, c.clinic_id, c.today FROM chosen c) p
    JOIN clients_client n ON n.id = p.client_id
)
SELECT p.place, p.client_id, p.name, p.clinic_id, m.id, m.replaces_id,
    m.taken_on BETWEEN %(first)s AND least(%(last)s::date, p.today), m.measure, m.taken_on,
    m.amount, m.site, m.side, m.region, m.device_id
FROM people p
LEFT JOIN clients_measurement m ON m.client_id = p.client_id
    AND (m.taken_on BETWEEN %(first)s AND least(%(last)s::date, p.today)
        OR m.replaces_id IS NOT NULL)
"""

#: The first and the last thing done of each measure and side of each client: a day, in days since
#: 2000, and an id in one number, so that nothing is put into order. Clients whose ends are alike
#: are listed together: of two scans by what has to agree, of all else at once.
TWICE = """
, people AS MATERIALIZED (
    SELECT DISTINCT c.client_id, c.today FROM chosen c
)
, ends AS (
    SELECT p.client_id, e.*, e.last >> 40 > e.first >> 40 AS twice
    FROM people p
    CROSS JOIN LATERAL (
        SELECT m.measure, m.side, min(m.place) AS first, max(m.place) AS last
        FROM (
            SELECT m.measure, m.side, CASE WHEN m.amount IS NOT NULL
                THEN ((m.taken_on - date '2000-01-01')::bigint << 40) + m.id END AS place
            FROM clients_measurement m WHERE m.client_id = p.client_id
                AND m.taken_on BETWEEN %(first)s AND least(%(last)s::date, p.today)
                AND NOT EXISTS (SELECT FROM clients_measurement r WHERE r.replaces_id = m.id)
            OFFSET 0
        ) m
        GROUP BY 1, 2
    ) e
)
SELECT e.measure, e.side, f.region, f.device_id, l.region, l.device_id,
    coalesce(array_agg(e.client_id) FILTER (WHERE e.twice), '{}'),
    count(*) FILTER (WHERE e.first IS NOT NULL AND NOT e.twice)
FROM ends e
LEFT JOIN LATERAL (
    SELECT m.region, m.device_id FROM clients_measurement m
    WHERE e.twice AND e.measure = ANY(%(scans)s) AND m.id = e.first & ((1::bigint << 40) - 1)
    OFFSET 0  -- looked up one by one: what a client has is thought to be one row, so that all
              -- measurements of the clinic would be read for each
) f ON true
LEFT JOIN LATERAL (
    SELECT m.region, m.device_id FROM clients_measurement m
    WHERE e.twice AND e.measure = ANY(%(scans)s) AND m.id = e.last & ((1::bigint << 40) - 1)
    OFFSET 0
) l ON true
GROUP BY 1, 2, 3, 4, 5, 6
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, coalesce(array_agg(client_id), '{}'), 0 FROM people
"""
