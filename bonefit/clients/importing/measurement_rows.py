"""Rows of a file of past measurements: whose, what, when, how much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models.functions import Lower

from bonefit.clinics.dates import say_day
from bonefit.clinics.models import Membership

from ..measured import numbers_of
from ..measures import MEASURES, Measure
from ..measuring import outside
from ..models import Client, Import, Measurement, ScanDevice, Side
from .cells import read_day, read_number, read_text
from .records import Record
from .rows import Checked, Layout, Row, Seen, alike, today_of

#: Before that, nothing of the catalogue was measured; also what a year of two digits is read by.
EARLIEST = date(1980, 1, 1)
BORN_EARLIEST = date(1900, 1, 1)
SIDED = ("femoral_neck_bmd", "total_hip_bmd")
SIDES = {"left": Side.LEFT, "l": Side.LEFT, "right": Side.RIGHT, "r": Side.RIGHT}
SITES = {
    **dict.fromkeys(("lumbar", "lumbar spine", "spine", "ap spine", "l1-l4"), "lumbar_bmd"),
    **dict.fromkeys(("femoral_neck", "femoral neck", "neck"), "femoral_neck_bmd"),
    **dict.fromkeys(("total_hip", "total hip", "hip"), "total_hip_bmd"),
}
SCANS = ("bmd", "dxa", "bone density", "bone mineral density")
UNITS = {"g/cm2": "g/cm²", "g/cm^2": "g/cm²", "sec": "s", "seconds": "s", "points": "points"}


@dataclass(slots=True)
class _Here:
    """Who and what the batch is about, as it is in the clinic."""

    by_number: dict[str, Client]
    by_person: dict[tuple[str, date], list[Client]]


class MeasurementRows:
    """Judges the rows of one file of measurements."""

    def __init__(self, layout: Layout, *, source: Import, by: Membership, now: datetime) -> None:
        self.layout, self.source, self.by, self.now = layout, source, by, now
        self.today = today_of(by.clinic, now)
        self.numbers = numbers_of(by.clinic)
        self.devices = {alike(one.name): one for one in ScanDevice.objects.filter(clinic=by.clinic)}
        self.measures = {alike(one.label): one for one in MEASURES.values()} | dict(MEASURES)
        self.ids, self.values = Seen(), Seen()

    def check(self, batch: Sequence[Record]) -> Checked:
        """Judge a batch. Some four statements, whatever its size."""
        rows = [Row(record, self.layout) for record in batch if not record.blank]
        here = self._here([row for row in rows if row.good])
        for row in rows:
            if row.good:
                self._read(row, here)
        known = self._known([row for row in rows if row.good])
        checked = Checked(rows=len(rows))
        for row in rows:
            if row.good:
                self._judge(row, known, checked)
            checked.problems += row.problems
        return checked

    def write(self, checked: Checked) -> None:
        """Write the new ones, each with the file that it came by."""
        Measurement.objects.bulk_create(
            Measurement(
                clinic=self.by.clinic,
                recorded_by=self.by,
                recorded_at=self.now,
                imported=self.source,
                **values,
            )
            for values in checked.made
        )

    # --- whose --------------------------------------------------------------------------------
    def _here(self, rows: Sequence[Row]) -> _Here:
        numbers = {row.cells.get("client_id", "") for row in rows} - {""}
        names = {alike(row.cells.get("name", "")) for row in rows} - {""}
        clients = Client.objects.filter(clinic=self.by.clinic).only(
            "clinic", "name", "born_on", "external_id"
        )
        by_number = {one.external_id: one for one in clients.filter(external_id__in=numbers)}
        by_person: dict[tuple[str, date], list[Client]] = {}
        if names:
            for one in clients.annotate(lower=Lower("name")).filter(lower__in=names):
                by_person.setdefault((alike(one.name), one.born_on), []).append(one)
        return _Here(by_number, by_person)

    def _client(self, row: Row, here: _Here) -> Client | None:
        born = row.read("born_on", self._born, blank=None)
        number, name = row.cells.get("client_id", ""), row.cells.get("name", "")
        if number:
            client = here.by_number.get(number)
            if client is None:
                row.wrong("client_id", "Nobody here has this number. Import the clients first.")
            elif name and alike(name) != alike(client.name):
                row.wrong("name", f"The client with this number is {client.name}.")
            elif born and born != client.born_on:
                row.wrong("born_on", f"{client.name} is born on {say_day(client.born_on)}.")
            return client
        if not name or born is None:
            if row.good:
                row.wrong(
                    "client_id" if "client_id" in self.layout.mapping else "name",
                    "Whose it is does not stand here: a number, or name and date of birth.",
                )
            return None
        found = here.by_person.get((alike(name), born), [])
        if len(found) != 1:
            row.wrong(
                "name",
                "Two clients here have this name and date of birth. Say which by her number."
                if found
                else "Nobody here has this name and date of birth.",
            )
            return None
        return found[0]

    def _born(self, text: str) -> date:
        dates = self.layout.reading.dates
        return read_day(text, dates, earliest=BORN_EARLIEST, latest=self.today)

    # --- what, when, how much -----------------------------------------------------------------
    def _read(self, row: Row, here: _Here) -> None:
        client = self._client(row, here)
        measure = self._measure(row)
        day = row.read("taken_on", self._day, needed="The day is missing.")
        value = row.read(
            "value",
            partial(read_number, decimal=self.layout.reading.decimal),
            needed="The value is missing.",
        )
        if client is not None and day and day < client.born_on:
            row.wrong("taken_on", f"This is before {client.name} was born.")
        if not row.good or client is None or measure is None:
            return
        row.values = {
            "client": client,
            "measure": measure.slug,
            "taken_on": day,
            "amount": self._amount(row, measure, value),
            "entered": row.cells["value"][:40],
            "entered_unit": self._unit(row) or measure.unit,
            "trials": [row.cells["value"]],
            "external_id": row.read("external_id", partial(read_text, most=80)),
            **self._scan(row, measure),
        }

    def _measure(self, row: Row) -> Measure | None:
        said = alike(row.cells.get("measure", ""))
        site = alike(row.cells.get("site", ""))
        if not said:
            row.wrong("measure", "What was measured is missing.")
            return None
        if said in SCANS:
            if site not in SITES:
                row.wrong("site", "Write lumbar spine, femoral neck or total hip.")
                return None
            return MEASURES[SITES[site]]
        measure = self.measures.get(said)
        if measure is None:
            row.wrong("measure", "No measure has this name. The page lists the names.")
        elif site and SITES.get(site) != measure.slug:
            row.wrong("site", f"{measure.label} is not measured there.")
        return measure

    def _day(self, text: str) -> date:
        dates = self.layout.reading.dates
        return read_day(text, dates, earliest=EARLIEST, latest=self.today)

    def _unit(self, row: Row) -> str:
        said = row.cells.get("unit", "")
        return UNITS.get(said.lower(), said)

    def _amount(self, row: Row, measure: Measure, value: Decimal) -> int | None:
        try:
            amount = measure.parts(value, self._unit(row))
        except ValueError as error:
            row.wrong("unit", str(error))
            return None
        if wrong := outside(measure, amount, dict(self.numbers[measure.slug]), "hard"):
            row.wrong("value", wrong)
        return amount

    def _scan(self, row: Row, measure: Measure) -> dict[str, Any]:
        """Site, side, region, device and T-score of a scan; of anything else they are refused."""
        if measure.kind != "scan":
            for name in ("side", "device", "region", "t_score"):
                if row.cells.get(name):
                    row.wrong(name, f"{measure.label} is no bone scan: leave this cell blank.")
            return {"site": ""}
        side = row.read("side", _side)
        if measure.slug in SIDED and side == "":
            row.wrong("side", "Write the side that was scanned: left or right.")
        if measure.slug not in SIDED and side:
            row.wrong("side", "The spine has no side: leave this cell blank.")
        return {
            "site": measure.site,
            "side": side,
            "region": row.read("region", partial(read_text, most=24)),
            "device": row.read("device", self._device, blank=None),
            "t_score": row.read("t_score", self._t_score, blank=None),
        }

    def _device(self, text: str) -> ScanDevice:
        found = self.devices.get(alike(text))
        if found is None:
            names = ", ".join(one.name for one in self.devices.values()) or "none yet"
            raise ValueError(f"No scanner of the clinic has this name. There are: {names}."[:300])
        return found

    def _t_score(self, text: str) -> Decimal:
        score = read_number(text, self.layout.reading.decimal)
        if not -8 <= score <= 5 or score != round(score, 1):
            raise ValueError("A T-score lies between −8.0 and 5.0, with one decimal.")
        return score

    # --- known already ------------------------------------------------------------------------
    def _known(self, rows: Iterable[Row]) -> tuple[dict[str, Measurement], set[tuple[Any, ...]]]:
        """What is here: by number, and by whose, what, when, where and how much."""
        found = list(rows)
        numbers = {row.values["external_id"] for row in found} - {""}
        mine = Measurement.objects.filter(clinic=self.by.clinic)
        by_number = {one.external_id: one for one in mine.filter(external_id__in=numbers)}
        same = mine.filter(
            client__in={row.values["client"].pk for row in found},
            taken_on__in={row.values["taken_on"] for row in found},
        )
        keys = same.values_list("client_id", "measure", "taken_on", "site", "side", "amount")
        return by_number, set(keys)

    def _judge(
        self, row: Row, known: tuple[dict[str, Measurement], set[tuple[Any, ...]]], checked: Checked
    ) -> None:
        values, (by_number, here) = row.values, known
        key = (
            values["client"].pk,
            *(values[name] for name in ("measure", "taken_on", "site")),
            values.get("side", ""),
            values["amount"],
        )
        number = values["external_id"]
        if number and (first := self.ids.before(row.number, number)):
            row.wrong("external_id", f"Row {first} has the same number.")
        elif first := self.values.before(row.number, *key):
            row.wrong("", f"Row {first} says the same.")
        elif number in by_number:
            if _key(by_number[number]) == key:
                checked.known += 1
            else:
                row.wrong("external_id", _other(by_number[number]))
        elif key in here:
            checked.known += 1
        else:
            checked.made.append(values)


def _key(one: Measurement) -> tuple[Any, ...]:
    return (one.client_id, one.measure, one.taken_on, one.site, one.side, one.amount)


def _other(one: Measurement) -> str:
    measure = MEASURES[one.measure]
    shown = measure.shown(one.amount) if one.amount is not None else "not done"
    words = f"{measure.label}, {say_day(one.taken_on)}, {shown} {measure.unit}"
    return f"This number is here already with another measurement: {words}."


def _side(text: str) -> str:
    found = SIDES.get(text.lower())
    if found is None:
        raise ValueError("Write left or right.")
    return found.value
