"""Settings of the tests: the deployed ones, made to run on one machine without a network."""

import os
import tempfile
from pathlib import Path

# Whatever the shell holds, the tests use a database, a queue and a folder of their own.
for _name in ("DATABASE_OWNER_URL", "DATABASE_ROLE", "REDIS_URL", "EMAIL_URL", "TIME_ZONE"):
    os.environ.pop(_name, None)
os.environ["SECRET_KEY"] = "only the tests use this key, and nothing is signed with it elsewhere"
# tests/plumbing.py fills in the host and the name once the test database is there.
os.environ["DATABASE_URL"] = "postgresql://bonefit_app@/not-started"
os.environ["SITE_URL"] = "http://testserver"
# Nothing writes there under these settings; a stray file would at least not land in the clone.
os.environ.setdefault("VAR_DIR", str(Path(tempfile.gettempdir()) / f"bonefit-tests-{os.getpid()}"))

from bonefit.settings import *  # noqa: E402, F403
from bonefit.settings import STORAGES  # noqa: E402

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = None
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_NAME = "sessionid"
CSRF_COOKIE_NAME = "csrftoken"
KNOWN_COOKIE_NAME = "known"
TABLET_COOKIE_NAME = "tablet"
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # speed; they hold no secret
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    # Each worker has papers of its own, so that a test may look at what lies in the folder.
    "private": STORAGES["private"]
    | {
        "OPTIONS": {
            **STORAGES["private"]["OPTIONS"],
            "location": str(Path(os.environ["VAR_DIR"]) / f"documents-{os.getpid()}"),
        }
    },
}
WHITENOISE_AUTOREFRESH = True  # else it warns that nobody ran collectstatic
# Messages stay in this process: tests of the queue start a real Redis and a real worker.
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}  # type: ignore[var-annotated]
