"""``manage.py verify_backup FILE``: restore a backup for a test, count, throw that away."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bonefit.backups import keeping
from bonefit.backups.errors import BackupError
from bonefit.backups.verifying import verify
from bonefit.clinics.management.commands._keys import add_key_arguments, opened
from bonefit.clinics.models import Backup


class Command(BaseCommand):
    help = (
        "Check every sum of a backup, restore it into a scratch database of its own, compare the "
        "rows of every table with those that were backed up, and drop it. Touches nothing else."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_key_arguments(parser)
        parser.add_argument(
            "--record", action="store_true", help="note it for the operator's page of this site"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backup = opened(options)
            found = verify(backup, scratch=keeping.scratch(), programs=settings.PG_BIN)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{backup.whole.path.name} is good: {found.tables} tables with {found.rows:,} rows and "
            f"{found.files:,} documents are as they were on {backup.manifest['made_at']}."
        )
        if found.lost:
            self.stdout.write(f"{found.lost:,} files that rows name were gone by then.")
        if options["record"]:
            rows = Backup.objects.filter(name=backup.whole.path.name)
            if not rows.update(verified_at=timezone.now()):
                raise CommandError("This site made no backup of that name, so nothing was noted.")
