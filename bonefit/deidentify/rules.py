"""What may become of a column, as SQL: ``c`` is the column, ``t`` its row, ``o`` its clinic's move.

Functions in ``pg_temp`` are those of ``functions.sql``. They work with a secret that is made for
one run and thrown away, so that nobody can find out afterwards what stood there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """``sql`` takes the column's place; ``None`` keeps it. ``words`` are for people.

    One that is ``by_type`` has an expression for each type of column.
    """

    words: str
    sql: str | None = None
    by_type: Mapping[str, str] | None = None

    def of(self, type_: str) -> str | None:
        """The expression for a column of this PostgreSQL type. KeyError where it has none."""
        return self.sql if self.by_type is None else self.by_type[type_]


_MOMENT = "(({0} AT TIME ZONE o.zone) - o.back) AT TIME ZONE o.zone"
_RANGE = (
    "CASE WHEN c IS NULL THEN NULL ELSE tstzrange("
    + _MOMENT.format("lower(c)")
    + ", "
    + _MOMENT.format("upper(c)")
    + ", CASE WHEN lower_inc(c) THEN '[' ELSE '(' END"
    + " || CASE WHEN upper_inc(c) THEN ']' ELSE ')' END) END"
)
_EMPTIED = "CASE WHEN c IS NULL OR c = '' THEN c ELSE '–' END"

RULES: Mapping[str, Rule] = {
    "keep": Rule("kept"),
    "text": Rule("emptied: a dash where something stood", _EMPTIED),
    "empty": Rule("emptied", "''"),
    "null": Rule("taken out", "NULL"),
    "zero": Rule("0", "0"),
    "code": Rule(
        "kept where bonefit itself writes it, a number or a time; else a token",
        "pg_temp.coded(c, o.days, o.months, o.zone)",
    ),
    "json": Rule(
        "numbers, and words that bonefit itself writes; days moved; all else emptied",
        "pg_temp.respelled(c, o.clinic)",
    ),
    "known": Rule(
        "kept where it is bonefit's own; else a number",
        "CASE WHEN c = '' OR pg_temp.is_known(c) THEN c ELSE '{noun} ' || t.id END",
    ),
    "known_slug": Rule(
        "kept where it is bonefit's own; else a number",
        "CASE WHEN pg_temp.is_known(c) THEN c ELSE '{slug}-' || t.id END",
    ),
    "known_text": Rule(
        "kept where it is bonefit's own; else emptied",
        "CASE WHEN c = '' OR pg_temp.is_known(c) THEN c ELSE '–' END",
    ),
    "label": Rule("a number in its place", "'{noun} ' || t.id"),
    "slug": Rule("a number in its place", "'{slug}-' || t.id"),
    "room": Rule(
        "a token in its place, the same for the same room",
        "CASE WHEN c = '' THEN '' ELSE 'Room ' || upper(left(pg_temp.of_secret("
        "'room ' || t.clinic_id || ' ' || c), 6)) END",
    ),
    "uid": Rule("another one, the same wherever it stood", "pg_temp.other_uid(c)"),
    "chance": Rule("chance", "pg_temp.of_secret('chance {noun} ' || t.id)"),
    "no_file": Rule("a name without a file", "'taken-out/' || t.id"),
    "no_password": Rule(
        "one that nothing opens", "'!' || left(pg_temp.of_secret('!' || t.id), 40)"
    ),
    "user_name": Rule("an invented name", "pg_temp.person('user ' || t.id)"),
    "user_email": Rule("person-1@example.invalid", "'person-' || {user} || '@example.invalid'"),
    "client_name": Rule("an invented name; of who has a log-in, that one's", "{client_name}"),
    "client_email": Rule(
        "client-1@example.invalid; of who has a log-in, that one's",
        "CASE WHEN c = '' THEN '' ELSE coalesce('person-' || {client_user}, 'client-' || t.id)"
        " || '@example.invalid' END",
    ),
    "name": Rule(
        "an invented name",
        "CASE WHEN c = '' THEN '' ELSE pg_temp.person('{noun} ' || t.id) END",
    ),
    "sex": Rule(
        "kept; what fewer than five of a clinic's clients have is what most have",
        "coalesce((SELECT r.usual FROM pg_temp.rare r"
        " WHERE r.clinic = t.clinic_id AND r.sex = c), c)",
    ),
    "born": Rule(
        "moved, then the first of July; everybody over 89 as one",
        "make_date(greatest(extract(year FROM c - o.days)::int, o.oldest), 7, 1)",
    ),
    "month": Rule("moved by whole months", "(c - make_interval(months => o.months))::date"),
    "long_ago": Rule("1 January 2000", "timestamptz '2000-01-01 00:00+00'"),
    "moved": Rule(
        "moved by its clinic's whole weeks",
        by_type={
            "date": "c - o.days",
            "timestamptz": _MOMENT.format("c"),
            "tstzrange": _RANGE,
        },
    ),
}
