"""``manage.py verify_audit``: are the rows of the audit what they were when they were sealed?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bonefit.audit.verifying import Verified, verify
from bonefit.clinics.models import Seal


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

    def handle(self, *args: Any, **options: Any) -> None:
        noted = [_noted(said) for said in options["holds"]]
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
            else:
                self.stdout.write(f"{tail.name}: all rows are sealed")


def _noted(said: str) -> tuple[int, str]:
    number, _, digest = said.partition(":")
    if not number.isdigit() or len(digest) != 64:
        raise CommandError("Write a seal as its number, a colon and its sum.")
    return int(number), digest
