"""Which browser the tests drive."""

from __future__ import annotations

import shutil

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
