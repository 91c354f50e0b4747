"""Tells the database who is at work, with each statement that writes: its triggers note it.

What is said holds for the transaction (``set_config`` with ``is_local``), so that a connection that
goes on to somebody else never says what was true before. It travels with the statement itself: no
further question is asked, and a rollback to a savepoint leaves nothing unsaid.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from celery import current_task
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from psycopg import sql

from bonefit import tracing
from bonefit.kept_plans import two_at_once

LONGEST_SOURCE = 100
#: Statements that write; what Django makes begins so.
_WRITES = ("INSERT", "UPDATE", "DELETE")
#: Of those, the ones of each tap and each page that no trigger asks about.
UNTOLD = (
    'INSERT INTO "training_operation" ',
    'INSERT INTO "training_setentry" ',
    'INSERT INTO "clinics_browserlogin" ',
    'UPDATE "clinics_browserlogin" ',
)

#: Each verb that is given a reason, by its dotted name, and as what; ``because_of`` fills it.
REASONED: dict[str, str] = {}

P = ParamSpec("P")
R = TypeVar("R")

_request: ContextVar[HttpRequest | None] = ContextVar("bonefit_acting_in", default=None)
_why: ContextVar[str] = ContextVar("bonefit_acting_why", default="")


class Acting:
    """Knows the request that is being answered. Who sends it is asked when something is written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        before = _request.set(request)
        try:
            return self.get_response(request)
        finally:
            _request.reset(before)


@contextmanager
def because(why: str) -> Iterator[None]:
    """Say why whatever is written inside the block is written, whichever table it is in.

    Nothing said leaves what was said around it: the verb that somebody meant gave the reason.
    """
    before = _why.set(why.strip() or _why.get())
    try:
        yield
    finally:
        _why.reset(before)


def because_of(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Of a verb that is given a reason as ``name``: each row that it writes is written because of
    it, also those that have no column for one."""

    def with_reason(verb: Callable[P, R]) -> Callable[P, R]:
        # By keyword only, so that it is always found where it is given.
        kind = inspect.signature(verb).parameters[name].kind
        assert kind is inspect.Parameter.KEYWORD_ONLY, f"{verb.__name__}({name})"

        @wraps(verb)
        def said(*args: P.args, **kwargs: P.kwargs) -> R:
            with because(str(kwargs.get(name) or "")):
                return verb(*args, **kwargs)

        REASONED[f"{verb.__module__}.{verb.__qualname__}"] = name
        return said

    return with_reason


def said() -> dict[str, int | str]:
    """What is known of who is at work: ``member``, ``user``, ``source``, ``why``; each may be
    missing."""
    found: dict[str, int | str | None] = {"source": _source()[:LONGEST_SOURCE], "why": _why.get()}
    request = _request.get()
    if request is not None:
        member = getattr(request, "member", None)
        # Whoever has not been asked for yet is not asked for here.
        user = getattr(request, "_cached_user", None)
        found["member"] = getattr(member, "pk", None)
        found["user"] = getattr(member, "user_id", None) or getattr(user, "pk", None)
    return {name: value for name, value in found.items() if value}


def _source() -> str:
    number = tracing.current()
    if number != tracing.NO_REQUEST:
        return number
    if current_task:
        return str(current_task.name)
    if Path(sys.argv[0]).name == "manage.py" and len(sys.argv) > 1:
        return f"manage.py {sys.argv[1]}"
    return ""


def tell(
    execute: Callable[..., Any],
    statement: Any,
    params: Any,
    many: bool,
    context: dict[str, Any],
) -> Any:
    """Put what is known before a statement that writes. Django calls this for each statement."""
    if many or not isinstance(statement, str) or not statement.startswith(_WRITES):
        return execute(statement, params, many, context)
    if statement.startswith(UNTOLD):
        return execute(statement, params, many, context)
    # Also where nothing is known: what an earlier statement of the transaction said is over.
    with two_at_once(context["connection"]) as spelled_out:
        done = execute(*spelled_out(*_told(statement, params)), many, context)
    # The first answer is that of ``set_config``.
    context["cursor"].nextset()
    return done


def _told(statement: str, params: Any) -> tuple[str, Any]:
    """The statement with what is known before it: as a parameter, for a reason is what somebody
    typed; as a string of SQL only where the statement takes none."""
    known = _spelled(tuple(said().items()))
    if params is None:
        return _TELL.format(sql.quote(known)) + statement, None
    if isinstance(params, Mapping):
        return _TELL.format("%(bonefit_by)s") + statement, {**params, "bonefit_by": known}
    return _TELL.format("%s") + statement, [known, *params]


_TELL = "SELECT set_config('bonefit.by', {}, true); "


@lru_cache(maxsize=256)
def _spelled(known: tuple[tuple[str, int | str], ...]) -> str:
    """As JSON: one request says the same with each of its statements."""
    return json.dumps(dict(known))


def listen(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Have a connection told, once: for ``connection_created``."""
    if tell not in connection.execute_wrappers:
        connection.execute_wrappers.append(tell)
