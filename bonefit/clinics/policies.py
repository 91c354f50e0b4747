"""The policies by which PostgreSQL shows a connection the rows of its clinics, for migrations.

``rows`` tells a connection which clinics those are. Every clinic-owned table has ``one_clinic``,
forced, so that it also binds a table's owner; the role that runs migrations has one of its own.
Where rows are about a client, ``own_clients`` narrows them for clients and companions.
"""

from __future__ import annotations

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from .keys import owned_by_clinic

# What a connection was told. A setting that is not there, or empty, is NULL: of clinics that is
# none, of clients everybody. Clinics are ranges of numbers: among hundreds of them one is found as
# fast as among a few, where an array is looked through from its beginning for each row.
_CLINICS = "nullif(current_setting('bonefit.clinics', true), '')::int8multirange"
_CLIENTS = "nullif(current_setting('bonefit.clients', true), '')::bigint[]"
_PERSON = "nullif(current_setting('bonefit.person', true), '')::bigint"

#: For what goes through the clinics in sight. Policies do not call it: PostgreSQL would read its
#: text anew for each table of each statement.
FUNCTIONS = f"""
CREATE FUNCTION seen_clinics() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT ARRAY(SELECT id FROM clinics_clinic WHERE id <@ {_CLINICS})
$$;
"""
NO_FUNCTIONS = "DROP FUNCTION seen_clinics()"


def client_column(model: type[models.Model]) -> str:
    """The column that says which client a row is about; "" where there is none."""
    if model._meta.label_lower == "clients.client":
        return "id"
    return next(
        (
            field.column
            for field in model._meta.concrete_fields
            if field.name == "client" and isinstance(field, models.ForeignKey)
        ),
        "",
    )


def policies_of(model: type[models.Model]) -> dict[str, str]:
    """The policies of a clinic-owned model by name, each as what follows ``ON table``.

    A sub-select is worked out once for a statement. Nearly every row that a statement meets may be
    seen, for it asks for its own clinic's; ``<> 0`` has PostgreSQL think so when it plans, where of
    any other comparison it would think that a half or a few of them are left.
    """
    seen = f"coalesce((SELECT {_CLINICS}) @> clinic_id, false)::int <> 0"
    if model._meta.get_field("clinic").null:
        # A row of no clinic is of a log-in or an organisation: tables that are under no policy.
        seen = f"{seen} OR clinic_id IS NULL"
    found = {
        "one_clinic": f"USING ({seen})",
        "of_owner": "TO CURRENT_USER USING (true)",
    }
    if model._meta.label_lower == "clinics.membership":
        # Before a clinic is known a person may look where she belongs; she cannot say so herself.
        found["own"] = f"FOR SELECT USING (user_id = (SELECT {_PERSON}))"
    if column := client_column(model):
        hers = f"{column} = ANY ((SELECT {_CLIENTS})::bigint[])"
        # Of a row about nobody in particular the comparison says nothing; it is not hers.
        otherwise = f"(SELECT {_CLIENTS}) IS NULL" if _may_be_of_nobody(model) else "true"
        found["own_clients"] = f"AS RESTRICTIVE USING (coalesce({hers}, {otherwise})::int <> 0)"
    return found


def _may_be_of_nobody(model: type[models.Model]) -> bool:
    return any(field.name == "client" and bool(field.null) for field in model._meta.concrete_fields)


class RowsOfOneClinic(Operation):
    """Put some models' tables under their policies: ``RowsOfOneClinic("Visit", "Flag")``.

    No row is looked at. The migration says ``atomic = False``, so that of a site that runs only
    one table is locked at a time; begun and broken off, it is simply run again.
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
        for model in self._models(app_label, to_state):
            table = model._meta.db_table
            for name, rule in policies_of(model).items():
                schema_editor.execute(f"DROP POLICY IF EXISTS {name} ON {table}")
                schema_editor.execute(f"CREATE POLICY {name} ON {table} {rule}")
            # Last: a table under no policy yet would be empty for everybody.
            schema_editor.execute(
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
            )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in self._models(app_label, from_state):
            table = model._meta.db_table
            schema_editor.execute(
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"
            )
            for name in policies_of(model):
                schema_editor.execute(f"DROP POLICY IF EXISTS {name} ON {table}")

    def describe(self) -> str:
        return f"Show rows of {', '.join(self.names)} to connections of their clinic only"

    def _models(self, app_label: str, state: ProjectState) -> list[type[models.Model]]:
        found = [state.apps.get_model(app_label, name) for name in self.names]
        for model in found:
            if not owned_by_clinic(model):
                raise ValueError(f"{model._meta.label} belongs to no clinic.")
        return found
