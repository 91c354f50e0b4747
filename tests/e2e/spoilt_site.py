"""A demo site in which every text that somebody may have typed is a script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
from django.apps import apps
from django.db import models
from psycopg import sql

from tests.servers import Site

#: Runs in every place where text could become more than text: it closes a quote and a tag, and the
#: picture does not exist. Short, so that it fits where a name fits.
ATTACK = "'\"><img src=x onerror=__hit=1>"
#: What nobody types, though it is text: words that the code itself wrote and looks up again.
OF_THE_CODE = frozenset(
    {
        *("slug", "timezone", "token", "token_hash", "secret", "sealed", "key", "hash", "file"),
        *("file_name", "path", "session_key", "codename", "app_label", "model", "password", "type"),
        *("sha256", "digest", "content_hash", "password_hash", "email", "lift", "kind", "rule"),
        *("nonce", "questionnaire", "fact", "view", "directive", "source", "route", "fingerprint"),
        *("subject", "evidence_key", "query", "table", "substitute_for"),
    }
)
OURS = ("clinics", "clients", "programs", "training")
#: Kept and never shown as they are, or made from other rows again.
NOT_SHOWN = ("clinics_beat", "clinics_seal", "clinics_rowchange", "clinics_knowntoken")


def texts() -> Iterator[tuple[str, str, str, int]]:
    """Table, key, column and room of each text that somebody may have typed."""
    for model in apps.get_models():
        meta = model._meta
        if meta.app_label not in OURS or meta.db_table in NOT_SHOWN or meta.pk is None:
            continue
        for one in meta.concrete_fields:
            if not isinstance(one, models.CharField | models.TextField) or one.primary_key:
                continue
            room = one.max_length or 10_000
            if one.choices or isinstance(one, models.EmailField | models.SlugField):
                continue
            if room >= len(ATTACK) + 3 and one.name not in OF_THE_CODE:
                yield meta.db_table, meta.pk.column, one.column, room


def documents() -> Iterator[tuple[str, str, str]]:
    """Table, key and column of each JSON in which there may be words of somebody."""
    for model in apps.get_models():
        meta = model._meta
        if meta.app_label in OURS and meta.db_table not in NOT_SHOWN and meta.pk is not None:
            for one in meta.concrete_fields:
                if isinstance(one, models.JSONField):
                    yield meta.db_table, meta.pk.column, one.column


def spoil(site: Site) -> list[str]:
    """Put the attack behind every such text; says the columns in which it stands now.

    What the app may not change (rows that are only added) stays as it is, as it would for whoever
    attacks: these hold copies of words that stand elsewhere, too.
    """
    done = []
    with psycopg.connect(site.rows_url, autocommit=True) as connection:
        for table, _, column, room in texts():
            written = sql.SQL(
                "UPDATE {table} SET {column} = left({column}, {kept}) || {attack}"
            ).format(
                table=sql.Identifier(table),
                column=sql.Identifier(column),
                kept=sql.Literal(room - len(ATTACK)),
                attack=sql.Literal(ATTACK),
            )
            if _taken(connection, written):
                done.append(f"{table}.{column}")
        for table, key, column in documents():
            if _spoil_documents(connection, table, key, column):
                done.append(f"{table}.{column}")
    return done


def _taken(connection: psycopg.Connection, statement: sql.Composable) -> int:
    """How many rows it changed; 0 where the database refuses it."""
    try:
        return connection.execute(statement).rowcount
    except psycopg.Error:
        return 0


def _spoil_documents(connection: psycopg.Connection, table: str, key: str, column: str) -> int:
    named = {"table": sql.Identifier(table), "key": sql.Identifier(key)}
    named["column"] = sql.Identifier(column)
    read = sql.SQL("SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL").format(**named)
    changed = 0
    for pk, said in connection.execute(read).fetchall():
        spoilt = spoilt_words(said)
        if spoilt != said:
            write = sql.SQL("UPDATE {table} SET {column} = {said} WHERE {key} = {pk}").format(
                said=sql.Literal(json.dumps(spoilt)), pk=sql.Literal(pk), **named
            )
            if not _taken(connection, write):
                return changed  # rows of it are only added
            changed += 1
    return changed


def spoilt_words(said: Any) -> Any:
    """Each text of more than one word has the attack behind it; keys and single words stay."""
    if isinstance(said, dict):
        return {key: spoilt_words(value) for key, value in said.items()}
    if isinstance(said, list):
        return [spoilt_words(value) for value in said]
    if isinstance(said, str) and " " in said.strip():
        return said + ATTACK
    return said


def refused(site: Site) -> list[tuple[Any, ...]]:
    """What browsers said that they refused."""
    with psycopg.connect(site.rows_url) as connection:
        found = connection.execute("SELECT view, directive, source FROM clinics_refusedbybrowser")
        return found.fetchall()
