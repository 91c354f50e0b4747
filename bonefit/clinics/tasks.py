"""What Celery calls for the site as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from celery import shared_task

from bonefit.audit import sealing
from bonefit.backups import keeping
from bonefit.beats import SWEEP, Did, swept

#: Seconds. A backup of a large site takes minutes, and its test as long again.
LONGEST = 5400
BACKUP: dict[str, Any] = {**SWEEP, "soft_time_limit": LONGEST, "time_limit": LONGEST + 60}


@shared_task(**BACKUP)
@swept("keep_backups", of_clinics=False)
def keep_backups(now: datetime) -> Did:
    """Make tonight's backup where there is none yet; asked every hour."""
    return keeping.nightly(now)


@shared_task(**SWEEP)
@swept("seal_audit", of_clinics=False)
def seal_audit(now: datetime) -> Did:
    """Chain the rows of the audit that have come since the minute before."""
    return sealing.seal(now)
