"""All rows of one client's record, read at one moment, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, models, transaction

from bonefit.clients.models import Client, Document
from bonefit.clinics.models import User
from programs.models import ProgramVersion

from .table import PEOPLE, Column, Table, columns_of
from .tables import BY_MODEL, TABLES
from .values import plain


@dataclass(frozen=True, slots=True)
class Read:
    """One table with her rows: the objects themselves, and their values by column."""

    table: Table
    columns: tuple[Column, ...]
    objects: tuple[Any, ...]
    rows: tuple[dict[str, Any], ...]


Record = Mapping[str, Read]
ENDINGS = {Document.Type.PDF: "pdf", Document.Type.PNG: "png", Document.Type.JPEG: "jpg"}


def read(client: Client, *, own: bool = True) -> Record:
    """The whole record by the names of its tables; needs the client's ``clinic``.

    ``own`` False: without what is of her log-in, which may be of other clinics too. Everything is
    read as at one moment, where nobody holds a transaction already.
    """
    with _one_moment():
        return {table.name: _read(table, client, own) for table in TABLES}


@contextmanager
def _one_moment() -> Iterator[None]:
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@cache
def columns(table: Table) -> tuple[tuple[models.Field[Any, Any], Column], ...]:
    """The columns of a table, each with the field that it is read from."""
    return columns_of(table, BY_MODEL)


def _read(table: Table, client: Client, own: bool) -> Read:
    pairs = columns(table)
    rows_of = table.rows if own or table.for_clinic is None else table.for_clinic
    found = rows_of(client).select_related(*_beside(pairs)).order_by("pk")
    objects = tuple(found)
    rows = tuple(
        {
            c.name: table.made[c.name](one) if c.name in table.made else _value(one, f, c, client)
            for f, c in pairs
        }
        for one in objects
    )
    return Read(table, tuple(column for _, column in pairs), objects, rows)


def _beside(pairs: tuple[tuple[models.Field[Any, Any], Column], ...]) -> Iterator[str]:
    """What has to be read with a row so that no cell asks for more."""
    for of, column in pairs:
        target = of.related_model
        if column.kind == "person":
            assert target in PEOPLE
            yield of.name if target is User else f"{of.name}__user"
        elif column.kind == "thing":
            yield f"{of.name}__program" if target is ProgramVersion else of.name


def _value(one: Any, of: models.Field[Any, Any], column: Column, client: Client) -> Any:
    if column.kind == "row":
        return getattr(one, of.attname)
    if column.kind == "file":
        return place_of(one)
    return plain(getattr(one, of.name), column, client)


def place_of(document: Any) -> str | None:
    """Where an uploaded file stands in the folder; None where there is none any more.

    Its own name may say what is wrong with her, and whoever looks over her shoulder sees it.
    """
    kept = document.file
    if not kept or not kept.storage.exists(kept.name):
        return None
    return f"files/{document.kind}-{document.pk}.{ENDINGS[document.type]}"
