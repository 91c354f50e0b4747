"""What may not stand in a log line is taken out of every line."""

from __future__ import annotations

import logging
import re

#: Addresses that hold a secret.
_SECRET = re.compile(r"(/calendar/|/login/link/|/reminders/)[^\s\"'?]+")


class WithoutSecrets(logging.Filter):
    """Takes the token out of an address that is a secret: of a calendar, a log-in link, reminders.

    Django logs the path of what fails.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if _SECRET.search(message):
            record.msg, record.args = _SECRET.sub(r"\1…", message), ()
        return True
