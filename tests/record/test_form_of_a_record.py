"""The form of a copy is documented, and each copy has that form."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from pypdf import PdfReader

from bonefit.clients.models import Client, Document
from sessions.management.commands import write_record_page
from sessions.models import SessionNote
from sessions.record import paper, schema
from sessions.record.page import as_markdown
from sessions.record.reading import columns, read
from sessions.record.tables import TABLES
from tests.doors import FRIDAY, World
from tests.record.copying import record_in, written

PAGE = Path(settings.BASE_DIR) / "docs" / "record.md"
KINDS: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "boolean": (bool,)}


def test_the_page_says_what_the_record_has():
    """If this fails: python manage.py write_record_page, and think of VERSION."""
    assert PAGE.read_text(encoding="utf-8") == as_markdown()


def test_the_command_writes_the_page(monkeypatch, tmp_path):
    monkeypatch.setattr(write_record_page, "DOCUMENT", tmp_path / "record.md")
    call_command("write_record_page", stdout=StringIO())
    assert (tmp_path / "record.md").read_text(encoding="utf-8") == as_markdown()


def test_the_dictionary_describes_each_column_of_each_table():
    lines = list(csv.DictReader(StringIO(schema.dictionary().removeprefix("\ufeff"))))
    told = {(one["table"], one["column"]) for one in lines}
    assert told == {(table.name, one.name) for table in TABLES for _, one in columns(table)}
    assert all(one["meaning"] and one["kind"] in schema.KINDS for one in lines)
    status = next(one for one in lines if (one["table"], one["column"]) == ("sessions", "status"))
    assert "no_show = No-show" in status["codes"]


def misfits(data: Any, form: dict[str, Any], where: str = "") -> list[str]:
    """Where a value is not of its JSON Schema, by the words of it that ours uses."""
    said = form.get("type")
    wanted = [said] if isinstance(said, str) else said
    if "const" in form:
        return [] if data == form["const"] else [where]
    if wanted is None:
        return []
    if data is None:
        return [] if "null" in wanted else [where]
    if isinstance(data, dict):
        if wanted != ["object"] or data.keys() != form["properties"].keys():
            return [where]
        return [
            w for k, v in data.items() for w in misfits(v, form["properties"][k], f"{where}.{k}")
        ]
    if isinstance(data, list):
        if wanted != ["array"]:
            return [where]
        return [w for n, v in enumerate(data) for w in misfits(v, form["items"], f"{where}[{n}]")]
    good = {one for kind in wanted if kind in KINDS for one in KINDS[kind]}
    if type(data) not in good:
        return [where]
    if form.get("format") == "date-time" and datetime.fromisoformat(data).tzinfo is None:
        return [where]
    return []


def test_a_copy_is_of_the_schema_that_lies_beside_it(world: World):
    zip_ = written(world.north.client, FRIDAY)
    form = json.loads(zip_.read("record.schema.json"))
    assert form == schema.schema()
    record = record_in(zip_)
    assert misfits(record, form) == []
    record["tables"]["sets"][0]["reps"] = "five"
    del record["tables"]["falls"][0]["injured"]
    assert misfits(record, form) == [".tables.sets[0].reps", ".tables.falls[0]"]


def test_each_csv_has_its_columns_and_as_many_lines_as_the_json_rows(world: World):
    zip_ = written(world.north.client, FRIDAY)
    record = record_in(zip_)["tables"]
    for table in TABLES:
        text = zip_.read(f"tables/{table.name}.csv").decode("utf-8-sig")
        head, *lines = list(csv.reader(io.StringIO(text)))
        assert head == [one.name for _, one in columns(table)]
        assert len(lines) == len(record[table.name]), table.name


def test_text_that_looks_like_a_formula_is_text_and_a_figure_stays_a_figure(world: World):
    client = world.north.client
    Client.objects.filter(pk=client.pk).update(notes="=1+1")
    zip_ = written(client, FRIDAY)
    assert ",'=1+1," in zip_.read("tables/person.csv").decode()
    assert record_in(zip_)["tables"]["person"][0]["notes"] == "=1+1"
    assert ",40," in zip_.read("tables/sets.csv").decode()


def test_moments_are_by_the_clinic_s_clock_and_say_how_far_from_utc_it_is(world: World):
    record = record_in(written(world.north.client, FRIDAY))
    assert record["as_at"] == "2026-03-13T12:00:00+10:00"
    harbor = record_in(written(world.harbor.client, FRIDAY))
    assert harbor["as_at"] == "2026-03-12T22:00:00-04:00"
    assert record["tables"]["sets"][0]["load"] == "40"


def test_her_papers_lie_in_the_folder_byte_by_byte(world: World):
    document: Document = world.north.papers.document
    zip_ = written(world.north.client, FRIDAY)
    (row,) = [one for one in record_in(zip_)["tables"]["papers"] if one["id"] == document.pk]
    assert row["file"] == f"files/scan-{document.pk}.pdf"
    with document.file.open("rb") as kept:
        assert zip_.read(row["file"]) == kept.read()


def test_a_file_that_is_missing_is_said_and_stops_nothing(world: World):
    document: Document = world.north.papers.document
    Document.objects.filter(pk=document.pk).update(file="documents/gone.pdf")
    record = record_in(written(world.north.client, FRIDAY))
    (row,) = [one for one in record["tables"]["papers"] if one["id"] == document.pk]
    assert row["file"] is None


# --- the paper ------------------------------------------------------------------------------------


def pages(world: World) -> str:
    zip_ = written(world.north.client, FRIDAY)
    return "\n".join(
        page.extract_text() for page in PdfReader(io.BytesIO(zip_.read("record.pdf"))).pages
    )


def test_the_paper_reads_as_sentences_about_her(world: World):
    text = " ".join(pages(world).split())
    for said in (
        f"The record of {world.north.client.name}",
        "As at 13 March 2026, 12:00",
        "Deadlift",
        "40 kg × 5",
        "Training with heavy loads",
        "Scan report",
        "Timed up and go",
        "Client’s page",
    ):
        assert said in text, said
    assert "no_show" not in text, "a code is told in words"


def test_a_name_that_looks_like_an_instruction_is_a_name(world: World):
    client = world.north.client
    Client.objects.filter(pk=client.pk).update(name='#panic("x") *Cal*')
    assert '#panic("x") *Cal*' in pages(world)


def test_of_a_note_the_newest_version_is_on_paper_and_all_are_in_the_tables(world: World):
    visit, by = world.north.silent, world.cast.ana
    for version, text in ((2, "Knee swollen."), (3, "Knee well again.")):
        SessionNote.objects.create(
            clinic=by.clinic,
            visit=visit,
            version=version,
            assessment=text,
            signed_by=by,
            signed_at=FRIDAY,
        )
    text = pages(world)
    assert "Knee well again." in text
    assert "Knee swollen." not in text
    notes = record_in(written(world.north.client, FRIDAY))["tables"]["notes"]
    assert [one["assessment"] for one in notes] == ["", "Knee swollen.", "Knee well again."]


def test_a_long_table_says_how_many_rows_are_in_the_folder(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(paper, "MOST_ROWS", 1)
    client = Client.objects.select_related("clinic").get(pk=world.north.client.pk)
    page = paper.page_of(read(client), client, FRIDAY)
    decisions = next(one for one in page["sections"] if one["title"].startswith("Decisions"))
    assert len(decisions["rows"]) == 1
    assert decisions["more"] > 0
