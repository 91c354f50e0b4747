"""``manage.py write_access_page``: docs/access.md from the rights of the roles."""

from typing import Any

from django.core.management.base import BaseCommand

from bonefit.clinics.access_words import as_markdown
from bonefit.paths import BASE_DIR

DOCUMENT = BASE_DIR / "docs" / "access.md"


class Command(BaseCommand):
    help = "Write docs/access.md: which role may do what."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        DOCUMENT.write_text(as_markdown(), encoding="utf-8")
        self.stdout.write("docs/access.md is written.")
