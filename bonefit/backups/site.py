"""What the settings say about backups, as one value."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages

from bonefit.paths import BASE_DIR

from .errors import BackupError


@dataclass(frozen=True)
class Wanted:
    """Where from, where to, for whom, and how many are kept."""

    folder: Path
    database: str
    documents: Path
    programs: str
    recipients: Sequence[str]
    passphrase: str


def configured() -> bool:
    """Whether this site makes backups at all."""
    return bool(settings.BACKUP_DIR)


def wanted() -> Wanted:
    """Raises BackupError where something is not set."""
    if not settings.BACKUP_DIR:
        raise BackupError("No backup is configured: set BACKUP_DIR.")
    if not settings.DATABASE_BACKUP_URL:
        raise BackupError(
            "Set DATABASE_BACKUP_URL to the database's address for the role bonefit_backup."
        )
    return Wanted(
        Path(settings.BACKUP_DIR),
        settings.DATABASE_BACKUP_URL,
        documents(),
        settings.PG_BIN,
        settings.BACKUP_RECIPIENTS,
        settings.BACKUP_PASSPHRASE,
    )


def documents() -> Path:
    """The folder of papers that were uploaded."""
    return Path(storages["private"].path(""))


def app_version() -> str:
    """Of this copy of bonefit."""
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]
    return str(project["version"])
