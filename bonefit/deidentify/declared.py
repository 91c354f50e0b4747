"""All that was said of the tables, by model, and whether it is all that there is."""

from __future__ import annotations

from collections.abc import Mapping

from .dropped import DROPPED
from .table import HEAD, Table, Undeclared
from .tables_clients import CLIENTS
from .tables_site import SITE
from .tables_training import TRAINING

TABLES: Mapping[str, Table] = {table.label: table for table in (*SITE, *CLIENTS, *TRAINING)}

#: Tables that are no model's and hold nothing of anybody.
NO_MODEL = frozenset({"django_migrations"})

#: Texts that are kept, though their column could hold any, each with its reason.
KEPT_TEXTS: Mapping[str, str] = {
    "auth.Permission.name": "Django writes it, from the names of models.",
    "auth.Permission.codename": "Django writes it, from the names of models.",
    "contenttypes.ContentType.app_label": "Django writes it, from the code.",
    "contenttypes.ContentType.model": "Django writes it, from the code.",
    "clinics.Clinic.timezone": "Chosen from a list. Hours of classes are by it, and it is as wide "
    "as a country or a state.",
    "programs.ProgramVersion.fingerprint": "A sum over a program, which is about nobody.",
    "training.Flag.rule": "The number and version of a rule: bonefit writes it.",
}


def check(found: Mapping[str, tuple[str, frozenset[str]]]) -> None:
    """Raise Undeclared unless everything in ``found`` is declared, and nothing else is.

    ``found``: tables of the database, each with its model's label and the names of its fields.
    """
    wrong = []
    for table, (label, fields) in sorted(found.items()):
        if table in NO_MODEL or label in DROPPED:
            continue
        if label not in TABLES:
            wrong.append(f"{table} ({label or 'no model'})")
            continue
        said = TABLES[label].fields.keys() | set(HEAD)
        wrong += [f"{label}.{name}" for name in sorted(fields - said)]
        wrong += [
            f"{label}.{name}, which is not there"
            for name in sorted(TABLES[label].fields.keys() - fields)
        ]
    there = {label for label, _ in found.values()}
    wrong += [f"{label}, which is not there" for label in sorted(TABLES.keys() - there)]
    wrong += [f"{label}, which is not there" for label in sorted(DROPPED.keys() - there)]
    if wrong:
        raise Undeclared(
            "Nobody has said what becomes of " + "; ".join(wrong) + " (bonefit/deidentify)."
        )
