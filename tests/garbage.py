"""The garbage collector walks less often: a pytest plugin that conftest.py registers.

A test process holds some hundred thousand objects that live as long as it does: Django, all models
and templates, and every test that was collected. By Python's usual measure each of them is looked
at again and again, although a test leaves little behind that is not freed at once.
"""

from __future__ import annotations

import gc

import pytest

#: How many objects are made beyond those that were freed before the youngest are walked, and how
#: many such walks there are before the older ones are. Python's own: 700, 10, 10.
THRESHOLDS = (50_000, 20, 20)


def pytest_configure() -> None:
    """Before the tests are collected: nothing of what that makes is garbage."""
    gc.set_threshold(*THRESHOLDS)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is there now stays, and is not walked at all."""
    gc.collect()
    gc.freeze()
