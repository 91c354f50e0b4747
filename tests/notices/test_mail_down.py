"""A morning of messages with a mail server that fails, beside the same morning without a fault.

Whatever fails, everybody is told the same in the end: nobody is forgotten, nobody is told the same
thing twice unless a sender died, and nobody is written to twice within a minute.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction

from bonefit.clients.models import Client
from programs.models import Enrollment
from sessions.models import Notice, Visit
from sessions.notices import remind, tell_changes
from sessions.outbox import send_due
from sessions.posting import MailServerAway
from tests.cast import NOW, TODAY, Cast, assign, enroll
from tests.notices.smtp import Postbox, Received
from tests.notices.writing import CALLED_OFF, CANCELLED, PLANNED, book, move, say
from tests.soaking import Soak

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
PEOPLE = 8
#: What happens in the two hours from NOW; then all of it has time to arrive.
BUSY, QUIET_AFTER = 120, 240

Said = Counter[tuple[str, str]]


@dataclass
class Faults:
    """What goes wrong, by the minute."""

    down: range = range(0)
    dies: frozenset[int] = frozenset()
    skipped: frozenset[int] = frozenset()
    refused_for_now: dict[int, str] = field(default_factory=dict)


class Undone(Exception):
    """Takes a morning back, so that the next one begins from the same rows."""


class Died(Exception):
    """The sender is gone: it has sent, and has not recorded it."""


@dataclass
class Morning:
    """One run: what arrived, and when by the test's clock."""

    received: list[Received]
    left: int

    @property
    def said(self) -> Said:
        return Counter((one.to, one.subject) for one in self.received)

    def check_nobody_is_told_twice_within_a_minute(self) -> None:
        times: dict[str, list[datetime]] = defaultdict(list)
        for one in self.received:
            assert one.at is not None
            times[one.to].append(one.at)
        for to, moments in times.items():
            gaps = [later - earlier for earlier, later in pairwise(sorted(moments))]
            assert all(gap >= MINUTE for gap in gaps), (to, gaps)


def people(cast: Cast) -> list[Enrollment]:
    """Clients with a session of tomorrow, whose reminders come due in these two hours."""
    made = []
    for number in range(PEOPLE):
        person = enroll(cast.ana, f"Person {number}", email=f"p{number}@example.org")
        enrollment = assign(person, cast.ana, starts_on=TODAY + timedelta(weeks=3))
        start = NOW + timedelta(days=1, minutes=15 * number)
        visit = book(enrollment, start, now=NOW - 2 * HOUR)
        later = book(enrollment, start + timedelta(days=3), now=NOW - 2 * HOUR)
        Visit.objects.filter(pk__in=[visit.pk, later.pk]).update(told_sequence=1)
        made.append(enrollment)
    return made


def what_happens(enrollments: list[Enrollment], rng: random.Random) -> dict[int, list[Callable]]:
    """The desk's acts by the minute: seats cancelled, given back, moved; a class called off."""
    acts: dict[int, list[Callable]] = defaultdict(list)
    for number, enrollment in enumerate(enrollments):
        _, later = enrollment.visits.order_by("during")[:2]
        at = rng.randrange(2, BUSY - 30)
        hours = rng.randrange(1, 4)
        kind = number % 4
        if kind == 0:
            acts[at].append(lambda now, v=later: say(v, CALLED_OFF, now=now))
        elif kind == 1:
            start = later.starts_at + hours * HOUR
            acts[at].append(lambda now, v=later, s=start: move(v, s, now=now))
            again = start + HOUR
            acts[at + 20].append(lambda now, v=later, s=again: move(v, s, now=now))
        elif kind == 2:  # a slip, taken back in time
            acts[at].append(lambda now, v=later: say(v, CANCELLED, now=now))
            acts[at + 2].append(lambda now, v=later: say(v, PLANNED, now=now))
        else:
            start = later.starts_at + timedelta(days=5)
            acts[at].append(lambda now, e=enrollment, s=start: book(e, s, now=now))
    return acts


def morning(cast: Cast, box: Postbox, rng_seed: str, faults: Faults) -> Morning:
    """Six hours by the minute, as beat has it; then all rows are taken back."""
    box.received.clear()
    kept: Morning | None = None
    try:
        with transaction.atomic():
            enrollments = list(
                Enrollment.objects.filter(client__name__startswith="Person").order_by("pk")
            )
            acts = what_happens(enrollments, random.Random(rng_seed))
            for minute in range(BUSY + QUIET_AFTER):
                now = NOW + minute * MINUTE
                box.now = now
                for act in acts.get(minute, ()):
                    act(now)
                _fail(box, minute, faults)
                _sweep(box, minute, now, faults)
            left = Notice.objects.filter(sent_at=None).count()
            kept = Morning(list(box.received), left)
            raise Undone
    except Undone:
        pass
    assert kept is not None
    return kept


def _fail(box: Postbox, minute: int, faults: Faults) -> None:
    if minute == faults.down.start and len(faults.down):
        box.close()
    if minute == faults.down.stop and len(faults.down):
        box.open()
    box.refuses.clear()
    if minute in faults.refused_for_now:
        box.refuses[faults.refused_for_now[minute]] = "451 try later"


def _sweep(box: Postbox, minute: int, now: datetime, faults: Faults) -> None:
    """What beat wakes up in this minute; a sweep may be left out, and a sender may die."""
    if minute in faults.skipped:
        return
    tell_changes(now)
    if minute % 5 == 0:
        remind(now)
    if minute in faults.dies:
        _send_and_die(box, now)
        return
    try:
        send_due(now)
    except MailServerAway:
        assert minute in faults.down


def _send_and_die(box: Postbox, now: datetime) -> None:
    """The first message is taken, and of that no word ever reaches the database."""
    taken: list[Received] = []
    box.on_taken = lambda one: bool(taken.append(one))  # type: ignore[func-returns-value]
    claimed = Notice.objects.filter(sent_at=None, failed_at=None)
    before = {row.pk: row for row in claimed}
    try:
        send_due(now, batch=1)
    except MailServerAway:
        return
    finally:
        box.on_taken = None
    # As a killed sender leaves it: claimed at its beginning, and nothing else.
    for notice in Notice.objects.filter(pk__in=before, sent_at__gte=now):
        Notice.objects.filter(pk=notice.pk).update(
            sent_at=None, claimed_at=now, tries=before[notice.pk].tries, error=""
        )


@pytest.fixture
def crowd(cast: Cast) -> Cast:
    Visit.objects.update(status=Visit.Status.RELEASED)
    people(cast)
    Client.objects.exclude(name__startswith="Person").update(email="")
    return cast


def test_mail_down_for_an_hour_changes_nothing_but_the_time(crowd: Cast, box: Postbox):
    clean = morning(crowd, box, "one", Faults())
    assert len(clean.received) > PEOPLE
    assert max(clean.said.values()) == 1
    assert clean.left == 0
    clean.check_nobody_is_told_twice_within_a_minute()

    faulty = morning(crowd, box, "one", Faults(down=range(30, 90)))

    assert faulty.said == clean.said
    assert faulty.left == 0
    faulty.check_nobody_is_told_twice_within_a_minute()
    assert not any(
        NOW + 30 * MINUTE <= one.at < NOW + 90 * MINUTE for one in faulty.received if one.at
    )


def test_a_slip_is_told_in_no_run(crowd: Cast, box: Postbox):
    """Persons 2 and 6 slip: they get their reminder and nothing else."""
    clean = morning(crowd, box, "two", Faults())
    for number in (2, 6):
        mine = [subject for to, subject in clean.said if to == f"p{number}@example.org"]
        assert len(mine) == 1
        assert mine[0].startswith("Your appointment on Friday 6 March")


@pytest.mark.soak
def test_whatever_fails_everybody_is_told_the_same_in_the_end(
    crowd: Cast, box: Postbox, soak: Soak
):
    """Mail down for up to an hour, senders that die, sweeps left out, addresses refused for now."""
    for case in soak(60, 1):
        rng = soak.random(case)
        seed = f"case {case}"
        clean = morning(crowd, box, seed, Faults())
        clean.check_nobody_is_told_twice_within_a_minute()
        begins = rng.randrange(5, BUSY)
        faults = Faults(
            down=range(begins, begins + rng.randrange(1, 61)),
            dies=frozenset(rng.sample(range(BUSY), rng.randrange(0, 6))),
            skipped=frozenset(rng.sample(range(BUSY), rng.randrange(0, 20))),
            refused_for_now={
                minute: f"p{rng.randrange(PEOPLE)}@example.org"
                for minute in rng.sample(range(BUSY), 10)
            },
        )
        faulty = morning(crowd, box, seed, faults)
        faulty.check_nobody_is_told_twice_within_a_minute()
        assert faulty.left == 0, (case, faults)
        # A sender that died after sending may say a thing twice; nothing is left out or made up.
        assert _in_the_end(faulty) == _in_the_end(clean), (case, faults)
        again = sum((faulty.said - clean.said).values())
        assert again <= len(faults.dies), (case, faults)


def _in_the_end(run: Morning) -> set[tuple[str, str]]:
    return set(run.said)
