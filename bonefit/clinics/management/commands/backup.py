"""``manage.py backup``: one backup, now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from bonefit.backups import keeping
from bonefit.backups.errors import BackupError
from bonefit.backups.making import make
from bonefit.backups.site import wanted


class Command(BaseCommand):
    help = (
        "Write the database and the uploaded documents into one encrypted file in BACKUP_DIR, and "
        "delete what the settings do not keep."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--verify", action="store_true", help="restore it at once into a scratch database"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            where = wanted()
            made = make(where, now=timezone.now())
            row = keeping.record(made)
            self.stdout.write(
                f"{made.path.name}: {made.rows:,} rows, {made.files:,} documents, "
                f"{filesizeformat(made.size)}"
            )
            if options["verify"]:
                found = keeping.prove(row, made, where)
                self.stdout.write(
                    f"Restored and compared: {found.tables} tables, {found.seconds:.0f} s"
                )
            keeping.prune(where.folder, timezone.now())
        except BackupError as error:
            raise CommandError(str(error)) from error
