"""The Celery application of a worker that asks the tests' own rule (``own_rule``)."""

import pytest

from tests.queue.clocked_app import app  # noqa: F401
from tests.queue.own_rule import install

install(pytest.MonkeyPatch())
