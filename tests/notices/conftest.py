"""A mail server for the tests of messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browsers import PATIENCE
from tests.notices.smtp import Postbox, postbox


@pytest.fixture
def box(settings: Any) -> Iterator[Postbox]:
    """Where all mail goes: a real SMTP server."""
    with postbox() as opened:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", opened.port
        settings.EMAIL_TIMEOUT = PATIENCE / 1000
        yield opened
