"""What a lane tells a tablet of its sets: what each says, and what it said before."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from sessions import sync
from sessions.lanes import lanes_of
from sessions.models import Operation
from tests.cast import NOW, Cast, log_op

pytestmark = pytest.mark.django_db


def corrected(cast: Cast, entry: uuid.UUID, reps: int) -> sync.Op:
    payload = {"load": "40", "reps": reps}
    kind = Operation.Kind.CORRECT_SET
    return sync.Op(uuid.uuid4(), kind, cast.visit.uid, made_at=NOW, entry=entry, payload=payload)


def test_a_set_shows_what_it_said_before_each_correction_and_who_changed_it(cast: Cast):
    entry = uuid.uuid4()
    first = replace(log_op(cast.visit), entry=entry)
    sync.apply([first, corrected(cast, entry, 4), corrected(cast, entry, 3)], by=cast.ana)
    sync.apply([log_op(cast.visit, number=2)], by=cast.ana)

    lane = lanes_of(cast.ana, [cast.visit.uid])[str(cast.visit.uid)]
    changed, untouched = lane["sets"]
    assert [(one["words"], one["by"]) for one in changed["earlier"]] == [
        ("40 kg × 5", cast.ana.user.name),
        ("40 kg × 4", cast.ana.user.name),
    ]
    assert untouched["earlier"] == []


def test_a_stop_says_when_it_was_until_somebody_releases(cast: Cast):
    stop = sync.Op(uuid.uuid4(), Operation.Kind.STOP, cast.visit.uid, made_at=NOW)
    sync.apply([stop], by=cast.ana, now=NOW)

    lane = lanes_of(cast.ana, [cast.visit.uid])[str(cast.visit.uid)]
    assert lane["stopped"]["code"] == "locked"
    assert lane["stopped_at"] == NOW.isoformat()
