"""The SQL that counts the sessions of one part of an enrollment, in one reading of its index.

A report across a large organisation reads millions of visits, so the time of each counts. A visit
adds a one in the place that its state has in a number of 63 bits, and no state is compared with
more than it must be; the numbers are taken apart once an enrollment.
"""

from __future__ import annotations

from . import attendance_sql as sql

#: Bits of one count in a number that holds several: a part has fewer than 32,768 sessions.
BITS = 15
_MASK = (1 << BITS) - 1
#: Weeks that one number of 64 bits tells apart.
WORD = 64


def _count(packed: str, place: int) -> str:
    return f"(({packed} >> {BITS * place}) & {_MASK})::int"


#: The states of a visit by their numbers. Those that A3 divides by come first, and of them the one
#: that most visits have.
_NAMES = (
    "attended", "no_show", "late_cancel", "unrecorded",
    "cancelled_client", "excused", "clinic_cancelled", "closed",
    "make_up", "extra",
)  # fmt: skip
_EACH = 4  # in a number
_DUE = _NAMES.index("cancelled_client")
_SILENT = f"CASE WHEN {sql.SILENT} THEN 3 END"
_STATE = f"""
CASE v.purpose WHEN 'regular' THEN CASE v.status
    WHEN 'attended' THEN 0 WHEN 'no_show' THEN 1 WHEN 'late_cancel' THEN 2 WHEN 'unrecorded' THEN 3
    WHEN 'cancelled_client' THEN 4 WHEN 'excused' THEN 5 WHEN 'clinic_cancelled' THEN 6
    WHEN 'holiday_closed' THEN 7 WHEN 'attended_partial' THEN 0
    WHEN 'planned' THEN {_SILENT} WHEN 'checked_in' THEN {_SILENT} END
WHEN 'make_up' THEN CASE WHEN {sql.CAME} THEN 8 END
WHEN 'extra' THEN CASE WHEN {sql.CAME} THEN 9 END END"""
#: Of the last whole weeks: attended and due, of four and of eight.
_LATELY = ("came_4", "due_4", "came_8", "due_8")
_LATE = " + ".join(
    f"(CASE WHEN {what} THEN {1 << BITS * place}::bigint ELSE 0 END)"
    for place, what in enumerate(
        ("v.state = 0 AND v.at >= c.four", "v.at >= c.four", "v.state = 0")
    )
)
_LATE = f"{_LATE} + {1 << BITS * 3}::bigint"


def _sum(what: str, where: str) -> str:
    return f"coalesce(sum({what}) FILTER (WHERE {where}), 0)::bigint"


def _states() -> str:
    """The visits counted by their state, in as many numbers as it takes."""
    found = []
    for number, first in enumerate(range(0, len(_NAMES), _EACH)):
        # What most visits fail first comes first.
        where = " AND ".join(
            [f"v.state >= {first}"] * (first > 0)
            + [f"v.state < {first + _EACH}"] * (first + _EACH < len(_NAMES))
        )
        one = f"1::bigint << {BITS} * {_less('v.state', first)}"
        found.append(f"{_sum(one, where)} AS n{number}")
    return ", ".join(found)


def _mark(word: int, words: int) -> str:
    """The weeks of one word with a session attended; no week is beyond the last word."""
    where = " AND ".join(
        [f"v.week >= {WORD * word}"] * (word > 0)
        + [f"v.week < {WORD * (word + 1)}"] * (word + 1 < words)
        + ["v.state = 0"]
    )
    return f"(1::bigint << {_less('v.week', WORD * word)}) FILTER (WHERE {where})"


def _less(number: str, first: int) -> str:
    """A number counted from ``first``; nothing is taken away of each row where that is 0."""
    return f"({number} - {first})" if first else number


def counts(words: int) -> str:
    """What became of the sessions of a part; of days that touch so many times 64 weeks.

    Those within the days; of all until then ``ever`` and ``made``; of the last whole weeks.
    ``weeks`` is the number of weeks with a session attended, ``odd`` of those with an odd number.
    """
    said = ", ".join(
        [f"{_count(f'n.n{at // _EACH}', at % _EACH)} AS {name}" for at, name in enumerate(_NAMES)]
        + [f"{_count('n.lately', at)} AS {name}" for at, name in enumerate(_LATELY)]
    )
    marks = [_mark(word, words) for word in range(words)]
    weeks, odd = (
        " + ".join(f"coalesce(bit_count(({kind}{mark})::bit(64)), 0)" for mark in marks)
        for kind in ("bit_or", "bit_xor")
    )
    eight = "greatest(c.eight, p.reach)"
    late = _sum(_LATE, f"v.at >= c.eight AND v.at < c.over AND v.state <= {_DUE}")
    visits = f"SELECT v.id, {_STATE} AS state, lower(v.during) AS at FROM training_visit v"
    return f"""
(
    SELECT {said}, n.weeks, n.odd, {_count("n.n0", 0)} + {_count("n.before", 0)} AS ever,
        {_count("n.n2", 0)} + {_count("n.before", 1)} AS made
    FROM (
        SELECT n.n0, n.n1, n.n2, n.weeks, n.odd,
            CASE WHEN p.reach < p.since THEN (
                SELECT count(*) FILTER (WHERE {sql.REGULAR})
                    + (count(*) FILTER (WHERE v.purpose = 'make_up') << {BITS})
                FROM training_visit v
                WHERE {sql.within("p.reach", "least(p.since, p.till)")} AND {sql.CAME}
            ) ELSE 0 END AS before,
            CASE WHEN {eight} >= p.since THEN n.lately ELSE (
                SELECT {late} FROM (
                    {visits} WHERE {sql.within(eight, "least(c.over, p.till)")} OFFSET '0'
                ) v
            ) END AS lately
        FROM (
            SELECT {_states()}, {late} AS lately, ({weeks})::int AS weeks, ({odd})::int AS odd
            FROM (
                SELECT {_STATE} AS state, lower(v.during) AS at,
                    width_bucket(lower(v.during), c.weeks) AS week
                FROM training_visit v WHERE {sql.within("p.since", "p.till")} OFFSET '0'
            ) v
        ) n
        OFFSET '0'
    ) n
)
"""


#: ``looked``: how many sessions were made up, and how many are credited: each week of the program
#: with as many as it has at most. It is NULL where nothing was made up and no week is crowded, for
#: then all that were attended are. Weeks of one or two sessions are told from their numbers, others
#: are looked at.
CREDIT = f"""
(
    SELECT CASE
        WHEN p.alone AND x.made = 0 AND NOT c.later AND (p.frequency IS NULL
            OR x.attended <= p.frequency OR x.attended =
                CASE p.frequency WHEN 1 THEN x.weeks WHEN 2 THEN 2 * x.weeks - x.odd END)
            THEN NULL
        ELSE (
            SELECT ARRAY[count(*) FILTER (WHERE z.repaid),
                count(*) - count(*) FILTER (WHERE z.week = z.before)]
            FROM {sql.CREDITED} z
        ) END AS looked
    OFFSET '0'
)
"""
REPAID, CREDITED = "coalesce(y.looked[1], 0)", "coalesce(y.looked[2], x.attended)"
