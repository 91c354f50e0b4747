"""A log-in that was tried and was wrong: noted on the request, written into the access log after.

``bonefit.looking`` writes it, as all else that is in the log.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

_NAME = "wrong_log_in"


@dataclass(frozen=True, slots=True)
class WrongLogIn:
    """As whom somebody tried, None where the address is nobody's.

    ``clinic``: the only one that it concerns; None is each that she belongs to. ``turned_away``: a
    limit of tries was reached, and what was sent was not looked at.
    """

    user_id: int | None
    clinic: int | None = None
    turned_away: bool = False


def was_wrong(request: HttpRequest, user_id: int | None, *, clinic: int | None = None) -> None:
    """A code, a link, a passkey or a PIN was looked at and is not hers, or not good any more.

    It is said of addresses that nobody has too, so that both take the same steps and the same time.
    """
    setattr(request, _NAME, WrongLogIn(user_id, clinic))


def was_turned_away(request: HttpRequest, user_id: int, *, clinic: int | None = None) -> None:
    """There were too many tries as this person, and this one was not looked at."""
    setattr(request, _NAME, WrongLogIn(user_id, clinic, turned_away=True))


def wrong_log_in(request: HttpRequest) -> WrongLogIn | None:
    """What was wrong in this request; None where nothing was."""
    return getattr(request, _NAME, None)
