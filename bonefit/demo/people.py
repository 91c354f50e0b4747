"""Whom the demo lets you be. Standard library only: the launcher prints them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to log in as; ``sees`` is one sentence of what she will see."""

    name: str
    email: str
    role: str
    clinic: str
    sees: str


HARBOUR = "Harbour Clinic"
HILL = "Hill Physio"
#: Who owns both.
GROUP = "Strong Bones Group"

MIRA = Person(
    "Mira K.",
    "mira@harbour.example",
    "therapist",
    HARBOUR,
    "today’s classes with one on the floor now, every client, and the flags that wait for her.",
)
SAM = Person(
    "Sam D.",
    "sam@harbour.example",
    "lead therapist",
    HARBOUR,
    "the same classes as Mira, on a second tablet; he stands in for Jo, and arranges who does.",
)
LEA = Person(
    "Lea N.",
    "lea@harbour.example",
    "clinic admin",
    HARBOUR,
    "the adherence report, all clients and the clinic’s settings; she logs no sets.",
)
NELL = Person(
    "Nell B.",
    "nell@harbour.example",
    "front desk",
    HARBOUR,
    "the week, who is booked and who waits; nothing of what is lifted or found.",
)
INES = Person(
    "Ines A.",
    "ines@harbour.example",
    "read-only auditor",
    HARBOUR,
    "records, flags, reports, who looked at what and who may do what; she changes nothing.",
)
ANA = Person(
    "Ana R.",
    "ana@harbour.example",
    "client",
    HARBOUR,
    "her next session, the coming ones and what she lifted last time; nothing of anyone else.",
)
SARA = Person(
    "Sara R.",
    "sara@harbour.example",
    "companion",
    HARBOUR,
    "when her mother Ana trains, because Ana agreed to it; she changes nothing.",
)
JANA = Person(
    "Jana W.",
    "jana@hill.example",
    "therapist",
    HILL,
    "her own three clients in Berlin, and nobody of Harbour Clinic.",
)
GWEN = Person(
    "Gwen O.",
    "gwen@group.example",
    "organisation admin",
    GROUP,
    "reports across both clinics, without a client’s name; no page inside either of them.",
)

PEOPLE: tuple[Person, ...] = (MIRA, SAM, LEA, NELL, INES, ANA, SARA, JANA, GWEN)
