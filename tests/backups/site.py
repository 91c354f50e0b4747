"""A site to be backed up and restored, and how to look at all that is in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bonefit.backups.making import Made, make
from bonefit.backups.restoring import Opened, Restored, open_backup, restore
from bonefit.backups.site import Wanted
from bonefit.embedded import Cluster

NOW = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
WORDS = "a rather long passphrase"

#: What a clinic's own tables will have: rows that may only be added, rights that are fewer than the
#: usual ones, and a policy that hides every row from all but who may pass policies by.
OUT_OF_BAND = """
CREATE TABLE public.drill_seal (id bigint GENERATED ALWAYS AS IDENTITY, said text NOT NULL);
CREATE FUNCTION public.drill_no() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'a seal is not changed'; END $$;
CREATE TRIGGER drill_append_only BEFORE UPDATE OR DELETE ON public.drill_seal
  FOR EACH ROW EXECUTE FUNCTION public.drill_no();
REVOKE DELETE ON public.drill_seal FROM bonefit_app;
INSERT INTO public.drill_seal (said) SELECT 'seal ' || n FROM generate_series(1, 50) AS n;
ALTER TABLE public.drill_seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.drill_seal FORCE ROW LEVEL SECURITY;
CREATE POLICY drill_some ON public.drill_seal USING (said <> 'seal 7');
"""

_TABLES = """
SELECT relname, oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1
"""
_SHAPE = (
    "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid), tgenabled::text FROM pg_trigger"
    " WHERE NOT tgisinternal ORDER BY 1, 2",
    # PostgreSQL reads its own words back with other brackets and casts.
    "SELECT conrelid::regclass::text, conname,"
    " regexp_replace(pg_get_constraintdef(oid), '[()]|::[a-z ]+(\\[\\])?', '', 'g')"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "SELECT indexname,"
    " regexp_replace(indexdef, '[()]|::[a-z ]+(\\[\\])?', '', 'g')"
    " FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "SELECT oid::regclass::text, pg_get_userbyid(relowner), relrowsecurity, relforcerowsecurity,"
    " (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(relacl) a) FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') ORDER BY 1",
    "SELECT attrelid::regclass::text, attname, attacl::text FROM pg_attribute"
    " WHERE attacl IS NOT NULL AND attnum > 0 AND NOT attisdropped"
    " AND attrelid::regclass::text !~ '^pg_' ORDER BY 1, 2",
    "SELECT oid::regprocedure::text, (SELECT array_agg(a::text ORDER BY a::text) FROM"
    " unnest(proacl) a) FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
    "SELECT polname, polrelid::regclass::text, pg_get_expr(polqual, polrelid) FROM pg_policy",
    "SELECT nspname, pg_get_userbyid(nspowner),"
    " (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(nspacl) a)"
    " FROM pg_namespace WHERE nspname = 'public'",
    "SELECT defaclobjtype::text, (SELECT array_agg(a::text ORDER BY a::text) FROM"
    " unnest(defaclacl) a) FROM pg_default_acl ORDER BY 1",
)


@dataclass
class Site:
    """One database, its documents, the folder of its backups, and the key that opens them."""

    cluster: Cluster
    database: str
    folder: Path
    key: Any

    @property
    def documents(self) -> Path:
        return self.folder / "documents"

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    def wanted(self, **other: Any) -> Wanted:
        usual: dict[str, Any] = {
            "folder": self.backups,
            "database": self.cluster.url("bonefit_backup", self.database),
            "documents": self.documents,
            "programs": "",
            "recipients": [str(self.key.to_public())],
            "passphrase": "",
        }
        return Wanted(**(usual | other))

    def back_up(self, now: datetime = NOW, **other: Any) -> Made:
        return make(self.wanted(**other), now=now)

    @property
    def file(self) -> Path:
        (found,) = self.backups.glob("bonefit-*.tar")
        return found

    def opened(self) -> Opened:
        return open_backup(self.file, keys=[self.key])

    def restore(self, opened: Opened | None = None, **other: Any) -> Restored:
        usual: dict[str, Any] = {
            "into": self.cluster.url("bonefit_owner", self.database),
            "check_as": self.cluster.url("bonefit_backup", self.database),
            "documents": self.documents,
            "programs": "",
            "replace": False,
            "now": NOW,
        }
        return restore(opened or self.opened(), **(usual | other))

    def rows(self) -> dict[str, list[str]]:
        """Every row of every table, as the superuser sees it."""
        with self.cluster.connect(database=self.database) as sees:
            names = [name for name, _ in sees.execute(_TABLES).fetchall()]
            return {
                name: sorted(
                    row[0] for row in sees.execute(f'SELECT t::text FROM "{name}" t'.encode())
                )
                for name in names
            }

    def sequences(self) -> list[tuple[Any, ...]]:
        query = "SELECT sequencename, last_value, start_value, increment_by FROM pg_sequences"
        with self.cluster.connect(database=self.database) as sees:
            return sorted(sees.execute(query.encode()).fetchall(), key=str)

    def shape(self) -> set[tuple[Any, ...]]:
        """Triggers, constraints, indexes, owners, rights, policies."""
        with self.cluster.connect(database=self.database) as sees:
            return {
                (number, *map(str, row))
                for number, query in enumerate(_SHAPE)
                for row in sees.execute(query.encode()).fetchall()
            }

    def papers(self) -> dict[str, bytes]:
        """Every visible file, byte for byte."""
        return {
            path.relative_to(self.documents).as_posix(): path.read_bytes()
            for path in sorted(self.documents.rglob("*"))
            if path.is_file() and not path.relative_to(self.documents).as_posix().startswith(".")
        }
