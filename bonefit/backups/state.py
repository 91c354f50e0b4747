"""What the operator's page and ``/metrics`` say of backups. Loads nothing that makes one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bonefit.clinics.models import Backup

from . import retention
from .site import configured


@dataclass(frozen=True, slots=True)
class BackupState:
    """For the operator's page and /metrics. ``late``: no good one for a day and a half."""

    configured: bool
    last: Backup | None
    verified: Backup | None
    late: bool
    damaged: int


def backup_state(now: datetime) -> BackupState:
    """In three queries."""
    rows = Backup.objects.order_by("-made_at")
    last = rows.filter(damaged_at=None).first()
    verified = rows.exclude(verified_at=None).order_by("-verified_at").first()
    late = configured() and (last is None or now - last.made_at > retention.TOO_OLD)
    damaged = rows.filter(removed_at=None).exclude(damaged_at=None).count()
    return BackupState(configured(), last, verified, late, damaged)
