"""The Celery application of a worker that asks the tests' own rule (``own_rule``)."""

import os
from datetime import timedelta

import django
from django.utils import timezone

django.setup()

import pytest  # noqa: E402

from bonefit.celery import app  # noqa: E402, F401
from tests.queue.own_rule import install  # noqa: E402

patch = pytest.MonkeyPatch()
install(patch)

#: Seconds by which this worker's clock is ahead.
AHEAD = timedelta(seconds=int(os.environ.get("CLOCK_AHEAD", "0")))
patch.setattr(timezone, "now", lambda now=timezone.now: now() + AHEAD)
