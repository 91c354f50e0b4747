"""What gunicorn serves in a bench: the site of DJANGO_SETTINGS_MODULE, and who answered.

A worker says its process id and its peak memory at ``/bench/worker/``, before any of Django runs.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

site = get_wsgi_application()
# Linux says kilobytes, macOS bytes.
UNIT = 1 if sys.platform == "darwin" else 1024


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The site, with one address more."""
    if environ["PATH_INFO"] != "/bench/worker/":
        return site(environ, start_response)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
    said = json.dumps({"pid": os.getpid(), "peak_bytes": peak}).encode()
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(said)))]
    )
    return [said]
