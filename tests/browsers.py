"""Which browser the tests drive."""

from __future__ import annotations

import shutil


def system_browser() -> str | None:
    """The path of a Chromium that the system has installed."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    return None
