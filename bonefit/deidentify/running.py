"""Make a copy one without people, in one transaction, and look that it is a copy."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from bonefit.backups import postgres
from bonefit.backups.errors import BackupError

from .declared import TABLES
from .dropped import DROPPED
from .files import written_anew
from .rules import RULES
from .shape import Aside, Connection, Shape, emptied_at_once, forget_statistics, shape
from .table import Table
from .words import words

ADDRESS = "--database-url"
#: A clinic's days go back by some whole weeks of these, so that weekdays and intervals stay.
FEWEST_WEEKS, MOST_WEEKS = 26, 260
#: What fewer of a clinic's clients have in common would say who they are.
SMALL = 5
#: Everybody who is older than this is as old as everybody else who is.
OLDEST = 89

_WHICH = "SELECT system_identifier, current_database() FROM pg_control_system()"
_NOT_OURS = """
SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'S')
AND relnamespace = 'public'::regnamespace AND NOT pg_has_role(relowner, 'USAGE')
"""
_RARE = """
CREATE TEMP TABLE rare ON COMMIT DROP AS
WITH of AS (SELECT clinic_id AS clinic, sex, count(*) AS people FROM clients_client GROUP BY 1, 2)
SELECT clinic, sex, (
    SELECT u.sex FROM of u WHERE u.clinic = of.clinic ORDER BY people DESC, u.sex LIMIT 1
) AS usual FROM of WHERE people < %s
"""
_MOVES = """
CREATE TEMP TABLE moves (clinic bigint PRIMARY KEY, zone text NOT NULL, days int NOT NULL,
    months int NOT NULL, back interval NOT NULL, oldest int NOT NULL) ON COMMIT DROP
"""
# Made by the server and told to nobody: one that logs its statements would write down what it is
# told. Two such numbers are 244 bits of chance.
_SECRET = """
DO $$ BEGIN
    PERFORM set_config('bonefit.chance', gen_random_uuid()::text || gen_random_uuid(), true);
END $$
"""
_MOVED = """
INSERT INTO pg_temp.moves
SELECT c.id, c.timezone, m.days, round(m.days / 30.4375), make_interval(days => m.days),
    extract(year FROM current_date - m.days)::int - %(oldest)s - 1
FROM clinics_clinic c CROSS JOIN LATERAL (
    SELECT 7 * (%(fewest)s + ('x' || left(pg_temp.of_secret('weeks ' || c.id), 12))::bit(48)::bigint
        %% %(choice)s)::int AS days
) m
"""
# Each key and string in JSON of each clinic, once: most stand in thousands of rows.
_SPELLED = """
CREATE TEMP TABLE spelled (clinic bigint, sum uuid, becomes text NOT NULL,
    PRIMARY KEY (clinic, sum)) ON COMMIT DROP
"""
_SPELL = r"""
INSERT INTO pg_temp.spelled
SELECT d.clinic, d.sum,
    to_json(pg_temp.coded(d.piece::jsonb #>> '{{}}', d.days, d.months, d.zone))::text
FROM (
    SELECT DISTINCT ON (o.clinic, md5(p.piece[1])) o.clinic, o.days, o.months, o.zone,
        p.piece[1] AS piece, md5(p.piece[1])::uuid AS sum
    FROM public."{table}" t, {moves},
        regexp_matches(t."{column}"::text, '"(?:[^"\\]|\\.)*"', 'g') p (piece) WHERE {on}
) d ON CONFLICT DO NOTHING
"""


class Refused(Exception):
    """It was not begun, or nothing of it was kept. The words are for whoever runs it."""


@dataclass(frozen=True)
class Done:
    """How many rows of how many tables were written anew, and how many tables were emptied."""

    tables: int
    rows: int
    emptied: int


def deidentify(
    address: str,
    *,
    name: str,
    again: str,
    deployed: Iterable[str],
    pause: Callable[[float], None] = time.sleep,
) -> Done:
    """Take the people out of the database at ``address``, which is its owner's.

    ``name`` and ``again`` are its name, as somebody wrote it twice. ``deployed`` are the addresses
    by which this site uses its own database, which is never touched. ``pause`` waits some seconds.
    Raises Refused, BackupError where a server does not let us in, Undeclared, and Unfinished.
    """
    if not name or name != again:
        raise Refused("The name of the copy was not written twice alike. Nothing was changed.")
    with postgres.connected(address, ADDRESS) as connection:
        _is_a_copy(connection, name, deployed)
        found = shape(connection)
        with connection.transaction():
            done = _changed(connection, found)
        # What was there before stands in the files until they are written anew, and in the
        # statistics of the columns.
        names = [*(("public", table) for table in found.columns), ("pg_catalog", "pg_statistic")]
        written_anew(connection, names, pause)
    return done


def _is_a_copy(connection: Connection, name: str, deployed: Iterable[str]) -> None:
    which = _one(connection, _WHICH)
    if which[1] != name:
        raise Refused(f"The address is that of {which[1]}, not of {name}. Nothing was changed.")
    for theirs in deployed:
        try:
            with postgres.connected(theirs, "this site") as site:
                same = _one(site, _WHICH) == which
        except BackupError as error:
            raise Refused(
                "The database of this site does not answer, so nobody can tell that the other one "
                "is not it. Nothing was changed."
            ) from error
        if same:
            raise Refused(
                f"{name} is the database of this site. It is never changed: restore a backup into "
                "another one, and name that."
            )
    if _one(connection, _NOT_OURS) != (0,):
        raise Refused("The address has to be that of bonefit_owner. Nothing was changed.")
    if others := postgres.others(connection):
        raise Refused(
            f"{others} others are connected to {name}: that is no copy, or wait until they are "
            "gone. Nothing was changed."
        )
    _is_of_this_release(connection)


def _is_of_this_release(connection: Connection) -> None:
    wanted = set(MigrationLoader(None).disk_migrations)
    query = "SELECT app, name FROM django_migrations"
    there = {(app, name) for app, name in connection.execute(query).fetchall()}
    if missing := wanted - there:
        app, name = min(missing)
        raise Refused(f"The copy is of an older bonefit ({app} {name}): migrate it first.")


def _changed(connection: Connection, found: Shape) -> Done:
    connection.execute("SET LOCAL work_mem = '64MB'")
    _prepare(connection)
    aside = Aside()
    aside.take(connection)
    rows = 0
    kept = {table: TABLES[label] for table, label in found.labels.items() if label in TABLES}
    for table, said in kept.items():
        rows += _rewrite(connection, table, said, found.columns[table])
    dropped = {table for table, label in found.labels.items() if label in DROPPED}
    at_once = emptied_at_once(connection, dropped)
    if at_once:
        names = sql.SQL(", ").join(sql.Identifier("public", table) for table in sorted(at_once))
        connection.execute(sql.SQL("TRUNCATE {}").format(names))
    for table in sorted(dropped - at_once):
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier("public", table)))
    # Keys are looked at now: what waits for the end of the transaction keeps tables from changing.
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    forget_statistics(connection, found.columns)
    aside.put_back(connection)
    return Done(len(kept), rows, len(dropped))


def _prepare(connection: Connection) -> None:
    """The secret of this run, the functions, the known words, each clinic's move."""
    connection.execute(_SECRET)
    connection.execute("CREATE TEMP TABLE known (sum uuid PRIMARY KEY) ON COMMIT DROP")
    connection.execute(Path(__file__).with_name("functions.sql").read_bytes())
    connection.execute(
        "INSERT INTO pg_temp.known SELECT DISTINCT md5(word)::uuid FROM unnest(%s::text[]) word",
        [sorted(words())],
    )
    connection.execute("ANALYZE pg_temp.known")
    connection.execute(_MOVES)
    connection.execute(_SPELLED)
    connection.execute(
        _MOVED, {"fewest": FEWEST_WEEKS, "choice": MOST_WEEKS - FEWEST_WEEKS + 1, "oldest": OLDEST}
    )
    connection.execute(_RARE, [SMALL])


def _rewrite(connection: Connection, table: str, said: Table, columns: dict[str, str]) -> int:
    """One UPDATE for all rows of a table; how many there are. Refused where it missed one."""
    named = {f.name: f.column for f in apps.get_model(said.label)._meta.concrete_fields}
    sets = []
    for name, rule in said.fields.items():
        column = named[name]
        if expression := rule.of(columns[column]):
            sets.append(f'"{column}" = {_written(expression, said, column)}')
    if not sets:
        return 0
    of = "id" if said.label == "clinics.Clinic" else "clinic_id"
    moves, on = "pg_temp.moves o", f"o.clinic = t.{of}"
    if of not in columns:
        moves, on = _OF_NO_CLINIC, "true"
    for name, rule in said.fields.items():
        if rule is RULES["json"]:
            spell = {"table": table, "column": named[name], "moves": moves, "on": on}
            query = _SPELL.format(**spell)
            connection.execute(query.encode())
            connection.execute("ANALYZE pg_temp.spelled")
    query = f'UPDATE public."{table}" t SET {", ".join(sets)} FROM {moves} WHERE {on}'
    changed = connection.execute(query.encode()).rowcount
    (there,) = _one(connection, f'SELECT count(*) FROM public."{table}"')
    if changed != there:
        raise Refused(
            f"{there - changed} rows of {table} belong to no clinic. Nothing was changed."
        )
    return changed


_C = re.compile(r"(?<![\w.])c(?![\w.])")
#: What is of no clinic has no days that move.
_OF_NO_CLINIC = "(SELECT 0 AS clinic, 0 AS days, 0 AS months, 'UTC'::text AS zone) o"
#: The log-in of a client, if she has one.
_USER = "(SELECT m.user_id FROM clinics_membership m WHERE m.id = t.membership_id)"


def _written(expression: str, said: Table, column: str) -> str:
    """A rule's expression for one column."""
    user = "t.id" if said.label == "clinics.User" else "t.user_id"
    hers = f"pg_temp.person(coalesce('user ' || {_USER}, 'client ' || t.id))"
    for word, meant in {
        "{noun}": said.noun,
        "{slug}": said.noun.lower().replace(" ", "-"),
        "{user}": user,
        "{client_name}": hers,
        "{client_user}": _USER,
    }.items():
        expression = expression.replace(word, meant)
    return _column_for_c(expression, column)


def _column_for_c(expression: str, column: str) -> str:
    """``c`` stands for the column, where it is a word by itself and in no string."""
    parts = expression.split("'")
    parts[::2] = [_C.sub(f't."{column}"', part) for part in parts[::2]]
    return "'".join(parts)


def _one(connection: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    found = connection.execute(query.encode()).fetchone()
    assert found is not None
    return tuple(found)
