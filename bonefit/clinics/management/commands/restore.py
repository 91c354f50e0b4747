"""``manage.py restore FILE``: put a backup back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone

from bonefit.backups import postgres
from bonefit.backups.errors import BackupError
from bonefit.backups.restoring import restore
from bonefit.backups.site import documents
from bonefit.clinics.management.commands._keys import add_key_arguments, opened


class Command(BaseCommand):
    help = (
        "Put a backup's rows and documents back, as the owner's role. Stop web, worker and beat "
        "before. Refuses a database or a folder that is not empty, unless told to replace it."
    )
    requires_system_checks = []  # the tables may not be there yet
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        add_key_arguments(parser)
        parser.add_argument(
            "--into",
            metavar="DATABASE",
            help="another database on the server of DATABASE_OWNER_URL (which it is by default)",
        )
        parser.add_argument(
            "--documents",
            type=Path,
            help="the folder for documents (default: DOCUMENTS_DIR)",
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="drop what is in the database; documents that are there are put aside",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        connections.close_all()  # ours would be one of the others
        into, check = settings.DATABASE_OWNER_URL, settings.DATABASE_BACKUP_URL
        if not check:
            raise CommandError("Set DATABASE_BACKUP_URL: its role counts what was restored.")
        try:
            name = options["into"] or postgres.parameters(into, "DATABASE_OWNER_URL")["dbname"]
            done = restore(
                opened(options),
                into=postgres.with_database(into, name),
                check_as=postgres.with_database(check, name),
                documents=options["documents"] or documents(),
                programs=settings.PG_BIN,
                replace=options["replace"],
                now=timezone.now(),
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Restored and compared: {done.tables} tables with {done.rows:,} rows, "
            f"{done.files:,} documents."
        )
        if done.aside is not None:
            self.stdout.write(f"Documents that were there are in {done.aside.name}, beside these.")
        if done.older:
            self.stdout.write("The backup is of an older bonefit: run manage.py migrate now.")
