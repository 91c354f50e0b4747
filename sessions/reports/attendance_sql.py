"""The SQL of the adherence report: one way through the enrollments, each with its own visits.

It follows ``scope.CHOSEN``. An enrollment is cut into *parts*: days on which it follows one version
of its main program and, where phases are asked for, in which one phase is planned. Each part is
counted by itself, so that rows of any kind add up to the same total. Every step is a LATERAL over
one enrollment: the time grows with the visits, however wrong the planner's guess of the enrollments
is, and all that is read of a visit stands in the index ``visit_for_reports``.
"""

from __future__ import annotations


def midnight(day: str, zone: str) -> str:
    """The first instant of a day, also where the clocks go back over midnight."""
    instant = f"(({day})::timestamp AT TIME ZONE {zone})"
    earlier = f"({instant} - interval '1 hour')"
    return (
        f"CASE WHEN ({earlier} AT TIME ZONE {zone})::date = {day} THEN {earlier} ELSE {instant} END"
    )


def within(begins: str, ends: str) -> str:
    """Visits ``v`` of c that begin in [begins, ends), by the index ``visit_for_reports``."""
    return (
        f"v.enrollment_id = c.enrollment_id"
        f" AND lower(v.during) >= {begins} AND lower(v.during) < {ends}"
    )


def local_day(visit: str, zone: str) -> str:
    """The day of the clinic's calendar on which a visit begins."""
    return f"(lower({visit}.during) AT TIME ZONE {zone})::date"


CAME = "v.status IN ('attended', 'attended_partial')"
MISSED = "v.status IN ('no_show', 'late_cancel', 'cancelled_client')"
#: Silence past its grace is unrecorded, whether or not a sweep has come by. The grace is looked up
#: by itself, for the few that are still open.
SILENT = (
    "(v.status = 'unrecorded' OR (v.status IN ('planned', 'checked_in') AND EXISTS ("
    "SELECT 1 FROM training_visit o WHERE o.id = v.id AND o.missed_after <= %(as_at)s)))"
)
REGULAR = "v.purpose = 'regular'"
#: What may be made up (sessions.makeups.OWED).
OWED = (
    "v.status IN ('no_show', 'late_cancel', 'cancelled_client', 'excused', 'clinic_cancelled',"
    " 'holiday_closed')"
)

#: Each count of sessions with what is counted, by its column's key.
COUNTED: dict[str, str] = {
    "attended": f"{REGULAR} AND {CAME}",
    "unrecorded": f"{REGULAR} AND {SILENT}",
    "no_show": f"{REGULAR} AND v.status = 'no_show'",
    "late_cancel": f"{REGULAR} AND v.status = 'late_cancel'",
    "cancelled_client": f"{REGULAR} AND v.status = 'cancelled_client'",
    "excused": f"{REGULAR} AND v.status = 'excused'",
    "clinic_cancelled": f"{REGULAR} AND v.status = 'clinic_cancelled'",
    "closed": f"{REGULAR} AND v.status = 'holiday_closed'",
    "make_up": f"v.purpose = 'make_up' AND {CAME}",
    "extra": f"v.purpose = 'extra' AND {CAME}",
}


def of_clinic(numbers: str) -> str:
    """One of the clinics' own numbers: a parameter beside ``clinic_ids``, for the clinic of c."""
    return f"(%({numbers})s::int[])[array_position(%(clinic_ids)s::bigint[], c.clinic_id)]"


def made_up(zone: str) -> str:
    """Whether a session ``v`` that was owed was made up by a session within the clinic's days."""
    return (
        f"({REGULAR} AND {OWED} AND EXISTS (SELECT 1 FROM training_visit m"
        " WHERE m.makes_up_id = v.id AND m.status IN ('attended', 'attended_partial')"
        " AND lower(m.during) < %(as_at)s"
        f" AND {local_day('m', zone)} <= {local_day('v', zone)} + {of_clinic('makeup_days')}))"
    )


def day_number(instant: str) -> str:
    """On which day of the program an instant lies, counted from 0; below before its start.

    Only of the days that were asked for: it is looked up among their midnights, which takes a
    fraction of the time of the calendar.
    """
    return f"(c.turn + width_bucket({instant}, c.midnights))"


#: On which day of the program ``v`` begins, counted from 0; below before its start.
DAY = day_number("lower(v.during)")
#: In which week, counted from 0; below before its start.
WEEK = f"floor({DAY} / 7.0::float8)::int"


def _after_weeks(weeks: str) -> str:
    """The first instant after so many weeks of the program of c: among the midnights of the days
    that were asked for, if it is there.
    """
    days = f"7 * greatest({weeks}, 0)"
    worked_out = midnight(f"c.starts_on + {days}", "c.zone")
    return f"coalesce(c.midnights[{days} - c.turn], {worked_out})"


def enrolled(zones: int, which: str = "true") -> str:
    """Each enrollment, with what its parts are worked out from; of clinics in so many time zones.

    ``four``, ``eight``, ``over``: where the last whole weeks of its program begin and end; a week
    is whole when its days are over. ``later``: whether a make-up was attended after the days.
    ``midnights``, ``weeks``, ``months``: when the days begin, the weeks of its program within them,
    and the months that they touch. ``week``: in which of her weeks the days begin, from 0.
    """
    last = zones - 1
    # The last zone is that of all others: with one zone nothing is compared.
    midnights, weeks, months = "", "", ""
    for zone in range(zones):
        whose = f"WHEN c.zone = %(zone_{zone})s THEN" if zone < last else "ELSE"
        midnights += f" {whose} %(midnights_{zone})s::timestamptz[]"
        months += f" {whose} %(months_{zone})s::timestamptz[]"
        turns = " ".join(
            f"WHEN {turn} THEN %(weeks_{zone}_{turn})s::timestamptz[]" for turn in range(7)
        )
        weeks += f" {whose} CASE mod(mod(c.turn, 7) + 7, 7) {turns} END"
    # A CASE must have a WHEN.
    never = "WHEN false THEN NULL"
    return f"""
(
    SELECT c.*, {_after_weeks("c.whole - 4")} AS four, {_after_weeks("c.whole - 8")} AS eight,
        {_after_weeks("c.whole")} AS over,
        CASE {never}{weeks} END AS weeks, CASE {never}{months} END AS months,
        (c.turn - mod(mod(c.turn, 7) + 7, 7)) / 7 AS week
    FROM (
        SELECT c.*, %(first)s::date - c.starts_on - 1 AS turn,
            CASE {never}{midnights} END AS midnights,
            least(%(last)s::date, c.today, c.ended_on) AS until,
            floor((least(%(last)s::date, c.ended_on, c.today - 1) - c.starts_on + 1) / 7.0)::int
                AS whole,
            c.ends < %(as_at)s AND EXISTS (
                SELECT 1 FROM training_visit v WHERE {within("c.ends", "%(as_at)s")}
                    AND {COUNTED["make_up"]}) AS later
        FROM chosen c
        WHERE {which}
        OFFSET '0'
    ) c
    OFFSET '0'  -- worked out once an enrollment, not again for each visit
) c
"""


#: The programs that an enrollment followed: the first one also before its start, the last one also
#: after its end. No program is one, too. ``home``: the one that is followed on the last day.
#: ``track_starts``: when the program began to prescribe; another version of it goes on from there.
PROGRAMS = """
(
    SELECT k.*, count(*) OVER () = 1 AS alone,
        max(k.program_id) FILTER (WHERE k.days @> c.until) OVER () AS home_program,
        max(k.frequency * k.weeks) FILTER (WHERE k.days @> c.until) OVER () AS home_sessions
    FROM (
        SELECT k.version_id, k.program_id, k.frequency, k.weeks,
            CASE WHEN k.number > 1 THEN (
                SELECT min(f.starts_on) FROM programs_track f
                JOIN programs_programversion w ON w.id = f.version_id
                WHERE f.enrollment_id = c.enrollment_id AND w.program_id = k.program_id
            ) ELSE k.starts_on END AS track_starts,
            k.ends_on AS track_ends,
            daterange(CASE WHEN k.number > 1 THEN k.starts_on END, k.next_starts) AS days
        FROM (SELECT) one LEFT JOIN (
            SELECT t.version_id, r.program_id, r.frequency, r.weeks, t.starts_on, t.ends_on,
                row_number() OVER of_hers AS number, lead(t.starts_on) OVER of_hers AS next_starts
            FROM programs_track t
            JOIN programs_programversion r ON r.id = t.version_id
            JOIN programs_program p ON p.id = r.program_id AND p.kind = 'main'
            WHERE t.enrollment_id = c.enrollment_id
            WINDOW of_hers AS (ORDER BY t.starts_on, t.id)
        ) k ON true
    ) k
    WHERE NOT isempty(k.days)
)
"""

#: Without phases: a part is as long as a program was followed.
WHOLE = f"(SELECT p.*, NULL::text AS phase FROM {PROGRAMS} p)"

#: By phase: the planned weeks of each phase, and all days that lie in none ("").
PHASED = f"""
(
    SELECT p.version_id, p.program_id, p.frequency, p.weeks, p.track_starts, p.track_ends,
        p.days * f.days AS days, false AS alone, p.home_program, p.home_sessions, f.phase
    FROM {PROGRAMS} p
    CROSS JOIN LATERAL (
        SELECT q.code AS phase, daterange(c.starts_on + 7 * (q.first_week - 1),
            c.starts_on + 7 * q.last_week) AS days
        FROM programs_phase q WHERE q.version_id = p.version_id
        UNION ALL
        SELECT '', unnest(datemultirange(daterange(NULL, NULL)) - coalesce((
            SELECT range_agg(daterange(c.starts_on + 7 * (q.first_week - 1),
                c.starts_on + 7 * q.last_week))
            FROM programs_phase q WHERE q.version_id = p.version_id
        ), '{{}}'::datemultirange))
    ) f
    WHERE NOT isempty(p.days * f.days)
        AND (%(phase)s::text IS NULL OR f.phase = %(phase)s)
)
"""

#: The last day on which a part was prescribed, and the day before the first.
STOP = "least(c.until, p.track_ends, upper(p.days) - 1)"
BEFORE = f"least(greatest(%(first)s::date, lower(p.days)) - 1, {STOP})"


def prescribed_until(day: str) -> str:
    """programs.calendar.prescribed_to_date of the program p that a part follows."""
    days = f"greatest({day} - p.track_starts + 1, 0)"
    return f"least({days} * p.frequency / 7, p.frequency * p.weeks)"


def parts(phased: bool) -> str:
    """The parts of an enrollment c, with their instants and what their program prescribed.

    ``since`` to ``till``: within the days that were asked for. ``reach``: where reading begins;
    what an enrollment is as a whole is counted from its first session on.
    """
    if phased:
        return _once(parts_of(PHASED, "p.since"))
    return _once(parts_of(WHOLE, "p.began"))


def _once(rows: str) -> str:
    """Worked out once a row, however often its columns are named."""
    return f"(SELECT o.* FROM {rows} o OFFSET '0')"


def parts_of(programs: str, reach: str) -> str:
    """``parts`` of the programs that are named, reading from ``reach`` on."""
    return f"""
(
    SELECT p.*, {reach} AS reach
    FROM (
        SELECT p.*, greatest(c.begins, p.began) AS since
        FROM (
            SELECT p.*,
                coalesce({prescribed_until(STOP)} - {prescribed_until(BEFORE)}, 0) AS prescribed,
                {BEFORE} AS before,
                greatest(%(first)s::date, lower(p.days), c.starts_on)
                    <= least(c.until, upper(p.days) - 1) AS here,
                CASE WHEN lower_inf(p.days) THEN '-infinity'::timestamptz
                    ELSE {midnight("lower(p.days)", "c.zone")} END AS began,
                CASE WHEN upper_inf(p.days) THEN c.ends
                    ELSE least(c.ends, {midnight("upper(p.days)", "c.zone")}) END AS till
            FROM {programs} p
        ) p
    ) p
)
"""


DUE = f"{REGULAR} AND ({CAME} OR {MISSED} OR {SILENT})"

#: Sessions that were attended or made up; ``before``: the week of the one ``frequency`` before it.
#: Where that is the same week, the session is one too many.
CREDITED = f"""
(
    SELECT w.*, lag(w.week, p.frequency::int) OVER (ORDER BY w.at) AS before
    FROM (
        SELECT v.id, v.during, lower(v.during) AS at, {WEEK} AS week, NOT ({CAME}) AS repaid
        FROM training_visit v
        WHERE {within("p.since", "p.till")} AND {REGULAR} AND ({CAME} OR {made_up("c.zone")})
    ) w
)
"""


def last_weeks(weeks: int) -> str:
    """The sessions of c that count in the last 4 or 8 whole weeks."""
    since = {4: "c.four", 8: "c.eight"}[weeks]
    return (
        f"(SELECT v.id, v.during FROM training_visit v WHERE {within(since, 'c.over')} AND {DUE})"
    )


#: What asks for something at the moment of the report: no good news.
OPEN_FLAG = "g.resolved_at IS NULL AND g.severity <> 'good' AND g.opened_at <= %(as_at)s"
FLAGS = f"""
(
    SELECT count(*) AS flags FROM training_flag g
    WHERE g.enrollment_id = c.enrollment_id AND {OPEN_FLAG}
)
"""
#: Adverse events that began within the days, as they stand now: those of her sessions, and those
#: beside any session while she was enrolled.
EVENT = """
(
    a.client_id = c.client_id AND a.onset_at >= c.begins AND a.onset_at < c.ends
    AND NOT EXISTS (SELECT 1 FROM training_adverseevent r WHERE r.replaces_id = a.id)
    AND CASE WHEN a.visit_id IS NOT NULL THEN EXISTS (
            SELECT 1 FROM training_visit v
            WHERE v.id = a.visit_id AND v.enrollment_id = c.enrollment_id)
        ELSE c.enrollment_id = (
            SELECT e.id FROM programs_enrollment e WHERE e.client_id = a.client_id
                AND (a.onset_at AT TIME ZONE c.zone)::date
                    BETWEEN e.starts_on AND coalesce(e.ended_on, 'infinity')
            ORDER BY e.starts_on DESC, e.id DESC LIMIT 1) END
)
"""
EVENTS = f"(SELECT count(*) AS events FROM training_adverseevent a WHERE {EVENT})"


def _runs(phased: bool, where: str = "true") -> str:
    """Sessions of c with the number of the run that each one goes on or ends."""
    return f"""
(
    SELECT w.*, count(*) FILTER (WHERE NOT w.missed) OVER (ORDER BY w.during, w.id) AS run
    FROM (
        SELECT v.during, v.id, {missed("c.zone")} AS missed
        FROM {parts(phased)} p
        JOIN training_visit v ON {within("p.since", "p.till")}
        WHERE ({REGULAR} OR {CAME}) AND {where}
        OFFSET '0'
    ) w
)
"""


def longest(phased: bool) -> str:
    """The longest run of sessions missed one after the other, as flag F02 has it.

    Excused, closed and made-up sessions end it, and so does one that nobody has recorded, one that
    lies in a pause or in a class that was called off, and any session that she came to. Where there
    is neither a make-up, nor a pause, nor such a class, the states alone tell it.
    """
    looked_at = f"""(
        SELECT coalesce(max(r.missed), 0)::int FROM (
            SELECT count(*) FILTER (WHERE q.missed) AS missed FROM {_runs(phased)} q
            GROUP BY q.run
        ) r
    )"""
    if phased:
        return f"(SELECT {looked_at} AS longest)"
    called_off = """SELECT i.enrollment_id FROM training_slot s JOIN training_visit i
        ON i.slot_id = s.id AND i.status IN ('late_cancel', 'cancelled_client')
        WHERE s.clinic_id = ANY(%(clinic_ids)s) AND s.called_off_at IS NOT NULL"""
    made = f"""SELECT 1 FROM training_visit v
        WHERE {within("'-infinity'", "%(as_at)s")} AND {COUNTED["make_up"]}"""
    return f"""
(
    SELECT CASE WHEN EXISTS ({made}) OR c.enrollment_id IN ({called_off}) OR EXISTS (
            SELECT 1 FROM training_pause o WHERE o.enrollment_id = c.enrollment_id)
        THEN {looked_at}
        ELSE (
            SELECT coalesce(max(length(run)), 0) FROM string_to_table((
                SELECT string_agg(v.mark, '') FROM (
                    SELECT CASE WHEN {REGULAR} AND {MISSED} THEN '-' ELSE '+' END AS mark
                    FROM training_visit v
                    WHERE {within("c.begins", "c.ends")} AND ({REGULAR} OR {CAME})
                    ORDER BY lower(v.during), v.during, v.id
                ) v
            ), '+') AS run
        ) END AS longest
)
"""


def longest_run(phased: bool, where: str) -> str:
    """The sessions of that run; of two that are as long, the later one."""
    return f"""
(
    SELECT r.id, r.during FROM (
        SELECT q.*, max(q.length) OVER () AS most,
            max(q.since) FILTER (WHERE q.length > 0) OVER (PARTITION BY q.length) AS latest
        FROM (
            SELECT x.*, count(*) FILTER (WHERE x.missed) OVER of_run AS length,
                min(lower(x.during)) OVER of_run AS since
            FROM {_runs(phased, where)} x WINDOW of_run AS (PARTITION BY x.run)
        ) q
    ) r WHERE r.missed AND r.length = r.most AND r.since = r.latest
)
"""


def missed(zone: str) -> str:
    """Whether ``v`` is missed in the sense of protocol sheet 6.1."""
    return f"""(
    {REGULAR} AND {MISSED} AND NOT {made_up(zone)}
    AND (v.status = 'no_show' OR NOT EXISTS (SELECT 1 FROM training_visit i
        JOIN training_slot s ON s.id = i.slot_id AND s.called_off_at IS NOT NULL
        WHERE i.id = v.id))
    AND NOT EXISTS (SELECT 1 FROM training_pause o WHERE o.enrollment_id = c.enrollment_id
        AND {local_day("v", zone)} BETWEEN o.starts_on AND least(o.ends_on, o.resumed_on - 1))
)"""
