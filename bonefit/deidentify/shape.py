"""The tables of a database, and what has to stand aside while all of their rows change at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.apps import apps
from psycopg import sql

from .declared import check
from .table import Undeclared

_COLUMNS = """
SELECT c.relname, a.attname, t.typname FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
ORDER BY 1, a.attnum
"""
# What holds rows beside the tables of ``public``, and is in a dump or in the files all the same. A
# view holds none, and neither do tables of this session.
_BESIDE = r"""
SELECT CASE c.relkind WHEN 'm' THEN 'the materialized view ' WHEN 'f' THEN 'the foreign table '
    ELSE 'the table ' END || n.nspname || '.' || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^(pg_|information_schema$)' AND (
    c.relkind IN ('m', 'f') OR c.relkind IN ('r', 'p') AND n.nspname <> 'public')
UNION ALL SELECT 'the large object ' || oid FROM pg_largeobject_metadata ORDER BY 1
"""
# A row that moves may meet one that has not moved yet, which these would refuse half way. Those
# that a key of another table rests on have no column that changes.
_CONSTRAINTS = """
SELECT r.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k
JOIN pg_class r ON r.oid = k.conrelid
WHERE k.connamespace = 'public'::regnamespace AND k.contype IN ('u', 'x')
  AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = k.conindid)
ORDER BY 1, 2
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
WHERE i.indisunique AND NOT i.indisprimary
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
ORDER BY 1
"""
_TRIGGERS = """
SELECT c.relname, g.tgname, g.tgenabled::text FROM pg_trigger g
JOIN pg_class c ON c.oid = g.tgrelid AND c.relnamespace = 'public'::regnamespace
WHERE NOT g.tgisinternal AND g.tgenabled <> 'D' ORDER BY 1, 2
"""
_KEYS = """
SELECT r.relname, p.relname FROM pg_constraint f
JOIN pg_class r ON r.oid = f.conrelid JOIN pg_class p ON p.oid = f.confrelid
WHERE f.contype = 'f' AND f.conrelid <> f.confrelid
"""
# Numbers stay as they are in all tables, and are what policies and keys rest on.
_STATISTICS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
  AND t.typname NOT IN ('bool', 'int2', 'int4', 'int8')
ORDER BY a.attnum
"""
# Triggers that name columns of their table.
_NAMING = """
SELECT tgname, pg_get_triggerdef(oid), tgenabled = 'D' FROM pg_trigger
WHERE tgrelid = %s::regclass AND NOT tgisinternal AND (tgqual IS NOT NULL OR tgattr <> '')
ORDER BY 1
"""
_AGAIN = {"O": "ENABLE TRIGGER", "A": "ENABLE ALWAYS TRIGGER", "R": "ENABLE REPLICA TRIGGER"}

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass
class Shape:
    """Each table's columns with their types, and its model's label ("" where it has none)."""

    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


def shape(connection: Connection) -> Shape:
    """What there is. Raises Undeclared where that is not what was declared."""
    if beside := [name for (name,) in connection.execute(_BESIDE).fetchall()]:
        raise Undeclared(
            f"Nobody has said what becomes of {'; '.join(beside)}: drop it from the copy first."
        )
    found = Shape()
    for table, column, type_ in connection.execute(_COLUMNS).fetchall():
        found.columns.setdefault(table, {})[column] = type_
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    named: dict[str, tuple[str, frozenset[str]]] = {}
    for table, columns in found.columns.items():
        model = models.get(table)
        found.labels[table] = "" if model is None else model._meta.label
        fields = {} if model is None else {f.column: f.name for f in model._meta.concrete_fields}
        # A column that is no model's goes by its own name, and is declared by nobody.
        names = frozenset(fields.get(column, column) for column in columns)
        named[table] = found.labels[table], names
    check(named)
    return found


@dataclass
class Aside:
    """Triggers, unique and excluding constraints that are off, and how they come back."""

    back: list[sql.Composed] = field(default_factory=list)

    def take(self, connection: Connection) -> None:
        """Take them off, in the transaction that is open."""
        for table, name, how in connection.execute(_TRIGGERS).fetchall():
            self._one("ALTER TABLE {} DISABLE TRIGGER {}", table, name, connection)
            again = "ALTER TABLE {} " + _AGAIN[how] + " {}"
            self.back.append(_said(again, table, name))
        for table, name, text in connection.execute(_CONSTRAINTS).fetchall():
            self._one("ALTER TABLE {} DROP CONSTRAINT {}", table, name, connection)
            self.back.append(_said("ALTER TABLE {} ADD CONSTRAINT {} " + text, table, name))
        for name, text in connection.execute(_INDEXES).fetchall():
            connection.execute(f"DROP INDEX {name}".encode())
            self.back.append(sql.Composed([_raw(text)]))

    def put_back(self, connection: Connection) -> None:
        """Put them back as they were; the database looks at every row."""
        for statement in self.back:
            connection.execute(statement)

    def _one(self, statement: str, table: str, name: str, connection: Connection) -> None:
        connection.execute(_said(statement, table, name))


def emptied_at_once(connection: Connection, dropped: set[str]) -> set[str]:
    """Those of some tables that no key of another table leads to: they need not be gone through."""
    keys = connection.execute(_KEYS).fetchall()
    found = set(dropped)
    while True:
        led_to = {parent for child, parent in keys if parent in found and child not in found}
        if not led_to:
            return found
        found -= led_to


def forget_statistics(connection: Connection, tables: Iterable[str]) -> None:
    """Take away what PostgreSQL noted of the columns of those tables that are empty.

    It notes anew what it finds in rows, and leaves its notes as they were where it finds none. Only
    a superuser may delete them; giving a column the type that it has takes them away too.
    """
    for table in tables:
        named = sql.Identifier("public", table)
        query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(named)
        if connection.execute(query).fetchall() == [(False,)]:
            _columns_anew(connection, table, named)


def _columns_anew(connection: Connection, table: str, named: sql.Identifier) -> None:
    """Give the columns of a table the types that they have."""
    which = [named.as_string(connection)]
    # PostgreSQL changes no column that a trigger names, so these make room for the moment.
    naming = connection.execute(_NAMING, which).fetchall()
    for name, _, _ in naming:
        connection.execute(_said("DROP TRIGGER {} ON {}", name, table))
    each = [
        sql.SQL("ALTER COLUMN {} TYPE {}").format(sql.Identifier(column), _raw(type_))
        for column, type_ in connection.execute(_STATISTICS, which).fetchall()
    ]
    if each:
        connection.execute(sql.SQL("ALTER TABLE {} {}").format(named, sql.SQL(", ").join(each)))
    for name, text, off in naming:
        connection.execute(_raw(text))
        if off:
            connection.execute(_said("ALTER TABLE {} DISABLE TRIGGER {}", table, name))


def _said(statement: str, *names: str) -> sql.Composed:
    # PostgreSQL's own words about a constraint may have braces in them.
    first, second, rest = statement.split("{}", 2)
    one, other = (sql.Identifier(name) for name in names)
    return sql.Composed([_raw(first), one, _raw(second), other, _raw(rest)])


def _raw(text: str) -> sql.SQL:
    return sql.SQL(text)  # ours, or what PostgreSQL said of itself
