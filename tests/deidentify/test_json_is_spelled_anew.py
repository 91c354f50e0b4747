"""In JSON each key and each string is coded, wherever it stands, and nothing else is touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from bonefit.deidentify.running import Done
from tests.deidentify.copies import Copy

SAID: dict[str, Any] = {
    "reason": ["in_band", "zqxj", 'zq "xj", \\ é\n{', "", None, True, -1.5e3, {}, [[]]],
    "zqxj": {"reps": 5, "phase": "2026-03-12", "load": "52.5"},
    'z"\\': "0b9b6c9e-0000-4000-8000-000000000001",
}


def prescriptions(copy: Copy) -> list[Any]:
    return [row[0] for row in copy.rows("SELECT prescription FROM training_visit ORDER BY id")]


def test_whatever_stands_in_json_is_coded_and_its_shape_stays(
    copy: Copy, clean: Callable[[Copy], Done]
):
    started = "SELECT starts_at::date FROM training_slot WHERE clinic_id = {} ORDER BY id LIMIT 1"
    ((clinic, first),) = copy.rows("SELECT clinic_id, id FROM training_visit ORDER BY id LIMIT 1")
    ((before,),) = copy.rows(started.format(clinic))
    with copy.superuser() as sees:
        sees.execute(b"UPDATE training_visit SET prescription = '\"zqxj\"'")
        query = b"UPDATE training_visit SET prescription = %s WHERE id = %s"
        sees.execute(query, [json.dumps(SAID), first])

    clean(copy)

    ((after,),) = copy.rows(started.format(clinic))
    found, *others = prescriptions(copy)
    _, token, *rest = found["reason"]
    assert rest == ["–", "", None, True, -1500, {}, [[]]]
    assert found["reason"][0] == "in_band"
    assert token.startswith("x")
    assert len(token) == 11
    moved = date(2026, 3, 12) - timedelta(days=(before - after).days)
    assert found[token] == {"reps": 5, "phase": str(moved), "load": "52.5"}
    # The same word is the same token, in every row of every clinic.
    assert set(others) == {token}
    (other,) = found.keys() - {"reason", token}
    assert other.startswith("x")
    assert found[other] != SAID['z"\\']
    assert len(found[other]) == 36
