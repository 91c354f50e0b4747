"""What her rows said before they were changed: the database's own history, as a table of the copy.

The triggers keep whole columns, secrets and keys of other people among them. In the copy stand
those that the record has itself and that hold a fact; whom a row named before is left out. What
became of a log-in belongs to no clinic, and so is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Q

from bonefit.clients.models import Client
from bonefit.clinics.kept import RowChange

from .rows import WORK
from .table import Table, columns_of

#: Kinds of columns that point at somebody or something, by a number that says nothing outside.
POINTING = frozenset({"person", "thing", "file"})


def changes_of(tables: tuple[Table, ...]) -> Table:
    """The table of what rows of these tables were."""
    by_name = {table.model._meta.db_table: table for table in tables}
    names = {table.model: table.name for table in tables}

    @cache
    def facts(table: Table) -> dict[str, str]:
        pairs = columns_of(table, names)
        return {str(of.column): one.name for of, one in pairs if one.kind not in POINTING}

    def before(change: RowChange) -> dict[str, Any]:
        said: Mapping[str, Any] = change.before or {}
        known = facts(by_name[change.table])
        return {known[name]: value for name, value in said.items() if name in known}

    def hers(client: Client) -> models.QuerySet[Any]:
        ids = {
            name: list(table.rows(client).order_by().values_list("pk", flat=True))
            for name, table in by_name.items()
        }
        asked = [Q(table=name, row__in=rows) for name, rows in ids.items() if rows]
        kept = RowChange.objects.filter(clinic=client.clinic_id, what=RowChange.What.CHANGED)
        found = kept.filter(reduce(or_, asked, Q(pk=None)))
        return kept.filter(pk__in=[one.pk for one in found if before(one)])

    return Table(
        "changes",
        "What was changed",
        "What a row said until it was changed, and who changed it.",
        RowChange,
        hers,
        out={
            "user": "Stands in the column member.",
            "role": WORK,
            "source": WORK,
            # Of a class that is moved, or a colleague who leaves, it may say what is another's.
            "why": "One reason may be given for rows of many people; hers stand in their tables.",
        },
        made={"table": lambda change: by_name[change.table].name, "before": before},
    )
