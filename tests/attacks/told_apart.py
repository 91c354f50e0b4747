"""All that whoever asks can learn of an answer, without the marks that each has of its own.

Two answers that come out alike cannot be told apart: not by the page, not by its headers, and not
by the time, for the same statements were asked of the database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.attacks.knocks import Answer, Knock, ask, encoded
from tests.doors import World, tables, writes

_OF_THE_MOMENT = re.compile(
    r"(?<=X-CSRFToken\": \")\w+|(?<=csrfmiddlewaretoken\" value=\")\w+"
    r"|(?<=nonce=\")[^\"]+|(?<='nonce-)[^']+|(?<=name the number <strong>)\w+"
)
_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SAVEPOINT = re.compile(r'"s\d+_x\d+"')
_TEXT = re.compile(r"'(?:[^']|'')*'")
#: They differ with each answer, or with the length of what is echoed.
_OWN = frozenset({"X-Request-ID", "Content-Length"})


def told(answer: Answer, named: Any = "", instead: Any = "") -> dict[str, Any]:
    """The answer; where it repeats the id ``named``, which nobody has, ``instead`` stands there."""

    def plain(text: str) -> str:
        text = _OF_THE_MOMENT.sub("…", text)
        return _UID.sub("…", text.replace(str(named), str(instead)) if named else text)

    return {
        "status": answer.status,
        "headers": {
            name: plain(value) for name, value in answer.headers.items() if name not in _OWN
        },
        "names": sorted(answer.headers),
        "body": plain(answer.body.decode("utf-8", "replace")),
        "statements": [_TEXT.sub("'…'", _SAVEPOINT.sub('"s"', sql)) for sql in answer.statements],
    }


def knocked(
    world: World,
    who: str,
    method: str,
    url: str,
    said: Mapping[str, Any] | None,
    *,
    htmx: bool = False,
    **more: Any,
) -> tuple[Answer, list[str]]:
    """The answer to a form, and the tables that it left different."""
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/"} if htmx else {}
    data = encoded(said or {}) if method == "POST" else b""
    knock = Knock(who, method, url, more.pop("data", data), headers=headers, **more)
    return knocked_as(world, knock)


def knocked_as(world: World, knock: Knock) -> tuple[Answer, list[str]]:
    """The same for any request."""
    done, after = writes(), {}

    def look() -> None:
        touched = {name for name, count in writes().items() if count != done.get(name, 0)}
        after.update(tables(touched))

    answer = ask(world.browsers[knock.who], knock, look)
    before = tables(set(after)) if after else {}
    return answer, sorted(name for name in before if before[name] != after[name])


def difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Where two answers part; "" where they cannot be told apart."""
    for part, said in one.items():
        if said != other[part]:
            return f"{part}: {_parting(said, other[part])}"
    return ""


def _parting(one: Any, other: Any) -> str:
    if isinstance(one, str):
        at = next(
            (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
            min(len(one), len(other)),
        )
        return f"…{one[max(0, at - 60) : at + 80]!r} and …{other[max(0, at - 60) : at + 80]!r}"
    if isinstance(one, list):
        only = [said for said in one if said not in other], [s for s in other if s not in one]
        return (
            f"{len(one)} and {len(other)}; only the one: {only[0]!s:.300}; other: {only[1]!s:.300}"
        )
    return f"{one!s:.300} and {other!s:.300}"
