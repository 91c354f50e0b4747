"""The one part of an enrollment that followed one program or none, as nearly all do.

What ``attendance_sql.parts`` has of everybody costs the more for each: the programs have to be put
in order. Where very many are asked about it is left to those who followed several.
"""

from __future__ import annotations

from .attendance_sql import parts_of

#: The one main program that c followed as k, if there is one: found for all at once, and not by
#: three more searches an enrollment.
FOLLOWED = """
LEFT JOIN (
    SELECT t.enrollment_id, t.version_id, r.program_id, r.frequency, r.weeks,
        t.starts_on AS track_starts, t.ends_on AS track_ends
    FROM programs_track t
    JOIN programs_programversion r ON r.id = t.version_id
    JOIN programs_program p ON p.id = r.program_id AND p.kind = 'main'
    WHERE t.clinic_id = ANY(%(clinic_ids)s)
    OFFSET '0'
) k ON k.enrollment_id = c.enrollment_id
"""

#: That program, or none: also before its start and after its end.
_ONE = """
(
    SELECT k.version_id, k.program_id, k.frequency, k.weeks, k.track_starts, k.track_ends,
        '(,)'::daterange AS days, true AS alone, k.program_id AS home_program,
        k.frequency * k.weeks AS home_sessions, NULL::text AS phase
)
"""

#: Enrollments of the clinics that have followed more than one main program, which are few.
SEVERAL = """
SELECT t.clinic_id, t.enrollment_id FROM programs_track t
JOIN programs_programversion r ON r.id = t.version_id
JOIN programs_program p ON p.id = r.program_id AND p.kind = 'main'
WHERE t.clinic_id = ANY(%(clinic_ids)s)
GROUP BY t.clinic_id, t.enrollment_id HAVING count(*) > 1
"""


def part() -> str:
    """The part of c and k, as ``attendance_sql.parts`` has it: the enrollment as a whole."""
    return parts_of(_ONE, "p.began")
