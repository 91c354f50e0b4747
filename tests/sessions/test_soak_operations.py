"""A long run: operations in any order, repeated and shuffled, never lose or double a set."""

from __future__ import annotations

import random

import pytest
from django.db import transaction

from sessions import sync
from sessions.models import Operation, SetEntry
from tests.cast import Cast, log_op


@pytest.mark.soak
def test_batches_sent_twice_and_in_pieces_leave_each_set_once(cast, soak):
    for seed in soak(200, 4):
        with transaction.atomic():
            sent_in_pieces(cast, soak.random(seed))
            transaction.set_rollback(True)


def sent_in_pieces(cast: Cast, chance: random.Random) -> None:
    lifts = ("hinge", "squat", "press")
    ops = [
        log_op(cast.visit, lift, n, reps=chance.randint(1, 5))
        for lift in lifts
        for n in range(1, 6)
    ]
    sent = ops + chance.sample(ops, chance.randint(1, len(ops)))
    chance.shuffle(sent)
    while sent:
        size = chance.randint(1, 6)
        batch, sent = sent[:size], sent[size:]
        sync.apply(batch, by=cast.ana)
    said = {str(op.payload["lift"]) + str(op.payload["number"]): op.payload["reps"] for op in ops}
    kept = {one.lift + str(one.number): one.reps for one in SetEntry.objects.all()}
    assert kept == said
    assert Operation.objects.count() == len(ops)
