"""What is said where a client's intake stands in the way, each time in words for who asks.

A client is asked to call, the front desk reads nothing clinical, a clinician reads what is missing.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from bonefit.clients.intake import barred
from bonefit.clients.models import Client

CALL_US = "Please call us first: your therapist wants to speak with you."
#: Where it is settled, in words for clinicians.
WHERE = "Any therapist of the clinic completes it on the client’s intake page."
#: The front desk is told whom to ask, and nothing of why.
ASK_FIRST = "Ask the therapist first."


class Speaker(StrEnum):
    """Whom the words are for."""

    CLIENT = "client"
    DESK = "desk"
    CLINICIAN = "clinician"


def day_in_words(day: date) -> str:
    """A day of the weeks around in words: "Thursday 26 November"."""
    return f"{day:%A} {day.day} {day:%B}"


def why_barred(client: Client, day: date, *, who: Speaker, today: date) -> str:
    """Why a client's intake lets her not lift on a day, for one who asks today; "" where it does.

    Where it holds today and runs out before that day, the last good day is said.
    """
    gone = barred(client, day)
    if gone is None:
        return ""
    last = client.may_start_until
    if last is None or last < today:
        return {
            Speaker.CLIENT: CALL_US,
            Speaker.DESK: f"The intake of this client is not complete. {ASK_FIRST}",
            Speaker.CLINICIAN: f"Intake: {gone.words}. {WHERE}",
        }[who]
    until = day_in_words(last)
    return {
        Speaker.CLIENT: f"You can book until {until}. For a later day, please call us first.",
        Speaker.DESK: f"This client can be booked until {until}. For a later day: {ASK_FIRST}",
        Speaker.CLINICIAN: f"The intake holds until {until}, then: {gone.words}. {WHERE}",
    }[who]
