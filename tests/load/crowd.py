"""People who use the site at once, over HTTP, and what was answered to them."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import re
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import urlencode

from tests.load.clinics import Who

HOST = "load.example"
MARK = re.compile(rb"zq\d+mark")
LOADS = {"hinge": "40", "press": "20", "squat": "30"}
#: The numbers that a set may have.
NUMBERS = range(1, 21)
#: Seconds that an answer may take before somebody tries again.
PATIENCE = 60


@dataclass
class Crowd:
    """What everybody was told. Lists and counters grow from many threads, one item at a time."""

    port: int
    requests: Counter[str] = field(default_factory=Counter)
    #: When something failed, and how: no answer, or one that says 500 and more.
    errors: list[tuple[float, str]] = field(default_factory=list)
    #: Answers that carried another clinic's mark, by address.
    strange: list[str] = field(default_factory=list)
    #: Answers that were neither an error nor what somebody hoped for.
    refused: list[str] = field(default_factory=list)
    #: The ids of operations that were acknowledged, with the visit of each.
    operations: list[tuple[str, str]] = field(default_factory=list)
    #: What was acknowledged of a seat: its visit, and what was done.
    seats: list[tuple[str, str, Any]] = field(default_factory=list)
    #: Visits of whose last change nobody knows whether it came through.
    unsure: set[str] = field(default_factory=set)
    own_seen: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)
    broken: list[BaseException] = field(default_factory=list)

    def acknowledged(self) -> int:
        return len(self.operations) + len(self.seats)


class Person(threading.Thread):
    """One of them: she asks, reads, waits a little, and tries again what failed."""

    def __init__(self, crowd: Crowd, who: Who, pace: float, number: int) -> None:
        super().__init__(daemon=True)
        self.crowd, self.who, self.pace = crowd, who, pace
        self.chance = Random(f"{number} {who.slug}")
        self.steps = 0
        self._line: http.client.HTTPConnection | None = None
        self._token = uuid.uuid4().hex
        self._sets = iter(
            [(lift, n) for lift in (("hinge", "press") if who.does == "board" else ("squat",))
             for n in NUMBERS]
        )  # fmt: skip

    def run(self) -> None:
        try:
            for turn in itertools.count(self.chance.randint(0, 1)):
                if self.crowd.over.wait(self.chance.uniform(0, 2 * self.pace)):
                    return
                getattr(self, f"_{self.who.does}")(turn)
                self.steps += 1
        except BaseException as error:  # noqa: BLE001 - the test says it
            self.crowd.broken.append(error)
        finally:
            if self._line is not None:
                self._line.close()

    # --- what each of them does -------------------------------------------------------------------

    def _board(self, turn: int) -> None:
        if turn % 2:
            self._get("floor/day/")
            return
        found = next(self._sets, None)
        if found is None:
            self._get("today/")
            return
        lift, number = found
        op = {
            "id": str(uuid.uuid4()),
            "kind": "log_set",
            "visit": self.who.visit,
            "entry": str(uuid.uuid4()),
            "base_revision": None,
            "payload": {"lift": lift, "number": str(number), "load": LOADS[lift], "reps": "5"},
            "at": datetime.now(UTC).isoformat(),
        }
        body = json.dumps({"author": self.who.member, "operations": [op]})
        for answer in self._until_answered("floor/operations/", body, "application/json"):
            if answer is None:
                continue
            status, text = answer
            outcomes = (
                [one["outcome"] for one in json.loads(text)["results"]] if status == 200 else []
            )
            if outcomes == ["applied"]:
                self.crowd.operations.append((op["id"], self.who.visit))
            else:
                self.crowd.refused.append(f"{status} {op['payload']} {text[:300]!r}")

    def _form(self, turn: int) -> None:
        visit = f"visits/{self.who.visit}/"
        found = next(self._sets, None) if turn % 2 == 0 else None
        if found is None:
            self._get(visit)
            return
        lift, number = found
        op = str(uuid.uuid4())
        said = {"op": op, "number": number, "load": LOADS[lift], "reps": 5}
        for answer in self._until_answered(f"{visit}{lift}/log/", urlencode(said)):
            if answer is None:
                continue
            status, text = answer
            if status in (200, 302):
                self.crowd.operations.append((op, self.who.visit))
            else:
                self.crowd.refused.append(f"{status} {said} {text[:300]!r}")

    def _client(self, turn: int) -> None:
        """She says that she can't come, and then that she will after all."""
        visit = self.who.visit
        if turn % 4 != 3:
            self._get("my/" if turn % 2 else "my/growth/")
            return
        off = self._write(f"my/visits/{visit}/cannot-come/", "", visit, ("cancelled", None))
        if off or visit in self.crowd.unsure:
            self._write(f"my/visits/{visit}/come/", "", visit, ("restored", None))

    def _desk(self, turn: int) -> None:
        visit = self.who.visit
        if turn % 3:
            self._get(f"seats/{visit}/" if turn % 3 == 1 else "bookings/")
            return
        here = next(
            (slot for v, what, slot in reversed(self.crowd.seats) if (v, what) == (visit, "moved")),
            self.who.slots[0],
        )
        to = self.who.slots[1] if here == self.who.slots[0] else self.who.slots[0]
        said = urlencode({"slot": to, "why": "She asked"})
        self._write(f"seats/{visit}/move/", said, visit, ("moved", to))

    def _admin(self, turn: int) -> None:
        self._get(("reports/adherence/", "reports/operations/", "clients/", "reports/")[turn % 4])

    # --- asking -----------------------------------------------------------------------------------

    def _write(self, path: str, body: str, visit: str, done: tuple[str, Any]) -> bool:
        """Try until it is answered; note it where it was acknowledged."""
        for answer in self._until_answered(path, body):
            if answer is None:
                self.crowd.unsure.add(visit)
            elif answer[0] == 302:
                self.crowd.seats.append((visit, *done))
                return True
            elif visit not in self.crowd.unsure:  # after an error it may have been done before
                self.crowd.refused.append(f"{answer[0]} {path} {answer[1][:300]!r}")
        return False

    def _until_answered(
        self, path: str, body: str, kind: str = "application/x-www-form-urlencoded"
    ) -> Any:
        """Each try's answer, None for an error, up to the first that is one."""
        while True:
            answer = self._ask("POST", path, body, kind)
            yield answer
            if answer is not None or self.crowd.over.wait(0.5 + self.chance.random()):
                return

    def _get(self, path: str) -> None:
        answer = self._ask("GET", path)
        if answer is not None and answer[0] != 200:
            self.crowd.refused.append(f"{answer[0]} {path}")

    def _ask(
        self, method: str, path: str, body: str | None = None, kind: str = ""
    ) -> tuple[int, bytes] | None:
        """The answer; None where none came, or one that says that something went wrong."""
        address = f"/c/{self.who.slug}/{path}"
        headers = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "Origin": f"https://{HOST}",
            "Cookie": f"__Host-session={self.who.key}; __Host-csrf={self._token}",
            "X-CSRFToken": self._token,
        }
        if kind:
            headers["Content-Type"] = kind
        self.crowd.requests[self.who.does] += 1
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", self.crowd.port, timeout=PATIENCE)
        try:
            self._line.request(method, address, body, headers)
            response = self._line.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._failed(f"{type(error).__name__} {path}")
            return None
        marks = {found.decode() for found in MARK.findall(text)}
        if marks - {self.who.mark}:
            self.crowd.strange.append(f"{address}: {marks}")
        self.crowd.own_seen[self.who.does] += self.who.mark in marks
        if response.status >= 500:
            self._failed(f"{response.status} {path}")
            return None
        return response.status, text

    def _failed(self, what: str) -> None:
        self.crowd.errors.append((time.monotonic(), what))
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.close()
            self._line = None
