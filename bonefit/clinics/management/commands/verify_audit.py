"""``manage.py verify_audit``: are the rows of the audit what they were when they were sealed?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bonefit.audit.state import TOO_OLD
from bonefit.audit.verifying import Verified, verify
from bonefit.backups.container import SEAL, Whole
from bonefit.backups.errors import BackupError
from bonefit.clinics.models import Seal

LONG = (
    "  That is long: seal_audit does not run, or seals were taken away. The seal of a backup tells "
    "(--backup)."
)


class Command(BaseCommand):
    help = (
        "Check each seal of the audit and each row that it covers. Names the first seal that does "
        "not hold, and the row where that can be known, and says what is not sealed yet. Exits "
        "with 1 where a seal does not hold. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--holds",
            action="append",
            default=[],
            metavar="NUMBER:SUM",
            help="a seal that was noted elsewhere; fails where it is not in the chain",
        )
        parser.add_argument(
            "--backup",
            action="append",
            default=[],
            metavar="FILE",
            help="the same with the seal that a backup holds, for which no key is needed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        noted = [_noted(said) for said in options["holds"]]
        noted += [_noted(_in_backup(Path(file))) for file in options["backup"]]
        found = verify()
        self._say(found)
        if found.broken is not None:
            broken = found.broken
            row = "" if broken.row is None else f" (row {broken.row})"
            raise CommandError(
                f"Seal {broken.number}, of {broken.name}, does not hold: {broken.what}{row}."
            )
        for number, digest in noted:
            if not Seal.objects.filter(number=number, digest=digest).exists():
                raise CommandError(f"Seal {number} is not the one that was noted.")
        self.stdout.write("Everything that is sealed is as it was.")

    def _say(self, found: Verified) -> None:
        self.stdout.write(f"{found.seals:,} seals over {found.rows:,} rows hold.")
        if found.last is not None:
            last = found.last
            self.stdout.write(
                f"The last of them, of {last.sealed_at:%Y-%m-%d %H:%M:%S} UTC: "
                f"{last.number}:{last.digest}"
            )
        for seal in Seal.objects.filter(kind=Seal.Kind.LET_GO).order_by("number"):
            self.stdout.write(
                f"{seal.name}: rows up to {seal.upto} were let go on {seal.sealed_at:%Y-%m-%d}: "
                f"{seal.why} ({found.gone.get(seal.name, 0):,} rows are gone)"
            )
        for tail in found.tails:
            if tail.rows and tail.since is not None:
                self.stdout.write(
                    f"{tail.name}: {tail.rows:,} rows are not sealed yet, {tail.first} to "
                    f"{tail.last}, the oldest of {tail.since:%Y-%m-%d %H:%M:%S} UTC"
                )
                if timezone.now() - tail.since > TOO_OLD:
                    self.stdout.write(LONG)
            else:
                self.stdout.write(f"{tail.name}: all rows are sealed")


def _noted(said: str) -> tuple[int, str]:
    number, _, digest = said.partition(":")
    if not number.isdigit() or len(digest) != 64:
        raise CommandError("Write a seal as its number, a colon and its sum.")
    return int(number), digest


def _in_backup(file: Path) -> str:
    """The seal that stands in a backup, whose sums have to be right."""
    try:
        backup = Whole(file)
        backup.check()
    except BackupError as error:
        raise CommandError(str(error)) from error
    if SEAL not in backup:
        raise CommandError(f"{file.name} holds no seal: nothing had been sealed then.")
    return backup.read(SEAL).decode(errors="replace").strip()
