"""What may not stand in a log line is taken out of every line."""

from __future__ import annotations

import logging
import re
import traceback
from types import TracebackType

from django.core.exceptions import DisallowedHost, ImproperlyConfigured

#: Addresses that hold a secret, and any part of an address that is as long as one. A number or a
#: UUID is none.
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])"
_SECRET = re.compile(
    r"(/calendar/|/falls/|/login/link/|/questions/|/reminders/)[^\s\"'?]+"
    rf"|(/)(?!{_UUID})[\w-]{{30,}}"
)
#: Errors whose words are about the machine and its settings: they say what to mend. The words of
#: any other may hold what somebody typed, or a whole row of a table.
_OF_THE_MACHINE = (ImproperlyConfigured, ImportError, OSError, MemoryError, DisallowedHost)
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class WithoutSecrets(logging.Filter):
    """Takes the token out of an address that is a secret: of a calendar, a log-in link, reminders.

    Django logs the path of what fails.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if (
            isinstance(record.args, dict) and "exc" in record.args
        ):  # Celery's words of a failed task
            kind = record.exc_info[0] if record.exc_info else None
            record.args = {**record.args, "exc": kind.__qualname__ if kind else "failed"}
        message = record.getMessage()
        if _SECRET.search(message):
            record.msg, record.args = _SECRET.sub(_without, message), ()
        return True


def _without(found: re.Match[str]) -> str:
    return f"{found[1] or found[2]}…"


class OneLine(logging.Formatter):
    """Writes of an error its kind and where it was, and its words only where they are harmless.

    ``DETAIL`` of a refused row has the row in it, a ValueError what could not be read.
    """

    def formatException(self, ei: _ExcInfo | tuple[None, None, None]) -> str:
        """The traceback: files, lines and code of ours, kinds of errors."""
        if ei[1] is None:
            return ""
        found = traceback.TracebackException(ei[0], ei[1], ei[2], capture_locals=False)
        return "".join(_lines(found, ei[1])).rstrip()

    def format(self, record: logging.LogRecord) -> str:
        # Another handler may have written the words down already.
        record.exc_text = None
        return super().format(record)


def _lines(found: traceback.TracebackException, error: BaseException | None) -> list[str]:
    """Causes first, as Python prints them."""
    lines: list[str] = []
    before = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    if before is not None and error is not None:
        lines += _lines(before, error.__cause__ or error.__context__)
        lines.append("\nWhich led to:\n\n")
    lines.append("Traceback (most recent call last):\n")
    lines += found.stack.format()
    lines.append(f"{_named(error)}\n")
    return lines


def _named(error: BaseException | None) -> str:
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__"):
        name = f"{kind.__module__}.{name}"
    return f"{name}: {error}" if isinstance(error, _OF_THE_MACHINE) else name
