"""``manage.py deidentify``: take the people out of a copy of the database."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bonefit.backups.errors import BackupError
from bonefit.deidentify.files import Unfinished
from bonefit.deidentify.running import Refused, deidentify
from bonefit.deidentify.table import Undeclared


class Command(BaseCommand):
    help = (
        "Take the people out of a copy of the database, for a demo or for support: names, texts "
        "and secrets go, days move. Never touches the database of this site, and nothing that "
        "anybody is connected to. There is no way back."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the name of the copy, as it stands in the address")
        parser.add_argument(
            "--database-url",
            required=True,
            metavar="URL",
            help="where the copy is, for the role bonefit_owner",
        )
        parser.add_argument("--again", metavar="NAME", help="the name once more; else it is asked")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        again = options["again"]
        if again is None and sys.stdin.isatty():
            again = input(f"Everybody in {name} will be gone. Its name once more: ").strip()
        try:
            done = deidentify(
                options["database_url"],
                name=name,
                again=again or "",
                deployed=_addresses(),
            )
        except (BackupError, Refused, Undeclared, Unfinished) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{name}: {done.rows:,} rows of {done.tables} tables are written anew, {done.emptied} "
            "tables are empty.\nHand over a dump of it (pg_dump --format=custom), not its folder, "
            "and none of the documents."
        )


def _addresses() -> list[str]:
    """How this site reaches its own database, each once."""
    said = settings.DATABASE_URL, settings.DATABASE_OWNER_URL, settings.DATABASE_BACKUP_URL
    return sorted({one for one in said if one})
