"""Before the tests: see to it that there is a Chromium, if one can be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

from tests.browsers import system_browser


def has_browser() -> bool:
    """Is there one on the system, or one that Playwright has brought?"""
    if system_browser():
        return True
    with sync_playwright() as playwright:
        return os.path.exists(playwright.chromium.executable_path)


def main() -> None:
    """Playwright's own download first, then the system's packages, which only root may install."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempts.append(["apt-get", "update"])
        install = ["apt-get", "install", "--yes", "--no-install-recommends"]
        attempts += [[*install, name] for name in ("chromium-headless-shell", "chromium")]
    for attempt in attempts:
        if has_browser():
            return
        subprocess.run(attempt, check=False)  # the next attempt, or the tests, see what came of it


if __name__ == "__main__":
    main()
