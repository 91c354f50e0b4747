#!/usr/bin/env python
"""Django's command line.

With SECRET_KEY in the environment it runs under the deployed settings, else under the demo's. With
no DATABASE_URL there, the embedded PostgreSQL runs for the length of the command.
"""

import os
import signal
import sys
from contextlib import AbstractContextManager, nullcontext

# These change tables, so they run as the tables' owner; everything else runs as the app.
AS_OWNER = {"migrate", "flush", "restore"}
WITHOUT_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "sendtestemail",
    "startapp",
    "version",
    "write_access_page",
    "write_definitions",
    "write_record_page",
}


def database_for(command: str) -> AbstractContextManager[object]:
    """The embedded PostgreSQL where this command needs it."""
    from bonefit.embedded import Cluster
    from bonefit.paths import var_dir

    demo = os.environ["DJANGO_SETTINGS_MODULE"] == "bonefit.demo.settings"
    if not demo or "DATABASE_URL" in os.environ or command in WITHOUT_DATABASE:
        return nullcontext()
    return Cluster(var_dir() / "postgres").using()


def main() -> None:
    """Run one command."""
    os.environ.setdefault(
        "DJANGO_SETTINGS_MODULE",
        "bonefit.settings" if "SECRET_KEY" in os.environ else "bonefit.demo.settings",
    )
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in AS_OWNER:
        os.environ.setdefault("DATABASE_ROLE", "owner")

    from django.core.management import execute_from_command_line

    from bonefit.embedded import EmbeddedError

    # A terminated command stops the PostgreSQL that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with database_for(command):
            execute_from_command_line(sys.argv)
    except EmbeddedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
