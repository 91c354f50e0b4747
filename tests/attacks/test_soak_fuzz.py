"""A long run: whatever is sent to whichever address, the site answers, and never with a 500.

The requests go through the site as it is deployed, every middleware of it, without a socket. At
least 50 tries for each address and method are 20,000 in all.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.attacks.forms_on_pages import Form
from tests.attacks.fuzzing import Fuzzer
from tests.attacks.judged import wrong_with
from tests.attacks.knocks import ask
from tests.doors import World
from tests.test_access_routes import ROWS

TRIES = 20_000
SAMPLE = 150


@pytest.mark.soak
def test_whatever_is_sent_no_address_breaks(world: World, forms: dict[str, list[Form]], soak):
    fuzzer, rows = Fuzzer(world, forms), sorted(ROWS)
    assert TRIES // len(rows) >= 50
    broken: dict[str, str] = {}
    statuses: Counter[int] = Counter()
    for case in soak(TRIES, SAMPLE):
        route, method = rows[case % len(rows)]
        knock = fuzzer.knock(route, method, soak.random(case))
        answer = ask(world.browsers[knock.who], knock)
        statuses[answer.status] += 1
        for wrong in wrong_with(answer):
            said = f"{case} {knock.who} {method} {knock.url[:300]} {dict(knock.headers)!s:.200}"
            broken.setdefault(f"{route} {wrong}", f"{said} {knock.data[:300]!r}")
            soak.note(f"{route} {wrong} {said}")
    soak.say(", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items())))
    assert broken == {}
    # Not all was turned away at the door.
    assert statuses[200] + statuses[302] + statuses[422] > sum(statuses.values()) / 3
