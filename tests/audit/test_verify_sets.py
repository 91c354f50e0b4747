"""A set that was changed past the application is not what its sealed operations say."""

from __future__ import annotations

import uuid
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bonefit.clinics import rows
from sessions import sync
from sessions.models import SetEntry
from sessions.sets_as_said import differing
from tests.cast import NOW, Cast, log_op

pytestmark = pytest.mark.django_db


def told() -> str:
    out = StringIO()
    with rows.nothing():
        call_command("verify_sets", stdout=out)
    return out.getvalue()


def whats(cast: Cast) -> list[str]:
    return [one.what for one in differing(cast.north)]


def change(cast: Cast, kind: str, entry: SetEntry, base: int | None = None, **said: Any) -> str:
    op = sync.Op(
        uuid.uuid4(), kind, cast.visit.uid, made_at=NOW, entry=entry.uid, base_revision=base,
        payload=said,
    )  # fmt: skip
    return sync.apply([op], by=cast.ana)[0].outcome


def test_sets_as_they_were_entered_corrected_disputed_and_taken_back_are_right(cast: Cast) -> None:
    cast.log(cast.visit, number=1, rpe="16", technique="not_clean", pain="3", pain_site="knee")
    cast.log(cast.visit, "impact", number=1, tolerated="yes")
    cast.log(cast.visit, number=2, load="42,5", reps="0", tried="yes")
    pounds = cast.log(cast.visit, "squat", number=1, load="66", unit="lb")
    assert pounds.load is not None
    assert pounds.load < 31
    corrected = cast.log(cast.visit, number=3)
    assert change(cast, "correct_set", corrected, load="37.5", reps="4") == "applied"
    assert change(cast, "correct_set", corrected, base=1, load="37.5", reps="4") == "applied"
    disputed = cast.log(cast.visit, number=4)
    assert change(cast, "correct_set", disputed, base=9, load="30", reps="9") == "conflict"
    again = sync.apply([log_op(cast.visit, number=1, load="41")], by=cast.ana)[0]
    assert again.outcome == "conflict"
    chosen = cast.log(cast.visit, number=5)
    assert change(cast, "correct_set", chosen, base=9, load="30", reps="9") == "conflict"
    assert change(cast, "correct_set", chosen, load="30", reps="5") == "applied"
    gone = cast.log(cast.visit, "press", number=1)
    assert change(cast, "void_set", gone) == "applied"
    cast.log(cast.visit, "press", number=1, reps="3")
    assert whats(cast) == []
    assert told() == f"All {SetEntry.objects.count()} sets are what was entered.\n"


@pytest.mark.parametrize(
    ("to", "what"),
    [
        ({"reps": 8}, "reps is 8, entered was 5"),
        ({"load": Decimal(60)}, "load is 60, entered was 40"),
        ({"rpe": 13}, "rpe is 13, entered was blank"),
        ({"reps": None, "clean": True}, "reps is blank, entered was 5, clean is True, entered was"),
        ({"voided": True}, "nobody took it back"),
    ],
)
def test_a_changed_set_is_named_with_what_was_entered(
    cast: Cast, to: dict[str, Any], what: str
) -> None:
    cast.log(cast.visit, number=1)
    entry = cast.log(cast.visit, number=2)
    SetEntry.objects.filter(pk=entry.pk).update(**to)
    (found,) = differing(cast.north)
    assert (found.uid, found.visit) == (entry.uid, cast.visit.pk)
    assert found.what.startswith(what)
    with pytest.raises(CommandError, match="1 of 2 sets are not what was entered"):
        told()


def test_one_that_was_taken_back_and_counts_again_is_named(cast: Cast) -> None:
    entry = cast.log(cast.visit)
    change(cast, "void_set", entry)
    SetEntry.objects.filter(pk=entry.pk).update(voided=False)
    assert whats(cast) == ["it counts and was taken back"]


def test_one_that_nobody_logged_and_one_that_is_gone_are_named(cast: Cast) -> None:
    cast.log(cast.visit, number=1)
    entry = cast.log(cast.visit, number=2)
    SetEntry.objects.filter(pk=entry.pk).update(uid=uuid.uuid4())
    assert whats(cast) == ["nobody logged it", "it was logged and is not there"]
    assert list(differing(cast.harbor)) == []
