"""What no answer of the site may be, whatever was sent to it."""

from __future__ import annotations

import re

from tests.attacks import nasty
from tests.attacks.knocks import Answer


def wrong_with(answer: Answer) -> list[str]:
    """What no answer may be, whatever was asked: an error, or an attack that got somewhere."""
    text = answer.body.decode("utf-8", "replace")
    page = "html" in answer.headers.get("Content-Type", "")
    found = []
    if answer.status >= 500:
        found.append(f"{answer.status}: {answer.broke}")
    if any(nasty.MARK in sql for sql in answer.statements):
        found.append("what was typed stands in a statement itself")
    if nasty.WORKED_OUT in text:
        found.append("a template worked out what was typed")
    if page and any(one in text for one in nasty.SCRIPTS[:4]):
        found.append("what was typed stands in the page as it is")
    if "root:x:" in text:
        found.append("a file of the machine came back")
    if any("\r" in said or "\n" in said for said in answer.headers.values()):
        found.append("a header has a line of its own")
    if "X-Injected" in answer.headers:
        found.append("a header was brought in")
    if leads_away(answer.headers.get("Location", answer.headers.get("HX-Redirect", ""))):
        found.append(f"it leads away: {answer.headers}")
    return found


def leads_away(location: str) -> bool:
    """Whether a browser would leave this site by it."""
    plain = location.strip().replace("\\", "/")
    return bool(re.match(r"//|[a-z][a-z0-9+.-]*:", plain, re.I))
