"""``manage.py reset_second_step``: a lost device of somebody whom no clinic's admin can reset."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bonefit.clinics.addresses import user_with_address
from bonefit.clinics.log_ins import take_away, tell_of_reset

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Take away the second step of one person: a clinic's only admin, who runs the site, or who "
        "works for two organisations. All her log-ins end. Make sure first that it is she who asks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="Her e-mail address.")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = user_with_address(email)
        if user is None:
            raise CommandError("Nobody logs in with this address.")
        count = take_away(user, now=timezone.now())
        logger.warning("A second step was reset with manage.py.")
        told = tell_of_reset(user, by="Whoever runs the site")
        self.stdout.write(
            f"Taken away: {count}. "
            + ("She is told by mail." if told else "NOT told: no mail could be sent.")
        )
