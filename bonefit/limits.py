"""Limits, for ``settings``: how long a log-in lasts, and how often somebody may try."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from bonefit import env


class Limits(NamedTuple):
    """How long a log-in lasts without being used, and at most."""

    idle: timedelta
    most: timedelta


def of_log_ins() -> dict[str, Limits]:
    """Of staff, and of clients. Of somebody who is both, that of staff counts.

    NIST SP 800-63B (AAL2) has 30 minutes and 12 hours where records of others are open; ASVS 5
    (7.1.1, 7.3.1, 7.3.2) asks for numbers that fit the risk and are written down. Clients read
    their own record, on a device of their own, twice a week; each log-in is a hurdle.
    """
    return {
        "staff": Limits(
            timedelta(minutes=env.integer("LOG_IN_IDLE_STAFF_MINUTES", 30, low=5, high=720)),
            timedelta(hours=env.integer("LOG_IN_MOST_STAFF_HOURS", 12, low=1, high=24)),
        ),
        "clients": Limits(
            timedelta(days=env.integer("LOG_IN_IDLE_CLIENT_DAYS", 14, low=1, high=90)),
            timedelta(days=env.integer("LOG_IN_MOST_CLIENT_DAYS", 90, low=1, high=365)),
        ),
    }


# A tablet sends without a log-in, by a secret; wrong ones are counted by the visitor's address.
# So are wrong links: one has 256 bits of chance, and a guesser with 1,000 addresses of his own, who
# tries 200 an hour from each, meets one of a million live links once in 10^61 years.
OF_TRIES = {
    "request_login_code": "20/m/ip,3/m/key,10/h/key,40/d/key",
    "login_link_wrong": "20/m/ip,200/h/ip",
    "passkey": "60/m/ip",
    "refused": "30/m/ip",
    # Wrong ones only. Three codes of an app are good at a moment, so who reads somebody's mail and
    # guesses has 60 chances of 1,000,000 a day: 1 in 16,667.
    "second_step": "30/m/ip,5/5m/key,20/d/key",
    # Wrong ones, of one tablet; five of one PIN and it is gone there (clinics/tablet_pins.py).
    "tablet_pin": "10/5m/key",
    "upload": "60/m/key",
    "upload_wrong": "20/m/ip,200/h/ip",
}
