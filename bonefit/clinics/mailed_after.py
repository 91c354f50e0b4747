"""A code is mailed when its reader has been told that it is on its way.

Whether an address is known here must not be told by how long an answer takes. A mail server is
greeted before the answer, for every address alike, so that one that is away is said to all; the
letter itself, which only a known address gets, is handed to it afterwards, in a thread.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.core.signals import request_finished
from django.dispatch import receiver

logger = logging.getLogger(__name__)

#: Letters that are handed over at once. Its threads end what they began when the process ends.
_THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="code-mail")


class _Waiting(threading.local):
    """What waits for the end of the request that this thread answers."""

    def __init__(self) -> None:
        self.each: list[tuple[Context, BaseEmailBackend, EmailMessage | None]] = []


_WAITING = _Waiting()


def greet_mail_server() -> None:
    """For an address that is not known. Raises OSError where the server cannot be talked to."""
    _afterwards(_greeted(), None)


def mail_after(message: EmailMessage) -> None:
    """Greet the server, and hand it the letter when the request has been answered.

    Raises OSError where it cannot be talked to. What it says of the letter itself is only logged:
    a mailbox that it refuses would be one that is known here.
    """
    message.connection = _greeted()
    _afterwards(message.connection, message)


def log_unsent(error: Exception) -> None:
    """Say in the log that a code was not mailed; the error's own words may hold the address."""
    logger.error("A log-in code could not be mailed: %s", type(error).__name__)


def _greeted() -> BaseEmailBackend:
    connection: BaseEmailBackend = get_connection()
    connection.open()
    return connection


def _afterwards(connection: BaseEmailBackend, message: EmailMessage | None) -> None:
    if isinstance(connection, EmailBackend):
        _WAITING.each.append((copy_context(), connection, message))
    else:  # a file or a list takes it at once: nobody is waited for
        _end(connection, message)


@receiver(request_finished, dispatch_uid="bonefit.mailed_after")
def _answered(**_: object) -> None:
    for context, connection, message in _WAITING.each:
        _THREADS.submit(context.run, _in_thread, connection, message)
    _WAITING.each = []


def _in_thread(connection: BaseEmailBackend, message: EmailMessage | None) -> None:
    try:
        _end(connection, message)
    except Exception as error:  # noqa: BLE001 - nobody else would hear of it
        log_unsent(error)


def _end(connection: BaseEmailBackend, message: EmailMessage | None) -> None:
    """Hand it a letter, if there is one, and take leave."""
    try:
        if message is not None:
            message.send()
    finally:
        connection.close()
