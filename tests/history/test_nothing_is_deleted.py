"""Nothing that says something of a client is deleted: it is voided, with a reason, and stays."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from bonefit.clinics.models import RowChange
from programs.models import Track
from sessions import moving
from tests.cast import NOW, Cast
from tests.programs.versions import newest, next_version, other_codes, three_sets
from tests.test_architecture import modules

#: Each place that deletes rows, how many times, and why that is no fact of anybody.
DELETES = {
    "bonefit.clinics.login_links": (1, "links that have long expired"),
    "bonefit.clinics.log_ins": (
        1,
        "what opened a door until its device was lost: recorded",
    ),
    "bonefit.clinics.browser_store": (1, "the key of a log-in, as a new one comes in its place"),
    "bonefit.clinics.open_log_ins": (3, "log-ins that are over, or that somebody ends"),
    "bonefit.clinics.tablet_pins": (1, "PINs of days that are over"),
    "bonefit.clinics.second_step": (2, "an app or recovery codes, as others come in their place"),
    "bonefit.clinics.tokens": (2, "hashes of secrets whose own rows are gone, or of all, undone"),
    "bonefit.deidentify.running": (2, "rows of a copy that is handed over, never of the site"),
    "bonefit.clients.importing.steps": (1, "what was wrong with a file that is read again"),
    "bonefit.clients.importing.running": (1, "what was wrong with a file that is read again"),
    "programs.drafts": (3, "drafts: nobody trains by one; a program of nothing but a draft"),
    "sessions.reviewing": (2, "notes that something is to be looked at"),
    "sessions.organiser_outbox": (1, "messages that went out long ago"),
    "sessions.staff_outbox": (1, "messages that went out long ago"),
    "sessions.outbox": (1, "messages that went out long ago"),
    "sessions.reports.delivered_kept": (3, "rows that are made anew from others"),
    "sessions.reports.rollups": (3, "rows that are made anew from others"),
    # The rota of classes to come. What was held, booked or waited for stays, as called off; who was
    # on the floor stays named. The history keeps the rows that go.
    "sessions.timetable": (1, "who is planned for a class, before she was there"),
    "sessions.seasons": (3, "classes to come that nobody was ever booked for, and who supervises"),
}


def deletions(source: str) -> Iterator[str]:
    """Each call of ``.delete()`` that is about rows."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            whose = ast.unparse(node.func.value)
            is_file = whose.startswith("storages[") or whose.endswith(".storage")
            if node.func.attr in ("delete", "_raw_delete") and not is_file:
                yield whose
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.upper()
            if "DELETE FROM" in words or "TRUNCATE" in words:
                yield node.value


def test_no_place_deletes_rows_but_those_that_say_why_here() -> None:
    found = Counter(
        name
        for name, file in modules().items()
        for _ in deletions(file.read_text())
        if not name.startswith("bonefit.demo")
    )
    assert dict(found) == {name: count for name, (count, _) in DELETES.items()}


@pytest.mark.parametrize(
    "line",
    [
        "Visit.objects.filter(pk=1).delete()",
        "visit.delete()",
        "rows._raw_delete('default')",
        "cursor.execute('delete from training_visit')",
    ],
)
def test_a_new_one_would_be_seen(line: str) -> None:
    assert list(deletions(line))


def test_a_file_is_no_row() -> None:
    assert not list(deletions("storages['private'].delete(name)"))


# --- tracks ---------------------------------------------------------------------------------------
def test_a_block_that_is_taken_back_on_its_first_day_is_voided_with_a_reason(cast: Cast) -> None:
    said: dict[str, Any] = {"enrollment": cast.enrollment, "by": cast.ana, "now": NOW}
    moving.add_block(version=newest(cast.north, "balance-falls"), reason="Two falls", **said)
    (track,) = moving.blocks_of(cast.enrollment)
    moving.end_block(track=track, reason="Wrong client", **said)

    assert not Track.objects.filter(pk=track.pk).exists()
    assert cast.enrollment.tracks.count() == 1
    kept = Track.with_voided.get(pk=track.pk)
    assert (kept.voided_by, kept.voided_at, kept.void_why) == (cast.ana, NOW, "Wrong client")
    assert RowChange.objects.filter(table="programs_track", row=track.pk).count() == 2


def test_a_program_that_is_changed_twice_in_a_day_keeps_what_it_was_in_between(
    cast: Cast,
) -> None:
    before = cast.enrollment.tracks.get()
    for change in (three_sets, other_codes):
        version = next_version(cast.north, change)
        moving.move_to_version(
            enrollment=cast.enrollment, version=version, reason="So.", by=cast.ana, now=NOW
        )
    rows = cast.enrollment.tracks.order_by("starts_on", "pk")
    assert rows.last().version == version
    kept = RowChange.objects.filter(table="programs_track", what="changed")
    followed = {change.before.get("version_id") for change in kept} | {
        row.version_id for row in rows
    }
    assert followed >= {before.version_id, version.pk}
    assert len(followed - {None}) == 3
    assert not RowChange.objects.filter(table="programs_track", what="removed").exists()
