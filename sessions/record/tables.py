"""The tables of a client's record, and what is left out of it, each with its reason.

A test goes through all models: one that belongs to a client, directly or over a parent, stands in
``TABLES`` or in ``LEFT_OUT``.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models

from sessions import models as training

from .changes import changes_of
from .rows import WORK
from .table import Table
from .tables_person import HEALTH, PERSON
from .tables_rest import REST
from .tables_training import FLAGS, TRAINING

_KEPT: tuple[Table, ...] = (*PERSON, *TRAINING, *HEALTH, *FLAGS, *REST)
TABLES: tuple[Table, ...] = (*_KEPT, changes_of(_KEPT))

AGAIN = "Worked out again from the sessions and sets, which are all in the record."

#: Models that belong to a client, directly or over a parent, and are not in the record.
LEFT_OUT: Mapping[type[models.Model], str] = {
    training.DeliveredSession: AGAIN,
    training.DeliveredLift: AGAIN,
    training.DoseRow: AGAIN,
    training.DoseMonth: AGAIN,
    training.DoseReady: WORK,
    training.DoseChanged: WORK,
    training.Review: WORK,
    training.Changed: WORK,
}

#: The tables of the record by their models: what a row may point at.
BY_MODEL: Mapping[type[models.Model], str] = {table.model: table.name for table in TABLES}
