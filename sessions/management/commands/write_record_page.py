"""``manage.py write_record_page``: docs/record.md from the tables of a client's record."""

from typing import Any

from django.core.management.base import BaseCommand

from bonefit.paths import BASE_DIR
from sessions.record.page import as_markdown

DOCUMENT = BASE_DIR / "docs" / "record.md"


class Command(BaseCommand):
    help = "Write docs/record.md: what is in the copy of a client's record, and in which form."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        DOCUMENT.write_text(as_markdown(), encoding="utf-8")
        self.stdout.write("docs/record.md is written.")
