"""What may not stand in a log line is taken out of every line."""

from __future__ import annotations

import logging
import re

_CALENDAR = re.compile(r"/calendar/[^\s\"'?]+")


class WithoutSecrets(logging.Filter):
    """Takes the token out of a calendar's address: Django logs the path of what fails."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "/calendar/" in message:
            record.msg, record.args = _CALENDAR.sub("/calendar/…", message), ()
        return True
