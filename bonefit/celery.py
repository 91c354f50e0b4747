"""The Celery application. Its settings are Django's that begin with ``CELERY_``."""

import os
from typing import Any

from celery import Celery, Task
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bonefit.settings")


class SeesNothing(Task):
    """A task begins with no row of any clinic in sight, whatever ran in this process before."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from bonefit.clinics import rows

        with rows.nothing():
            return super().__call__(*args, **kwargs)


app = Celery("bonefit", task_cls=SeesNothing)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def only_bound(**_: Any) -> None:
    """Neither worker nor beat starts with a role that no policy binds."""
    from django.core.exceptions import ImproperlyConfigured

    from bonefit.clinics.roles import refuse_to_serve_unbound

    try:
        refuse_to_serve_unbound()
    except ImproperlyConfigured as error:
        # Celery only logs what else a receiver raises, and goes on.
        raise SystemExit(str(error)) from error


@beat_init.connect
def catch_up(sender: Any, **_: Any) -> None:
    """Send each scheduled task once when beat starts.

    Beat waits one interval before the first run, and nobody ran the sweeps while the site was down.
    """
    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"], **entry.get("options", {}))
