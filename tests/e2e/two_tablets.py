"""Two tablets in front of one class, without fingers: their queues, and a model of the sets.

Each tablet runs the board's own ``queue.js`` and ``model.js`` in a real browser. The network
between it and the server does what it is told: it cuts off, loses answers, sends twice, or sends
old batches again.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, Route

CLASS = "/c/harbour/floor/"
OPERATIONS = "**/floor/operations/"

_START = """async ([sendUrl]) => {
  const base = '/static/js/board/';
  const [{ Queue }, { standing }] = await Promise.all(
    [import(base + 'queue.js'), import(base + 'model.js')]);
  const day = await (await fetch('/c/harbour/floor/day/')).json();
  window.lanes = Object.fromEntries(
    day.slots.flatMap((slot) => slot.lanes).map((lane) => [lane.visit, lane]));
  window.standing = standing;
  window.queue = new Queue({ clinic: 'harbour', sendUrl, changed() {},
    merge(fresh) { Object.assign(window.lanes, fresh); return null; } });
  await window.queue.read();
  window.queue.author = day.author.id;
  window.queue.authorName = day.author.name;
}"""
_SETS = """(visit) => window.standing(window.lanes[visit], window.queue.mine).sets
  .map(({ uid, lift, number, revision }) => ({ uid, lift, number, revision }))"""
_BEGIN = """async () => {
  delete window.queue.sender.until;
  for (const one of window.queue.mine) await window.queue.discard(one);
}"""
_ADD = """async (operation) => {
  const id = crypto.randomUUID();
  await window.queue.add([{ ...operation, id }]);
  return id;
}"""
_EMPTY = """async () => {
  // Time passes: what was set aside after a failure is due again.
  window.queue.sender.until = () => 0;
  window.queue.sender.quietUntil = 0;
  const end = Date.now() + 60_000;
  while (window.queue.waiting.length > 0 && Date.now() < end) {
    await window.queue.pump();
    await new Promise((resolve) => { setTimeout(resolve, 25); });
    await window.queue.read();
  }
  return window.queue.mine.map(({ id, state, reason }) => ({ id, state, reason }));
}"""


@dataclass
class Tablet:
    """One browser with a queue, behind a network that ``chance`` disturbs."""

    page: Page
    chance: random.Random = field(default_factory=random.Random)
    made: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # A page of the site on which no board runs: this queue is the only one.
        self.page.goto("/c/harbour/today/")
        self.page.evaluate(_START, [f"{CLASS}operations/"])
        self.page.route(OPERATIONS, self._network)

    def begin(self, chance: random.Random) -> None:
        """Another run: what an earlier one left on the tablet has been looked at."""
        self.chance, self.made, self.sent = chance, [], []
        self.page.evaluate(_BEGIN)

    def sets_of(self, visit: str) -> list[dict[str, Any]]:
        """The sets of a visit as this tablet shows them, its own unsent ones included."""
        found: list[dict[str, Any]] = self.page.evaluate(_SETS, visit)
        return found

    def do(self, operation: dict[str, Any]) -> None:
        self.made.append(self.page.evaluate(_ADD, operation))

    def away(self, offline: bool) -> None:
        self.page.context.set_offline(offline)

    def empty(self) -> list[dict[str, str]]:
        """Send until nothing waits; what stays on the tablet with its reason."""
        self.away(False)
        self.chance = _Calm()
        left: list[dict[str, str]] = self.page.evaluate(_EMPTY)
        return left

    def _network(self, route: Route) -> None:
        body = route.request.post_data or ""
        fate = self.chance.random()
        if fate < 0.12:
            route.abort()  # never got there
        elif fate < 0.24:
            route.fetch()  # got there, and the answer is lost
            self.sent.append(body)
            route.abort()
        elif fate < 0.32:
            route.fulfill(status=self.chance.choice([429, 500, 503]), body="no")
        elif fate < 0.44 and self.sent:
            route.fetch(post_data=self.chance.choice(self.sent))  # an old one comes late
            self._through(route, body)
        elif fate < 0.56:
            route.fetch()  # twice
            self._through(route, body)
        else:
            self._through(route, body)

    def _through(self, route: Route, body: str) -> None:
        self.sent.append(body)
        route.continue_()


class _Calm(random.Random):
    """A network that works."""

    def random(self) -> float:
        return 1.0


# --- what the sets must say -----------------------------------------------------------------------

_LESS = ("load", "reps", "landings")
_MORE = ("level", "rpe", "pain")


@dataclass
class Known:
    """One set as the model has it."""

    values: dict[str, Any]
    revision: int = 1
    disputed: bool = False
    voided: bool = False


class Model:
    """Sets as they follow from operations in the order in which they arrived, and nothing else."""

    def __init__(self, lanes: Sequence[dict[str, Any]]) -> None:
        self.sets: dict[tuple[str, str, int], Known] = {}
        self.by_uid: dict[str, Known] = {}
        for lane in lanes:
            for one in lane["sets"]:
                known = Known(said(one), one["revision"], one["disputed"])
                self.sets[lane["visit"], one["lift"], one["number"]] = known
                self.by_uid[one["uid"]] = known

    def arrives(self, kind: str, visit: str, entry: str, base: int | None, payload: Any) -> None:
        """One operation that was not refused."""
        if kind == "log_set":
            self._log((visit, payload["lift"], int(payload["number"])), entry, payload)
            return
        known = self.by_uid[entry]
        stale = base is not None and base != known.revision
        if kind == "void_set":
            known.voided, known.disputed = not stale, known.disputed or stale
        elif stale:
            if typed(payload) == known.values:
                return
            known.values, known.disputed = careful(known.values, typed(payload)), True
        else:
            known.values, known.disputed = typed(payload), False
        known.revision += 1

    def _log(self, place: tuple[str, str, int], entry: str, payload: Any) -> None:
        there = self.sets.get(place)
        if there is None or there.voided:
            self.sets[place] = self.by_uid[entry] = Known(typed(payload))
        elif there.values != typed(payload):
            there.values, there.disputed = careful(there.values, typed(payload)), True
            there.revision += 1

    def standing(self) -> dict[tuple[str, str, int], tuple[Any, ...]]:
        return {
            place: (known.values, known.revision, known.disputed)
            for place, known in self.sets.items()
            if not known.voided
        }


def standing_on(lanes: Sequence[dict[str, Any]]) -> dict[tuple[str, str, int], tuple[Any, ...]]:
    """The same of what the server says."""
    return {
        (lane["visit"], one["lift"], one["number"]): (
            said(one),
            one["revision"],
            one["disputed"],
        )
        for lane in lanes
        for one in lane["sets"]
    }


def said(one: dict[str, Any]) -> dict[str, Any]:
    """What a set in a lane says, as numbers."""
    values = {name: one[name] for name in ("reps", "landings", "level", "rpe", "pain", "clean")}
    return {"load": None if one["load"] is None else float(one["load"]), **values}


def typed(payload: dict[str, str]) -> dict[str, Any]:
    """What an operation says, as numbers; a blank is None."""

    def whole(name: str) -> int | None:
        return int(payload[name]) if payload.get(name) else None

    landings = whole("landings")
    return {
        "load": float(payload["load"]) if payload.get("load") and landings is None else None,
        "reps": whole("reps") if landings is None else None,
        "landings": landings,
        "level": whole("level") if landings is not None else None,
        "rpe": whole("rpe") if landings is None else None,
        "pain": whole("pain"),
        "clean": {"clean": True, "not_clean": False}.get(payload.get("technique", "")),
    }


def careful(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The more cautious value of each."""
    found: dict[str, Any] = {}
    for names, choose in ((_LESS, min), (_MORE, max)):
        for name in names:
            there = [value for value in (one[name], other[name]) if value is not None]
            found[name] = choose(there) if there else None
    clean = (one["clean"], other["clean"])
    found["clean"] = False if False in clean else True if clean == (True, True) else None
    return found
