"""The backups of this site: made when the night has come, recorded, verified once a week."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from bonefit.beats import Did
from bonefit.clinics.models import Backup

from . import retention
from .container import Whole
from .errors import BackupBusy, BackupDamaged, BackupError
from .making import Made, make
from .restoring import open_backup
from .site import Wanted, configured, wanted
from .verifying import Verified, verify

log = logging.getLogger(__name__)

_NAME = re.compile(r"bonefit-(\d{8}T\d{6})Z\.tar")


def nightly(now: datetime) -> Did:
    """What the sweep does: nothing until the night has come; then one backup, and what is too much
    goes. Once a week it is restored for a test, and all that are kept are read again.

    ``opened`` counts backups made, ``resolved`` those deleted, ``failed`` those found damaged.
    """
    if not configured():
        return Did()
    last = Backup.objects.order_by("-made_at").first()
    if not retention.due(now, last.made_at if last else None, settings.BACKUP_HOUR):
        return Did()
    where = wanted()
    try:
        made = make(where, now=now)
    except BackupBusy:
        log.info("Another worker makes the backup.")
        return Did()
    row = record(made)
    proven = Backup.objects.exclude(verified_at=None).order_by("-verified_at").first()
    damaged = 0
    if retention.verification_due(now, proven.verified_at if proven else None):
        prove(row, made, where)
        damaged = read_again(where.folder, now)
    return Did(seen=1, opened=1, resolved=prune(where.folder, now), failed=damaged)


def record(made: Made) -> Backup:
    """Note a finished backup for the operator's page."""
    return Backup.objects.create(
        name=made.path.name, made_at=made.at, size=made.size, rows=made.rows, files=made.files
    )


def prove(row: Backup, made: Made, where: Wanted) -> Verified:
    """Restore a backup that has just been made, with the key that nobody keeps.

    Raises BackupDamaged, and notes it, where it is not what was backed up; BackupError where it
    could not be tried (no room to restore it): then it counts as good and is not verified.
    """
    try:
        opened = open_backup(made.path, keys=[made.key])
        found = verify(opened, scratch=scratch(), programs=where.programs)
    except BackupDamaged:
        Backup.objects.filter(pk=row.pk).update(damaged_at=timezone.now())
        raise
    Backup.objects.filter(pk=row.pk).update(verified_at=timezone.now())
    return found


def scratch() -> Path:
    """The folder in which backups are restored for a test. It must have room for the database."""
    return Path(settings.BACKUP_SCRATCH_DIR)


def stored(folder: Path) -> dict[datetime, Path]:
    """The backups in a folder, by when they were made; other files are none of ours."""
    return dict(_stored(folder))


def _stored(folder: Path) -> Iterator[tuple[datetime, Path]]:
    for path in folder.iterdir():
        if found := _NAME.fullmatch(path.name):
            yield datetime.strptime(found.group(1), "%Y%m%dT%H%M%S").replace(tzinfo=UTC), path


def prune(folder: Path, now: datetime) -> int:
    """Delete the good backups that need not be kept, and note what is gone; how many.

    A damaged one takes no other's place, and stays until somebody has looked at it.
    """
    damaged = set(Backup.objects.exclude(damaged_at=None).values_list("name", flat=True))
    there = {at: path for at, path in stored(folder).items() if path.name not in damaged}
    keep = retention.kept(
        there,
        daily=settings.BACKUP_KEEP_DAILY,
        weekly=settings.BACKUP_KEEP_WEEKLY,
        monthly=settings.BACKUP_KEEP_MONTHLY,
    )
    gone = [path for at, path in there.items() if at not in keep]
    for path in gone:
        path.unlink()
    left = [path.name for path in stored(folder).values()]
    Backup.objects.filter(removed_at=None).exclude(name__in=left).update(removed_at=now)
    return len(gone)


def read_again(folder: Path, now: datetime) -> int:
    """Compare each backup that is kept with its sums; how many are not what was written."""
    damaged = 0
    for path in stored(folder).values():
        try:
            Whole(path).check()
        except BackupError:
            damaged += 1
            Backup.objects.filter(name=path.name).update(damaged_at=now)
            log.error("The backup %s is damaged.", path.name)
    return damaged
