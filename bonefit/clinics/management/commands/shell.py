"""Django's own shell, in which the rows of every clinic are in sight, as in any other command."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.shell import Command as DjangosShell

from bonefit.clinics import rows


class Command(DjangosShell):
    """What is typed or given with ``-c`` sees every clinic that there is when it begins."""

    def handle(self, **options: Any) -> None:
        with rows.seeing_every_clinic():
            super().handle(**options)
