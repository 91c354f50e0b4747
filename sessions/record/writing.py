"""A client's whole record as one ZIP: paper to read, tables, JSON with its schema, her files."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from bonefit.clients.models import Client
from bonefit.sheets import BYTE_ORDER_MARK

from . import paper, schema
from .reading import Read, Record, place_of, read
from .values import in_csv, moment, moment_words

#: Called with the steps that are done, and how many there are.
Tell = Callable[[int, int], None]
PIECE = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Written:
    """What is in a copy: rows of all tables together, and uploaded files."""

    rows: int
    papers: int


def write(
    client: Client, file: IO[bytes], *, as_at: datetime, tell: Tell, own: bool = True
) -> Written:
    """Write everything that is kept about a client, as it stands now; needs her ``clinic``.

    ``own``: she takes it herself, so that what is of her log-in is in it.
    """
    record = read(client, own=own)
    papers = [one for one in record["papers"].objects if place_of(one)]
    steps = len(record) + len(papers) + 5
    when = as_at.astimezone(client.clinic.tz).timetuple()[:6]
    done = 0
    with zipfile.ZipFile(file, "w") as out:

        def put(name: str, pieces: Iterable[bytes]) -> None:
            nonlocal done
            about = zipfile.ZipInfo(name, date_time=when)
            about.compress_type = zipfile.ZIP_DEFLATED
            with out.open(about, "w") as part:
                for piece in pieces:
                    part.write(piece)
            done += 1
            tell(done, steps)

        tell(0, steps)
        for one in record.values():
            put(f"tables/{one.table.name}.csv", [_csv(one).encode()])
        for document in papers:
            with document.file.open("rb") as kept:
                put(str(place_of(document)), kept.chunks(PIECE))
        put("record.pdf", [paper.set_on_paper(record, client, as_at)])
        put("record.json", [_json(as_json(record, client, as_at))])
        put("record.schema.json", [_json(schema.schema())])
        put("dictionary.csv", [schema.dictionary().encode()])
        put("read-me.txt", [_read_me(client, as_at).encode()])
    return Written(sum(len(one.rows) for one in record.values()), len(papers))


def as_json(record: Record, client: Client, as_at: datetime) -> dict[str, Any]:
    """The record as ``schema.schema`` describes it."""
    clinic = client.clinic
    return {
        "schema": schema.VERSION,
        "as_at": moment(as_at, clinic.tz),
        "clinic": {
            "name": clinic.name,
            "address": clinic.address,
            "phone": clinic.phone,
            "time_zone": clinic.timezone,
            "unit": clinic.unit,
        },
        "tables": {name: list(one.rows) for name, one in record.items()},
    }


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def _csv(one: Read) -> str:
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow([column.name for column in one.columns])
    for row in one.rows:
        writer.writerow([in_csv(row[column.name], column) for column in one.columns])
    return out.getvalue()


def _read_me(client: Client, as_at: datetime) -> str:
    clinic = client.clinic
    lines = [
        f"Everything that {clinic.name} keeps about one person,",
        f"as at {moment_words(as_at.astimezone(clinic.tz))}.",
        "",
        "record.pdf          to be read",
        "tables/             every row of every table, for a spreadsheet",
        "dictionary.csv      what each column of the tables means",
        "record.json         the same rows, for another program",
        "record.schema.json  the form of record.json (JSON Schema)",
        "files/              letters, reports and other papers that were uploaded",
        "",
        "This is health data. Keep it where nobody else can read it.",
        "",
        "Names are given of those who worked at the clinic. Nothing of other people is in here.",
        "What is left out, and why:",
        *(
            f"- {table}{f', {column}' if column else ''}: {reason}"
            for table, column, reason in schema.left_out()
        ),
    ]
    return "\r\n".join(lines) + "\r\n"
