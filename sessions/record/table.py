"""What one table of a client's record is: its rows, its columns, and what each of them says.

Columns are the fields of the model, read from it, so that a new field is in the record unless it
is left out with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models

from bonefit.clients.models import Client, ScanDevice
from bonefit.clinics.models import Membership, OrganisationMembership, User
from programs.models import Exercise, ProgramVersion, RuleSet
from sessions.models import Slot

from .meanings import meaning_of

#: Stand once, at the head of the record.
HEAD = {"clinic", "client"}
#: A person is told by her name, where she worked here; of nobody else is a name given.
PEOPLE: tuple[type[models.Model], ...] = (Membership, OrganisationMembership, User)
#: Things of the clinic that her rows point at; each is told in words.
THINGS: tuple[type[models.Model], ...] = (*(Exercise, ProgramVersion, RuleSet, Slot, ScanDevice),)

_KINDS: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (models.BooleanField, "yes_no"),
    (models.DateTimeField, "moment"),
    (models.DateField, "day"),
    (models.TimeField, "time"),
    (models.DecimalField, "decimal"),
    (models.IntegerField, "integer"),
    (models.JSONField, "json"),
    (ArrayField, "json"),
    (DateTimeRangeField, "span"),
    (models.UUIDField, "text"),
    (models.FileField, "file"),
    (models.CharField, "text"),
    (models.TextField, "text"),
)


class Undeclared(Exception):
    """A column that the record can neither show nor is told to leave out."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``kind``: text, integer, decimal, yes_no, day, moment, time, span, json, file,
    person, thing, or row (a number of ``table``). ``codes``: what may stand there, and in words.
    """

    name: str
    kind: str
    meaning: str
    codes: tuple[tuple[str, str], ...] = ()
    table: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table of the record. ``rows``: hers, by the client; ``out``: fields that are left out of
    it, each with the reason; ``paper``: the columns that are on paper, none where it is not there;
    ``made``: columns whose value is worked out from the row; ``for_clinic``: what of the rows is in
    a copy that the clinic takes, where that is not all.
    """

    name: str
    title: str
    about: str
    model: type[models.Model]
    rows: Callable[[Client], models.QuerySet[Any]]
    out: Mapping[str, str] = field(default_factory=dict)
    paper: tuple[str, ...] = ()
    made: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    for_clinic: Callable[[Client], models.QuerySet[Any]] | None = None


def fields_of(table: Table) -> list[models.Field[Any, Any]]:
    """The fields of a table's model that are in the record, in their order."""
    left_out = set(table.out) | HEAD
    return [one for one in table.model._meta.concrete_fields if one.name not in left_out]


def columns_of(
    table: Table, names: Mapping[type[models.Model], str]
) -> tuple[tuple[models.Field[Any, Any], Column], ...]:
    """Each field with its column; ``names``: the tables of the record by their models.

    Undeclared where a field points at something that the record does not know.
    """
    return tuple((one, _column(table, one, names)) for one in fields_of(table))


def _column(
    table: Table, of: models.Field[Any, Any], names: Mapping[type[models.Model], str]
) -> Column:
    meaning = meaning_of(table.name, of)
    if of.is_relation:
        target = of.related_model
        assert isinstance(target, type)
        if target in PEOPLE:
            return Column(of.name, "person", meaning)
        if target in THINGS:
            return Column(of.name, "thing", meaning)
        if target in names:
            return Column(of.name, "row", meaning, table=names[target])
        raise Undeclared(f"{table.name}.{of.name} points at {target.__name__}.")
    kind = next((kind for known, kind in _KINDS if isinstance(of, known)), None)
    if kind is None:
        raise Undeclared(f"{table.name}.{of.name} is of an unknown kind.")
    codes = tuple((str(code), str(words)) for code, words in of.flatchoices if code != "")
    return Column(of.name, kind, meaning, codes)
