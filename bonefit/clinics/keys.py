"""Keys that keep a row of one clinic from pointing into another, for migrations and tests.

PostgreSQL checks keys beneath all policies: a plain key would take the number of a row that the
writer may not see. So each key from one clinic-owned table to another is
``FOREIGN KEY (clinic_id, parent_id)``, which only finds a parent of the same clinic. It takes the
place of Django's own of one column, which would look for the same parent once more at every write.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

#: PostgreSQL cuts longer names off.
LONGEST_NAME = 63
CLINIC = "clinics.clinic"


@dataclass(frozen=True, slots=True)
class Key:
    """One key from a clinic-owned table to another, by the names in the database."""

    table: str
    column: str
    parent: str

    @property
    def name(self) -> str:
        """The constraint's name, at most 63 characters."""
        name = f"{self.table}_{self.column}_same_clinic"
        if len(name) > LONGEST_NAME:
            raise ValueError(f"{name} is longer than PostgreSQL keeps.")
        return name

    @property
    def plain_name(self) -> str:
        """The name of the key of one column that the way back adds."""
        return self.name.removesuffix("_same_clinic") + "_one_column"


def owned_by_clinic(model: type[models.Model]) -> bool:
    """Does each row of the model belong to one clinic?"""
    return any(
        field.name == "clinic" and field.related_model._meta.label_lower == CLINIC
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
    )


def keys_of(model: type[models.Model], *fields: str) -> list[Key]:
    """The keys that a clinic-owned model has to others; of ``fields`` only, where any are named.

    A key that the database does not hold (``db_constraint=False``) is left as it is: the access log
    never waits for a row that it names.
    """
    meta = model._meta
    return [
        Key(meta.db_table, field.column, field.related_model._meta.db_table)
        for field in meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and getattr(field, "db_constraint", True)
        and (not fields or field.name in fields)
        and owned_by_clinic(field.related_model)
    ]


class SameClinic(Operation):
    """Pin what some models point at to their own clinic: ``SameClinic("Visit", "Flag.slot")``.

    Each is added without looking at the rows there are, which are looked at afterwards, while
    others read and write. So the migration needs ``atomic = False``; begun and broken off, it is
    simply run again. A row that does point into another clinic stops it, and nothing is changed.
    Only then is the key of one column dropped; the way back adds it before it drops this one.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, *names: str) -> None:
        self.names = names

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing that models know of."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        there = _there(schema_editor)
        for key in self._keys(app_label, to_state.apps):
            if key.name not in there:
                schema_editor.execute(
                    f"ALTER TABLE {key.table} ADD CONSTRAINT {key.name} "
                    f"FOREIGN KEY (clinic_id, {key.column}) REFERENCES {key.parent} "
                    "(clinic_id, id) DEFERRABLE INITIALLY DEFERRED NOT VALID"
                )
            if not there.get(key.name):
                schema_editor.execute(f"ALTER TABLE {key.table} VALIDATE CONSTRAINT {key.name}")
            for plain in _plain(schema_editor, key):
                schema_editor.execute(f"ALTER TABLE {key.table} DROP CONSTRAINT {plain}")

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for key in self._keys(app_label, from_state.apps):
            if not _plain(schema_editor, key):
                schema_editor.execute(
                    f"ALTER TABLE {key.table} ADD CONSTRAINT {key.plain_name} "
                    f"FOREIGN KEY ({key.column}) REFERENCES {key.parent} (id) "
                    "DEFERRABLE INITIALLY DEFERRED NOT VALID"
                )
                schema_editor.execute(
                    f"ALTER TABLE {key.table} VALIDATE CONSTRAINT {key.plain_name}"
                )
            schema_editor.execute(f"ALTER TABLE {key.table} DROP CONSTRAINT IF EXISTS {key.name}")

    def describe(self) -> str:
        return f"Pin {', '.join(self.names)} to rows of the same clinic"

    def _keys(self, app_label: str, apps: Apps) -> list[Key]:
        found: list[Key] = []
        for name in self.names:
            model, _, field = name.partition(".")
            keys = keys_of(apps.get_model(app_label, model), *([field] if field else []))
            if not keys:
                raise ValueError(f"{name} points at nothing that belongs to a clinic.")
            found += keys
        return found


def _plain(schema_editor: BaseDatabaseSchemaEditor, key: Key) -> list[str]:
    """The names of the keys of that column alone, however they came to them."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint JOIN pg_attribute"
            " ON attrelid = conrelid AND attnum = conkey[1]"
            " WHERE contype = 'f' AND cardinality(conkey) = 1"
            " AND conrelid = %s::regclass AND attname = %s",
            [key.table, key.column],
        )
        return [name for (name,) in cursor.fetchall()]


def _there(schema_editor: BaseDatabaseSchemaEditor) -> dict[str, Any]:
    """The constraints that are there, and whether all rows have been looked at."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, convalidated FROM pg_constraint "
            "WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
        )
        return dict(cursor.fetchall())
