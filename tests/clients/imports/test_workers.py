"""Who is at work on a file: one worker, a dead one's claim gets free, a person may stop it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import storages

from bonefit.clients import tasks
from bonefit.clients.importing import running
from bonefit.clients.models import Client, Import
from bonefit.clinics.models import Heartbeat
from tests.cast import NOW, Cast
from tests.clients.imports.tables import (
    CLIENTS,
    address,
    checked,
    file_of,
    logged_in,
    read,
    uploaded,
    words,
)


@pytest.fixture
def ada(cast: Cast):
    return logged_in(cast.ada)


@pytest.fixture
def waiting(cast: Cast, ada) -> Import:
    """A file that a worker has not taken up yet."""
    source = read(ada, uploaded(ada, cast.ada, file_of(CLIENTS)))
    mapping = {f"column_{at}": name for at, name in source.mapping.items()}
    ada.post(address(source), {"step": "columns", **mapping})
    source.refresh_from_db()
    assert source.status == "checking"
    return source


def test_while_a_worker_is_at_it_the_page_asks_how_far_it_is(ada, waiting):
    waiting.done, waiting.claimed_at = 1500, NOW
    waiting.save()
    page = ada.get(address(waiting))
    assert 'hx-trigger="every 2s"' in page.content.decode()
    assert "1,500 rows so far" in words(page)
    part = ada.get(address(waiting), headers={"HX-Request": "true"})
    assert "1,500 rows so far" in words(part)
    assert "<html" not in part.content.decode()
    Import.objects.filter(pk=waiting.pk).update(status="checked", rows=3, made=3)
    part = ada.get(address(waiting), headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"


def test_a_claim_belongs_to_one_worker_until_it_is_old(waiting):
    Import.objects.filter(pk=waiting.pk).update(claimed_at=NOW, done=500)
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        assert not running.run(waiting.pk)
    with time_machine.travel(NOW + timedelta(minutes=4), tick=False):
        assert running.run(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.rows, waiting.bad) == ("checked", 3, 0)


def test_a_worker_that_lost_its_claim_writes_nothing_more(waiting):
    mine = running._claim(waiting.pk, NOW)
    assert mine is not None
    Import.objects.filter(pk=waiting.pk).update(claimed_at=NOW + timedelta(minutes=4))
    with pytest.raises(running.Lost):
        running._check(mine)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.done) == ("checking", 0)


def test_a_person_may_stop_a_check_that_goes_on(ada, waiting):
    mine = running._claim(waiting.pk, NOW)
    assert mine is not None
    ada.post(address(waiting, "import-change"))
    with pytest.raises(running.Lost):
        running._check(mine)
    waiting.refresh_from_db()
    assert waiting.status == "uploaded"


def test_a_writer_whose_claim_was_taken_leaves_no_row(cast: Cast, ada):
    source = checked(ada, cast.ada, file_of(CLIENTS))
    ada.post(address(source, "import-take-in"))
    mine = running._claim(source.pk, NOW)
    assert mine is not None
    Import.objects.filter(pk=source.pk).update(claimed_at=NOW + timedelta(minutes=4))
    with pytest.raises(running.Lost):
        running._write(mine)
    assert not Client.objects.filter(external_id="P1").exists()


def test_the_sweep_finds_what_no_worker_was_woken_for(waiting):
    assert list(running.waiting(NOW)) == [waiting]
    tasks.take_up_imports()
    assert Heartbeat.objects.filter(name="take_up_imports").exists()


def test_a_file_that_is_gone_is_said(ada, waiting):
    storages["private"].delete(str(waiting.file.name))
    assert running.run(waiting.pk)
    assert "The file is not where it was put. Upload it again." in words(ada.get(address(waiting)))


def test_what_is_given_up_leaves_its_row_and_no_file(
    ada, waiting, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        ada.post(address(waiting, "import-give-up"))
    waiting.refresh_from_db()
    assert waiting.status == "dropped"
    assert not storages["private"].exists(str(waiting.file.name))
    assert "Nothing of this file was taken in." in words(ada.get(address(waiting)))
