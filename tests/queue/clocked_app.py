"""The site's own Celery application in a process whose clock is wrong, and whose beat is quick.

``CLOCK_AHEAD``: seconds by which the clock of the whole process is ahead; ``BEAT_EVERY``: seconds
after which beat sends the sweeps of flags and of messages to the staff, and nothing else.
"""

import os
from datetime import UTC, datetime, timedelta

import django
import time_machine

if AHEAD := timedelta(seconds=int(os.environ.get("CLOCK_AHEAD", "0"))):
    time_machine.travel(datetime.now(UTC) + AHEAD, tick=True).start()

django.setup()

from bonefit.celery import app  # noqa: E402
from tests.queue.sweeps_of_flags import SWEEPS  # noqa: E402

if EVERY := os.environ.get("BEAT_EVERY"):
    app.conf.beat_schedule = {
        name: {**app.conf.beat_schedule[name], "schedule": float(EVERY)} for name in SWEEPS
    }
