"""What may go wrong with a long export, and its end."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import IO, Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection

from sessions import tasks
from sessions.models import ReportExport
from sessions.reports import exporting, long
from tests.cast import NOW, Cast
from tests.load.crowd import PATIENCE
from tests.reports.long_exports import (
    DAYS,
    FILES,
    Status,
    asked_for,
    browser,
    ends_of,
    kept_files,
    people,
    state,
    taken,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

# --- what may go wrong ----------------------------------------------------------------------------


def test_a_failure_is_said_and_leaves_no_file(cast: Cast):
    people(cast)
    made = asked_for(cast)

    def breaks(*_: Any) -> int:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        exporting.run(made.pk, breaks)
    assert state(made) == Status.FAILED
    page = browser(cast.ada).get(f"{FILES}{made.uid}/").text
    assert "Something went wrong here. Ask for it again." in page
    assert "disk" not in page
    assert kept_files() == []
    assert not exporting.run(made.pk, long.write), "nobody takes it up again"


def test_what_a_worker_left_that_died_is_taken_up_after_a_while(cast: Cast, sent: list[int]):
    people(cast)
    made = asked_for(cast)

    class Died(BaseException):
        """As a worker that is killed: nothing of it runs any more."""

    def dies(_: ReportExport, __: IO[bytes], tell: Callable[[int], None]) -> int:
        tell(7)
        raise Died

    with pytest.raises(Died):
        exporting.run(made.pk, dies)
    assert state(made) == Status.WRITING
    with time_machine.travel(NOW + exporting.CLAIM - timedelta(seconds=1), tick=False):
        tasks.take_up_exports()
        assert sent == []
        assert not exporting.run(made.pk, long.write)
    with time_machine.travel(NOW + exporting.CLAIM, tick=False):
        tasks.take_up_exports()
        assert sent == [made.pk]
        tasks.write_export(made.pk)
    assert state(made) == Status.DONE


def test_the_sweep_wakes_a_worker_for_what_waits_and_for_nothing_else(cast: Cast, sent: list[int]):
    people(cast)
    made = asked_for(cast)
    browser(cast.ada).get(f"/c/north/reports/dose.csv?{DAYS}")
    tasks.take_up_exports()
    assert sent == [made.pk]
    tasks.write_export(made.pk)
    tasks.take_up_exports()
    assert sent == [made.pk]


def test_it_is_swept_by_the_beat_as_often_as_its_claims_need():
    beat = settings.CELERY_BEAT_SCHEDULE["take_up_exports"]
    assert beat["task"] == tasks.take_up_exports.name
    assert timedelta(seconds=float(beat["schedule"])) <= exporting.CLAIM


def test_a_worker_that_was_thought_dead_loses_to_the_one_that_took_over(cast: Cast):
    people(cast)
    made = asked_for(cast)

    def slow(_: ReportExport, file: IO[bytes], tell: Callable[[int], None]) -> int:
        with time_machine.travel(NOW + exporting.CLAIM, tick=False):
            assert exporting.run(made.pk, long.write)
        file.write(b"late")
        tell(1)
        return 1

    assert not exporting.run(made.pk, slow)
    assert state(made) == Status.DONE
    (file,) = kept_files()
    assert zipfile.is_zipfile(file)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_it_once(cast: Cast):
    people(cast)
    made = asked_for(cast)
    writing, over = Event(), Event()
    written: list[int] = []

    def waits(_: ReportExport, file: IO[bytes], tell: Callable[[int], None]) -> int:
        written.append(1)
        writing.set()
        assert over.wait(PATIENCE)
        file.write(b"once")
        tell(1)
        return 1

    def work() -> bool:
        try:
            return exporting.run(made.pk, waits)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        first = other.submit(work)
        assert writing.wait(PATIENCE)
        assert not exporting.run(made.pk, waits)
        over.set()
        assert first.result(PATIENCE)
    assert written == [1]
    assert len(kept_files()) == 1
    assert state(made) == Status.DONE


# --- its end --------------------------------------------------------------------------------------


def test_after_its_time_the_file_is_gone_and_the_row_says_so(cast: Cast, sent: list[int]):
    people(cast)
    made = asked_for(cast)
    tasks.write_export(made.pk)
    assert len(kept_files()) == 1
    ends = ends_of(made)
    ada = browser(cast.ada)
    with time_machine.travel(ends - timedelta(seconds=1), tick=False):
        tasks.take_up_exports()
        assert taken(ada, f"{FILES}{made.uid}/file/") == 200
    with time_machine.travel(ends, tick=False):
        # Also before anybody has swept.
        assert ada.get(f"{FILES}{made.uid}/file/").status_code == 404
        tasks.take_up_exports()
        assert kept_files() == []
        assert state(made) == Status.GONE
        assert ada.get(f"{FILES}{made.uid}/file/").status_code == 404
        assert "the file is deleted" in ada.get(f"{FILES}{made.uid}/").text
        assert "Research tables" in ada.get(FILES).text
    assert sent == []
