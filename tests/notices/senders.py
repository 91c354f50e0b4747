"""Senders in processes of their own, under the deployed settings, that may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import datetime

from bonefit.paths import BASE_DIR
from tests.notices.smtp import Postbox, Received
from tests.servers import SECONDS_TO_START, Databases, environment

SENDER = """
import django; django.setup()
from datetime import datetime
from bonefit.clinics import rows
from {module} import send_due
with rows.seeing_every_clinic():
    send_due(datetime.fromisoformat({now!r}))
"""


class Senders:
    """Starts senders of one outbox: that of ``module``."""

    def __init__(self, module: str, box: Postbox, databases: Databases, database: str) -> None:
        self.module, self.box = module, box
        self._environment = environment(
            **databases.environment(database),
            SITE_URL="http://testserver",
            EMAIL_URL=f"smtp://127.0.0.1:{box.port}",
            DJANGO_SETTINGS_MODULE="bonefit.settings",
        )

    def start(self, now: datetime) -> subprocess.Popen[bytes]:
        """One that sends what is due at a moment, and ends."""
        return subprocess.Popen(
            [sys.executable, "-c", SENDER.format(module=self.module, now=now.isoformat())],
            cwd=BASE_DIR,
            env=self._environment,
        )

    def killed_after(self, taken: int, now: datetime) -> None:
        """One that is killed when the server has taken so many mails of it, the last unrecorded."""
        running: list[subprocess.Popen[bytes]] = []
        started = threading.Event()
        before = len(self.box.received)

        def kill(_: Received) -> bool:
            if len(self.box.received) < before + taken:
                return False
            started.wait(SECONDS_TO_START)
            os.kill(running[0].pid, signal.SIGKILL)
            running[0].wait()
            return True

        self.box.on_taken = kill
        running.append(self.start(now))
        started.set()
        ended = running[0].wait(SECONDS_TO_START)
        self.box.on_taken = None
        assert ended == -signal.SIGKILL
