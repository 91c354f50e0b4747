"""A question across many clinics, answered in shares: some of the clinics each.

PostgreSQL shares no query that asks something of each enrollment by itself among its workers, so
the same query about fewer clinics is put into a function, once a share, and the calls stand beside
each other (``training_share``). Every enrollment belongs to one clinic: the answers together are
the answer, whoever worked them out. Few clinics are asked about in one piece.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from psycopg import ClientCursor

from .scope import Scope, settled

#: Clinics of one share at least, and shares of one question at most: each is planned by itself. As
#: many as two or three processes share out with none left over.
CLINICS, MOST = 4, 6

#: The SQL that follows ``WITH clinics, chosen`` of a share, and its parameters.
Question = Callable[[Scope], tuple[str, Mapping[str, Any]]]


def shares_of(scope: Scope) -> Sequence[Scope]:
    """The question as questions about some of its clinics each; itself where these are few."""
    number = min(MOST, len(scope.clinics) // CLINICS)
    if number < 2:
        return [scope]
    return [replace(scope, clinics=scope.clinics[at::number]) for at in range(number)]


def ask_in_shares(
    scope: Scope,
    each: Question,
    columns: Mapping[str, str],
    then: str,
    *,
    once: bool = False,
    memory: int = 0,
) -> list[tuple[Any, ...]]:
    """The rows of ``then``, which reads ``answers``: what ``each`` finds in the shares; one query.

    ``columns``: name and type of each column of ``answers``, which must be those of ``each`` to the
    letter. ``once`` and ``memory`` as ``Scope.ask`` has them.
    """
    shares = shares_of(scope)
    with connection.cursor() as cursor:
        if len(shares) == 1:
            question, params = _question(scope, each, once=once)
            names = ", ".join(columns)
            query = f"WITH answers({names}) AS ({question}) {then}"
        else:
            told = ClientCursor(cursor.connection)
            said = [told.mogrify(*_question(share, each, once=once)) for share in shares]
            params = {f"share_{number}": text for number, text in enumerate(said)}
            row = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            answers = " UNION ALL ".join(
                f"SELECT * FROM training_share(%({name})s) AS a({row})" for name in params
            )
            query = f"WITH answers AS ({answers}) {then}"
        settings = settled(memory=memory)
        cursor.execute(f"{settings}{query}", params)
        for _ in range(settings.count(";")):
            cursor.nextset()
        return cursor.fetchall()


def _question(scope: Scope, each: Question, *, once: bool) -> tuple[str, dict[str, Any]]:
    chosen, known = scope.chosen(once=once)
    body, params = each(scope)
    return f"WITH {chosen} {body}", {**known, **params}
