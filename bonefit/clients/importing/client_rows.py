"""Rows of a file of clients: judged by batch against the file and against who is here already.

Who comes by a file gets no screening, no clearance and no consent. ``intake.begin`` says so in her
row, before it is written: she can be booked once her intake is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models.functions import Lower

from bonefit.clinics.dates import say_day
from bonefit.clinics.models import Membership

from .. import intake
from ..models import Client
from .cells import read_day, read_text
from .records import Record
from .rows import Checked, Layout, Row, Seen, alike, today_of

SEXES = {
    **dict.fromkeys(("female", "f", "woman", "w"), Client.Sex.FEMALE),
    **dict.fromkeys(("male", "m", "man"), Client.Sex.MALE),
    **dict.fromkeys(("other", "o", "x", "d", "diverse", "non-binary"), Client.Sex.OTHER),
}
#: What is compared with who is here; a blank cell says nothing.
COMPARED = ("name", "born_on", "sex", "email", "phone", "emergency_contact", "notes")
LABELS = {
    "name": "name",
    "born_on": "date of birth",
    "sex": "sex",
    "email": "e-mail address",
    "phone": "telephone",
    "emergency_contact": "emergency contact",
    "notes": "note",
}
OLDEST_YEARS = 120
LENGTHS = {"external_id": 80, "phone": 40, "emergency_contact": 200, "notes": 4000}


class ClientRows:
    """Judges the rows of one file of clients."""

    def __init__(self, layout: Layout, *, by: Membership, now: datetime) -> None:
        self.layout, self.by, self.now = layout, by, now
        self.today = today_of(by.clinic, now)
        self.oldest = self.today - timedelta(days=int(OLDEST_YEARS * 365.25))
        self.ids, self.people = Seen(), Seen()

    def check(self, batch: Sequence[Record]) -> Checked:
        """Judge a batch. Two statements, whatever its size."""
        rows = [Row(record, self.layout) for record in batch if not record.blank]
        for row in rows:
            self._read(row)
            if row.good:
                self._seen(row)
        by_id, by_person = self._here(row for row in rows if row.good)
        checked = Checked(rows=len(rows))
        for row in rows:
            if row.good:
                self._judge(row, by_id, by_person, checked)
            checked.problems += row.problems
        return checked

    def write(self, checked: Checked) -> None:
        """Write the new ones; none of them may start before her intake is complete."""
        made = [
            Client(clinic=self.by.clinic, created_by=self.by, created_at=self.now, **values)
            for values in checked.made
        ]
        intake.begin(made, clinic=self.by.clinic, now=self.now)
        Client.objects.bulk_create(made)

    # --- one row ------------------------------------------------------------------------------
    def _read(self, row: Row) -> None:
        if not row.good:
            return
        values: dict[str, Any] = {
            name: row.read(
                name,
                partial(read_text, most=most),
                needed="Write whom to call, and the number." if name == "emergency_contact" else "",
            )
            for name, most in LENGTHS.items()
        }
        values["name"] = self._name(row)
        values["born_on"] = row.read("born_on", self._born, needed="The date of birth is missing.")
        values["sex"] = row.read("sex", _sex, needed="Write female, male or other.")
        values["email"] = row.read("email", _email)
        row.values = values

    def _name(self, row: Row) -> str:
        """Of one column or of two; spaces between its words are made one."""
        whole = "name" in self.layout.mapping
        columns = ("name",) if whole else ("first_name", "last_name")
        needed = "The name is missing." if whole else "A part of the name is missing."
        parts = [
            row.read(one, partial(read_text, most=120), needed=needed) or "" for one in columns
        ]
        name = " ".join(" ".join(parts).split())
        if len(name) > 120 and not whole:
            row.wrong("last_name", "With the first name this is longer than 120 letters.")
        return name

    def _born(self, text: str) -> date:
        return read_day(text, self.layout.reading.dates, earliest=self.oldest, latest=self.today)

    def _seen(self, row: Row) -> None:
        """The same person twice in one file: nobody guesses which of them is right."""
        values = row.values
        number = values["external_id"]
        if number and (first := self.ids.before(row.number, number)):
            row.wrong("external_id", f"Row {first} has the same number.")
        elif first := self.people.before(row.number, alike(values["name"]), values["born_on"]):
            row.wrong("name", f"Row {first} has the same name and date of birth.")

    # --- who is here --------------------------------------------------------------------------
    def _here(self, rows: Iterable[Row]) -> tuple[dict[str, Client], dict[Any, Client]]:
        """Clients of the clinic by their number, and by name and date of birth."""
        found = list(rows)
        numbers = {row.values["external_id"] for row in found} - {""}
        born = {row.values["born_on"] for row in found}
        names = {alike(row.values["name"]) for row in found}
        rows_here = Client.objects.filter(clinic=self.by.clinic).defer("intake_missing")
        by_id = {one.external_id: one for one in rows_here.filter(external_id__in=numbers)}
        # By both: many were born on a day, and many are called Anna.
        lower = rows_here.annotate(lower=Lower("name"))
        alike_here = lower.filter(born_on__in=born, lower__in=names).order_by("-pk")
        return by_id, {(alike(one.name), one.born_on): one for one in alike_here}

    def _judge(
        self, row: Row, by_id: dict[str, Client], by_person: dict[Any, Client], checked: Checked
    ) -> None:
        values = row.values
        number = values["external_id"]
        here = by_id.get(number) if number else None
        twin = by_person.get((alike(values["name"]), values["born_on"]))
        if here is None and number and twin is not None:
            other = f"under number {twin.external_id}" if twin.external_id else "without a number"
            row.wrong(
                "name",
                f"{twin.name}, born {say_day(twin.born_on)}, is here already, {other}. "
                "Leave this row out.",
            )
            return
        here = here or twin
        if here is None:
            checked.made.append(values)
            return
        for name in COMPARED:
            self._compare(row, here, name)
        checked.known += row.good

    def _compare(self, row: Row, here: Client, name: str) -> None:
        """Nothing that stands is written over: another value is said."""
        said, stands = row.values[name], getattr(here, name)
        same = alike(said) == alike(stands) if name == "name" else said == stands
        if not said or same:
            return
        shown = say_day(stands) if name == "born_on" else str(stands)
        where = "with another" if stands else "without a"
        words = f"This client is here already {where} {LABELS[name]}"
        column = "last_name" if name == "name" and "name" not in self.layout.mapping else name
        row.wrong(column, f"{words}: {shown}." if stands else f"{words}. Add it on her page.")


def _sex(text: str) -> str:
    found = SEXES.get(text.lower())
    if found is None:
        raise ValueError("Write female, male or other.")
    return found.value


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError("Write an address like joan@example.org.") from None
    return read_text(text, 254)
