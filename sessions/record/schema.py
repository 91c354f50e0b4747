"""The form of a record's JSON: as a JSON Schema beside it, as its dictionary, and as a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from bonefit.sheets import BYTE_ORDER_MARK

from .reading import columns
from .table import Column, Table
from .tables import LEFT_OUT, TABLES

#: Rises whenever a reader of an older record would misread a newer one.
VERSION = "bonefit-record-1"

_TYPES: dict[str, dict[str, Any]] = {
    "integer": {"type": ["integer", "null"]},
    "row": {"type": ["integer", "null"]},
    "yes_no": {"type": ["boolean", "null"]},
    "json": {},
    "day": {"type": ["string", "null"], "format": "date"},
    "moment": {"type": ["string", "null"], "format": "date-time"},
}
_TEXT: dict[str, Any] = {"type": ["string", "null"]}
KINDS: dict[str, str] = {
    "text": "text",
    "integer": "whole number",
    "decimal": "number as text, so that no reader rounds it",
    "yes_no": "true or false; in CSV yes or no",
    "day": "day, as 2026-03-05",
    "moment": "moment by the clinic’s clock with its offset from UTC, ISO 8601",
    "time": "time of day, as 09:00",
    "span": "two moments with a stroke between them, ISO 8601",
    "json": "any JSON; in CSV as text",
    "file": "place of the file in the folder",
    "person": "name of who worked here, else what that person is to the client",
    "thing": "something of the clinic, in words",
    "row": "number of a row of the table named beside it",
}


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of ``record.json``."""
    tables = {table.name: _of_table(table) for table in TABLES}
    text = {"type": "string"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Everything that is kept about one client",
        "type": "object",
        "additionalProperties": False,
        "required": ["schema", "as_at", "clinic", "tables"],
        "properties": {
            "schema": {"const": VERSION},
            "as_at": {"type": "string", "format": "date-time"},
            "clinic": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "address", "phone", "time_zone", "unit"],
                "properties": dict.fromkeys(
                    ("name", "address", "phone", "time_zone", "unit"), text
                ),
            },
            "tables": {
                "type": "object",
                "additionalProperties": False,
                "required": list(tables),
                "properties": tables,
            },
        },
    }


def _of_table(table: Table) -> dict[str, Any]:
    properties = {column.name: _of_column(column) for _, column in columns(table)}
    return {
        "type": "array",
        "description": table.about,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": list(properties),
            "properties": properties,
        },
    }


def _of_column(column: Column) -> dict[str, Any]:
    return {**_TYPES.get(column.kind, _TEXT), "description": column.meaning}


def dictionary() -> str:
    """Every column of every table as CSV: kind, meaning, what may stand there."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(["table", "column", "kind", "points at", "meaning", "codes"])
    for table in TABLES:
        for _, one in columns(table):
            codes = "; ".join(f"{code} = {words}" for code, words in one.codes)
            writer.writerow([table.name, one.name, one.kind, one.table, one.meaning, codes])
    return out.getvalue()


def left_out() -> Iterator[tuple[str, str, str]]:
    """What is not in a record: table, column ("" is all of it), reason."""
    for table in TABLES:
        for name, reason in table.out.items():
            yield table.name, name, reason
    for model, reason in LEFT_OUT.items():
        yield str(model._meta.verbose_name), "", reason
