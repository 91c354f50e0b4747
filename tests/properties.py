"""How property tests run: a pytest plugin that conftest.py registers before any of them is read.

The examples are the same in every run, so that none fails by what it happened to draw; with
``SOAK=1`` they are drawn anew. A slow machine is not a failure, and no folder of examples is left
in the repository.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests import soaking

settings.register_profile(
    "bonefit",
    deadline=None,
    database=None,
    derandomize=not soaking.IN_FULL,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("bonefit")
