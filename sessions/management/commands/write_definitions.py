"""``manage.py write_definitions``: docs/definitions.md from the reports."""

from typing import Any

from django.core.management.base import BaseCommand

from bonefit.paths import BASE_DIR
from sessions.reports.definitions import as_markdown

DOCUMENT = BASE_DIR / "docs" / "definitions.md"


class Command(BaseCommand):
    help = "Write docs/definitions.md: what each figure of a report means."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        DOCUMENT.write_text(as_markdown(), encoding="utf-8")
        self.stdout.write("docs/definitions.md is written.")
