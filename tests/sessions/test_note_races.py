"""Several who sign the same note at once: one version, and nobody's text is written over."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from sessions import actions, noting
from sessions.models import SessionNote
from tests.cast import NOW, Cast

SIGNERS = 6


@pytest.mark.django_db(transaction=True)
def test_six_who_sign_one_note_at_once_make_one_version_and_five_are_told(cast: Cast):
    cast.log_all(cast.visit)
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)
    uid = cast.visit.uid
    (page,) = noting.pages_of([noting.floor_of(cast.ana).get(uid=uid)], member=cast.ana, now=NOW)
    start = threading.Barrier(SIGNERS)
    pages: list[noting.Page] = []
    failed: list[BaseException] = []

    def run(number: int) -> None:
        said = noting.Said(uid, 0, page.draft.seal, f"Signer {number}.", None)
        by = cast.ana if number % 2 else cast.tess
        try:
            start.wait()
            pages.append(noting.sign([said], by=by, now=NOW)[uid])
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(SIGNERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    told = [one for one in pages if one.told]
    assert len(told) == SIGNERS - 1
    # Each of them still has her own words.
    assert {one.assessment for one in pages} == {f"Signer {n}." for n in range(SIGNERS)}
    note = SessionNote.objects.get()
    (winner,) = [one for one in pages if not one.told]
    assert (note.version, note.assessment) == (1, winner.assessment)
