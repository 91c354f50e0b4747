"""Hashes of secrets, kept where they are found before a clinic is known: for migrations.

A table of secrets lies under the policies of its clinic. So triggers keep each ``token_hash`` in
``clinics_knowntoken`` too, beside the number of the clinic; a writer cannot forget it.
"""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

FUNCTION = """
CREATE FUNCTION keep_known_token() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM clinics_knowntoken WHERE token_hash = OLD.token_hash;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO clinics_knowntoken (token_hash, belongs_to_id)
        VALUES (NEW.token_hash, NEW.clinic_id);
    END IF;
    RETURN NULL;
END $$;
"""
NO_FUNCTION = "DROP FUNCTION keep_known_token()"


class TokensAreKnown(Operation):
    """Keep the ``token_hash`` of these models' rows in ``KnownToken``, those there are as well.

    Twice does no harm: the migration says ``atomic = False``.
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
        for table in self._tables(app_label, to_state):
            # First the trigger: a secret that is made in between is not missed.
            schema_editor.execute(
                f"CREATE OR REPLACE TRIGGER keep_known_token "
                f"AFTER INSERT OR DELETE OR UPDATE OF token_hash, clinic_id ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION keep_known_token()"
            )
            schema_editor.execute(
                "INSERT INTO clinics_knowntoken (token_hash, belongs_to_id) "
                f"SELECT token_hash, clinic_id FROM {table} ON CONFLICT DO NOTHING"
            )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for table in self._tables(app_label, from_state):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS keep_known_token ON {table}")
            schema_editor.execute(
                "DELETE FROM clinics_knowntoken k "
                f"USING {table} t WHERE t.token_hash = k.token_hash"
            )

    def describe(self) -> str:
        return f"Keep the hashes of {', '.join(self.names)} where they are found without a clinic"

    def _tables(self, app_label: str, state: ProjectState) -> list[str]:
        return [state.apps.get_model(app_label, name)._meta.db_table for name in self.names]
