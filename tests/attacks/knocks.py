"""Ask for anything, see all of the answer and what it asked of the database, and undo it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client as Browser

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Knock:
    """A request: who sends it, and what."""

    who: str
    method: str
    url: str
    data: bytes = b""
    type: str = FORM
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came back, and how it was come by."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    statements: tuple[str, ...]
    broke: str


class _Undone(Exception):
    """Takes back what a request wrote."""


@contextmanager
def undone() -> Iterator[None]:
    """What is written in here is taken back at its end."""
    try:
        with transaction.atomic():
            yield
            raise _Undone
    except _Undone:
        pass


def ask(browser: Browser, knock: Knock, look: Callable[[], None] = lambda: None) -> Answer:
    """Send it through the whole site, middleware included; ``look`` is called before it is undone.

    An error of the site is an answer of 500 here, as it would be for whoever asks.
    """
    cookies, statements = browser.cookies.copy(), []
    browser.raise_request_exception = False
    cache.clear()  # who asks often is told to wait, which is proven elsewhere

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    try:
        with undone():
            with connection.execute_wrapper(note):
                response = browser.generic(
                    knock.method,
                    knock.url,
                    knock.data,
                    content_type=knock.type,
                    headers=dict(knock.headers) or None,
                )
                if response.streaming:
                    parts: deque[bytes] = deque(response)
                    body = b"".join(parts)
                else:
                    body = response.content
            look()
    finally:
        browser.cookies = cookies
        browser.raise_request_exception = True
        browser.exc_info = None
    return Answer(
        response.status_code,
        dict(response.items()),
        body,
        tuple(statements),
        where_it_broke(response),
    )


def where_it_broke(response: Any) -> str:
    """The error behind a 500, and the last line of ours that it went through."""
    info = getattr(response, "exc_info", None)
    if response.status_code < 500 or not info:
        return ""
    at, trace = "", info[2]
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if re.search(r"/(bonefit|programs|sessions)/(?!.*site-packages)", file):
            at = f"{'/'.join(file.split('/')[-3:])}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{info[0].__name__} {str(info[1])[:120]!r} at {at}"


def encoded(said: Mapping[str, Any]) -> bytes:
    """A form as a browser sends it; bytes go out as they are, and a list as many of one name."""
    pairs = []
    for name, value in said.items():
        for one in value if isinstance(value, list) else [value]:
            raw = one if isinstance(one, bytes) else str(one).encode("utf-8", "surrogatepass")
            pairs.append((name.encode("utf-8", "surrogatepass"), raw))
    return urlencode(pairs).encode()
