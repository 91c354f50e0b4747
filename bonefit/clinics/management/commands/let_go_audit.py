"""``manage.py let_go_audit NAME --upto NUMBER --why …``: say that old rows have been deleted."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bonefit.audit.sealing import let_go
from bonefit.audit.tables import BY_NAME


class Command(BaseCommand):
    help = (
        "Add to the chain of seals that rows of an audited table, up to a number, were deleted "
        "because they need not be kept longer. Deletes nothing itself: only the owner of the "
        "tables can. verify_audit then tells of it, and checks the rows that are still there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=sorted(BY_NAME))
        parser.add_argument("--upto", type=int, required=True, help="the last row's number")
        parser.add_argument("--why", required=True, help="who decided it, and by which rule")

    def handle(self, *args: Any, **options: Any) -> None:
        one, why = BY_NAME[options["name"]], options["why"]
        try:
            seal = let_go(one, upto=options["upto"], why=why, now=timezone.now())
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Seal {seal.number} says that {seal.name} up to {seal.upto} were let go."
        )
