"""What may not stand in a log line is taken out of every line."""

from __future__ import annotations

import logging
import re

#: Addresses that hold a secret.
_SECRET = re.compile(r"(/calendar/|/login/link/)[^\s\"'?]+")


class WithoutSecrets(logging.Filter):
    """Takes the token out of the address of a calendar or of a log-in link.

    Django logs the path of what fails.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if _SECRET.search(message):
            record.msg, record.args = _SECRET.sub(r"\1…", message), ()
        return True
