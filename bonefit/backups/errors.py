"""What goes wrong with a backup, in one sentence for whoever runs the site."""

from __future__ import annotations


class BackupError(Exception):
    """Nothing half done is left behind. The message holds no row and no password."""


class BackupDamaged(BackupError):
    """The file is not what was written, or does not hold what was there."""


class BackupBusy(BackupError):
    """Another backup of the same database is being made."""
