"""What a column may be, and what it seems to be by its head."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """Something that a file may say of each row; ``heads`` are other names for it."""

    name: str
    label: str
    heads: tuple[str, ...] = ()


CLIENTS = (
    Column(
        "external_id",
        "Number in the other system",
        ("id", "external id", "client id", "patient id", "client number", "patient number", "no"),
    ),
    Column("name", "Name", ("full name", "client", "patient", "client name", "patient name")),
    Column("first_name", "First name", ("given name", "forename", "first")),
    Column("last_name", "Last name", ("surname", "family name", "last")),
    Column("born_on", "Date of birth", ("birth date", "birthdate", "dob", "born", "birthday")),
    Column("sex", "Sex", ("gender",)),
    Column("email", "E-mail", ("e mail", "mail", "email address")),
    Column("phone", "Telephone", ("phone", "mobile", "tel", "phone number", "cell")),
    Column(
        "emergency_contact",
        "Emergency contact",
        ("emergency", "next of kin", "in an emergency", "ice", "contact in an emergency"),
    ),
    Column("notes", "Notes", ("note", "remarks", "comment", "comments")),
)
MEASUREMENTS = (
    Column(
        "external_id",
        "Number of the measurement in the other system",
        ("id", "measurement id", "result id", "external id"),
    ),
    Column(
        "client_id",
        "Client’s number in the other system",
        ("client", "patient id", "client number", "patient", "client external id"),
    ),
    Column("name", "Client’s name", ("client name", "patient name", "full name")),
    Column("born_on", "Client’s date of birth", ("birth date", "birthdate", "dob", "born")),
    Column("measure", "Measure", ("test", "measurement", "what", "outcome")),
    Column("taken_on", "Measured on", ("date", "day", "test date", "scan date", "measured")),
    Column("value", "Value", ("result", "amount", "score")),
    Column("unit", "Unit", ("units",)),
    Column("site", "Site of a scan", ("scan site",)),
    Column("side", "Side of a scan", ("scan side", "hip")),
    Column("region", "Region of a scan", ("roi", "vertebrae", "levels")),
    Column("device", "Scanner", ("device", "machine", "dxa")),
    Column("t_score", "T-score as reported", ("t score", "tscore", "t")),
)
#: Each line: one of these must be among the columns; a tuple counts where all of it is.
NEEDED: Mapping[str, tuple[tuple[tuple[str, ...], ...], ...]] = {
    "clients": (
        (("name",), ("first_name", "last_name")),
        (("born_on",),),
        (("sex",),),
        (("emergency_contact",),),
    ),
    "measurements": (
        (("client_id",), ("name", "born_on")),
        (("measure",),),
        (("taken_on",),),
        (("value",),),
    ),
}
COLUMNS: Mapping[str, tuple[Column, ...]] = {"clients": CLIENTS, "measurements": MEASUREMENTS}
MOST_COLUMNS = 100
LETTERS = 26


def labels_of(kind: str) -> dict[str, str]:
    """Label of each column that a file of this kind may have."""
    return {column.name: column.label for column in COLUMNS[kind]}


def missing(kind: str, chosen: Sequence[str]) -> list[str]:
    """What must be among the columns and is not, in words."""
    labels, have = labels_of(kind), set(chosen)
    return [
        " or ".join(" with ".join(labels[one] for one in group) for group in groups)
        for groups in NEEDED[kind]
        if not any(have >= set(group) for group in groups)
    ]


def guess_columns(kind: str, heads: Sequence[str]) -> dict[int, str]:
    """Index of a column -> what it seems to be. None is guessed twice."""
    found: dict[int, str] = {}
    for column in COLUMNS[kind]:
        names = [_plain(one) for one in (column.name, column.label, *column.heads)]
        free = [at for at in range(len(heads)) if at not in found]
        for name in names:
            at = next((at for at in free if _plain(heads[at]) == name), None)
            if at is not None:
                found[at] = column.name
                break
    return found


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def letter(at: int) -> str:
    """The letter that a spreadsheet gives the column: 0 is A, 26 is AA."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, LETTERS)
        name = chr(ord("A") + rest) + name
    return name


def heads_said(heads: Sequence[str]) -> list[str]:
    """Heads to be read by people: with the letter where one is blank or stands there twice."""
    return [
        head if head and heads.count(head) == 1 else f"{head or 'No name'} (column {letter(at)})"
        for at, head in enumerate(heads)
    ]
