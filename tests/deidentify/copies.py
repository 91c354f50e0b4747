"""A copy of a database: what is in it, marks on everything that somebody could have written."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.apps import apps
from django.db import connection, models
from psycopg.errors import IntegrityError

from bonefit.backups import postgres
from bonefit.deidentify.declared import TABLES
from bonefit.deidentify.dropped import DROPPED
from bonefit.deidentify.table import HEAD
from bonefit.embedded import Cluster
from programs import plans
from tests.plumbing import use

#: No word of anybody's. Short: some columns take twelve characters. Not so short that it comes
#: about among the random numbers in the server's files: four letters do, once in a thousand runs.
MARK = "zqxjkv"
_SAID = f'{{"{MARK}key": "{MARK} said", "{MARK}": {{"one": ["{MARK}", "{MARK} and more"]}}}}'
_KEYS = """
SELECT r.oid::regclass::text, p.oid::regclass::text,
    (SELECT array_agg(attname::text ORDER BY n) FROM unnest(f.conkey) WITH ORDINALITY k (num, n)
     JOIN pg_attribute ON attrelid = r.oid AND attnum = num),
    (SELECT array_agg(attname::text ORDER BY n) FROM unnest(f.confkey) WITH ORDINALITY k (num, n)
     JOIN pg_attribute ON attrelid = p.oid AND attnum = num)
FROM pg_constraint f JOIN pg_class r ON r.oid = f.conrelid JOIN pg_class p ON p.oid = f.confrelid
WHERE f.contype = 'f'
"""


@dataclass(frozen=True)
class Copy:
    cluster: Cluster
    name: str

    @property
    def owner(self) -> str:
        return self.cluster.url("bonefit_owner", self.name)

    @contextmanager
    def superuser(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """No trigger, no key and no policy is in its way."""
        with self.cluster.connect(database=self.name) as sees:
            sees.execute(b"SET session_replication_role = replica")
            yield sees

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.superuser() as sees:
            return sees.execute(query.encode()).fetchall()

    def dump(self) -> str:
        """Everything that a dump of it says, as SQL."""
        to, environment = postgres.arguments(self.cluster.url("bonefit_backup", self.name), "it")
        done = subprocess.run(
            [postgres.program("pg_dump", ""), to, "--format=plain"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def holding(self, words: bytes) -> list[str]:
        """Tables, also PostgreSQL's own, in whose files some words stand."""
        with self.superuser() as sees:
            sees.execute(b"CHECKPOINT")
            query = b"SELECT oid FROM pg_database WHERE datname = current_database()"
            ((oid,),) = sees.execute(query).fetchall()
            folder = self.cluster.data / "base" / str(oid)
            nodes = {
                path.name.partition(".")[0].partition("_")[0]
                for path in folder.iterdir()
                if path.name[0].isdigit() and words in path.read_bytes()
            }
            named = "SELECT pg_filenode_relation(0, %s)::regclass::text"
            return sorted(str(sees.execute(named, [node]).fetchall()[0][0]) for node in nodes)

    def loose_ends(self) -> list[str]:
        """Keys that lead nowhere."""
        found = []
        for child, parent, here, there in self.rows(_KEYS):
            on = " AND ".join(f'c."{a}" = p."{b}"' for a, b in zip(here, there, strict=True))
            said = " AND ".join(f'c."{a}" IS NOT NULL' for a in here)
            query = (
                f"SELECT count(*) FROM {child} c WHERE {said}"
                f" AND NOT EXISTS (SELECT FROM {parent} p WHERE {on})"
            )
            if self.rows(query) != [(0,)]:
                found.append(f"{child} {here}")
        return found

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Django works on it, as the app."""
        before = connection.settings_dict["NAME"]
        use("bonefit_app", self.name, self.cluster)
        plans.forget()
        try:
            yield
        finally:
            connection.close()
            plans.forget()
            use("bonefit_app", before, self.cluster)


def people_in() -> Iterator[tuple[type[models.Model], list[models.Field[Any, Any]]]]:
    """Every model with the fields of it that are not declared to stay as they are."""
    for model in apps.get_models(include_auto_created=True):
        fields = list(model._meta.concrete_fields)
        if model._meta.label not in DROPPED:
            rules = TABLES[model._meta.label].fields
            fields = [
                one for one in fields if one.name not in HEAD and rules[one.name].words != "kept"
            ]
        yield model, fields


def mark(copy: Copy) -> int:
    """Write the mark into every text and every JSON that is not kept; how many columns took it."""
    marked = 0
    with copy.superuser() as sees:
        for model, fields in people_in():
            table = model._meta.db_table
            # PostgreSQL's own look at it would keep the rows of that moment alive.
            sees.execute(f'ALTER TABLE "{table}" SET (autovacuum_enabled = false)'.encode())
            for one in fields:
                for value in _marked(one):
                    try:
                        with sees.transaction():
                            done = sees.execute(
                                f'UPDATE "{table}" SET "{one.column}" = {value}'.encode()
                            )
                            marked += done.rowcount > 0
                        break
                    except IntegrityError:  # a rule about blank and said: mark what is said
                        continue
    return marked


def _marked(one: models.Field[Any, Any]) -> list[str]:
    column = f'"{one.column}"'
    kind = one.get_internal_type()
    if kind == "JSONField":
        whole = f"CASE jsonb_typeof({column}) WHEN 'array' THEN {column} || '[\"{MARK}\"]' "
        whole += f"WHEN 'object' THEN {column} || '{_SAID}' ELSE '{_SAID}' END"
        return [whole, f"CASE WHEN {column} IS NULL THEN NULL ELSE '{_SAID}'::jsonb END"]
    if (
        one.remote_field
        or one.choices
        or kind not in ("CharField", "TextField", "SlugField", "EmailField", "FileField")
    ):
        return []
    pk = one.model._meta.pk
    assert pk is not None
    longest = f"left('{MARK}' || \"{pk.column}\" || {column}, {one.max_length or 10_000})"
    return [longest, f"CASE WHEN {column} = '' THEN '' ELSE {longest} END"]
