"""Which browser the tests drive, and how long they wait for it."""

from __future__ import annotations

import shutil

#: Milliseconds that a test waits for what it expects of a page: a machine with more to do than this
#: suite takes long, and only a test that fails waits to the end. The board looks once a minute what
#: is new: whoever waited for that no longer than a minute would give up too early by chance.
PATIENCE = 120_000
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


def system_browser() -> str | None:
    """The path of a Chromium that the system has installed.

    First the one without windows of its own: the same pages for a third of the processor's time.
    """
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return None
