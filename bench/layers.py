"""Where one request's time goes, inside one process: no web server, no network, no other process.

``python -m bench.layers`` reads requests as JSON and answers with mean milliseconds by layer and
with the number of SQL statements of each request. Layers exclude each other: time inside an inner
one is not counted in the outer one.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import django
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from bench.requests import Post

REST = "Django: middleware, addresses, reading the form, the answer"
WHO_SQL = "SQL: who is asking"
SQL = "SQL: the set"
COMMIT = "SQL: commit"
PING = "SQL: is the connection alive"
WHO_TABLES = ("clinics_browserlogin", "clinics_user", "clinics_membership")


class Clock:
    """Adds up time by layer; the innermost layer that runs gets it."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.stack: list[str] = []
        self.since = 0.0
        self.statements = 0

    def _turn(self) -> None:
        now = time.perf_counter()
        if self.stack:
            self.spent[self.stack[-1]] += now - self.since
        self.since = now

    @contextmanager
    def layer(self, name: str) -> Iterator[None]:
        self._turn()
        self.stack.append(name)
        try:
            yield
        finally:
            self._turn()
            self.stack.pop()

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.layer(name):
                return function(*args, **kwargs)

        return timed

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Django calls this around every statement."""
        self.statements += 1
        who = any(f'FROM "{table}"' in sql for table in WHO_TABLES)
        with self.layer(WHO_SQL if who else SQL):
            return execute(sql, params, many, context)


@contextmanager
def watched(clock: Clock) -> Iterator[None]:
    """Every layer that this site has, with the clock around it."""
    from django.apps import apps

    targets: list[tuple[Any, str, str]] = [
        (connection, "_commit", COMMIT),
        (connection, "is_usable", PING),
    ]
    if apps.is_installed("sessions"):
        from sessions import facts
        from sessions.views import floor

        targets += [
            (floor.sync, "apply_to_visit", "sync.apply: read, judge, write"),
            (facts, "standing_for", "the fold over the log"),
            (floor, "board", "the board: cards, offers, plates"),
            (floor, "render_page", "the template"),
        ]
    undo = [
        patch.object(owner, name, clock.around(layer, getattr(owner, name)))
        for owner, name, layer in targets
    ]
    for one in undo:
        one.start()
    try:
        with connection.execute_wrapper(clock.statement):
            yield
    finally:
        for one in reversed(undo):
            one.stop()


def answer(site: WSGIHandler, post: Post) -> int:
    """One request through Django, as gunicorn would send it."""
    status: list[str] = []
    response = site(post.environ("127.0.0.1:80"), lambda line, headers: status.append(line))
    for _ in response:
        pass
    response.close()  # type: ignore[attr-defined]  # Django's responses have it
    return int(status[0].split()[0])


def main() -> None:
    """Requests in; a line of JSON out."""
    orders = json.loads(sys.stdin.read())
    django.setup()
    site = WSGIHandler()
    posts = [Post(**post) for post in orders["posts"]]
    warm_up = orders["warm_up"]
    statuses = [answer(site, post) for post in posts[:warm_up]]
    clock = Clock()
    statements: list[int] = []
    with watched(clock):
        for post in posts[warm_up:]:
            before = clock.statements
            with clock.layer(REST):
                statuses.append(answer(site, post))
            statements.append(clock.statements - before)
    if set(statuses) != {200}:
        sys.exit(f"Answers were {sorted(set(statuses))}.")
    milliseconds = {name: 1000 * spent / len(statements) for name, spent in clock.spent.items()}
    found = {
        "milliseconds": milliseconds,
        "statements": statements,
        "usual_statements": statistics.mode(statements),
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
