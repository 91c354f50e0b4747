"""The Celery application. Its settings are Django's that begin with ``CELERY_``."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bonefit.settings")

app = Celery("bonefit")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def catch_up(sender: Any, **_: Any) -> None:
    """Send each scheduled task once when beat starts.

    Beat waits one interval before the first run, and nobody ran the sweeps while the site was down.
    """
    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"], **entry.get("options", {}))
