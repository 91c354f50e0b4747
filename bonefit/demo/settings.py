"""Settings of ``make run``: the deployed ones, with what a machine of one's own has not got.

Nothing here is safe on a network: anyone who reaches the demo can log in as anyone. The launcher
listens on 127.0.0.1 only.
"""

import os
import secrets
from datetime import timedelta

from bonefit.embedded import Cluster
from bonefit.limits import Limits
from bonefit.paths import var_dir


def _secret_key() -> str:
    """A key of this clone's own, made once and readable by its owner only."""
    path = var_dir() / "secret-key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(key := secrets.token_urlsafe(50))
    return key


# The deployed settings refuse to start without these, so they are in place before the import.
if "SECRET_KEY" not in os.environ:
    os.environ["SECRET_KEY"] = _secret_key()
if "DATABASE_URL" not in os.environ:
    _cluster = Cluster(var_dir() / "postgres")
    os.environ["DATABASE_URL"] = _cluster.url("bonefit_app")
    os.environ["DATABASE_OWNER_URL"] = _cluster.url("bonefit_owner")
    os.environ["DATABASE_BACKUP_URL"] = _cluster.url("bonefit_backup")
os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")

from bonefit.settings import *  # noqa: E402, F403 - a demo is the deployed settings, and then these
from bonefit.settings import (  # noqa: E402
    INSTALLED_APPS,
    LOG_IN_LIMITS,
    REDIS_URL,
    STORAGES,
    VAR_DIR,
)

ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
INSTALLED_APPS = [*INSTALLED_APPS, "bonefit.demo"]
ROOT_URLCONF = "bonefit.demo.urls"

# A tap on a name is a whole log-in here. Who types a code from the mail sets up a second step, as
# in a clinic.
SECOND_STEP_PROOFS = frozenset({"mfa", "demo"})

# Whoever comes back after lunch is still who she was.
LOG_IN_LIMITS = LOG_IN_LIMITS | {"staff": Limits(timedelta(hours=12), timedelta(days=7))}

# Plain HTTP on the loopback interface.
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = None
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_NAME = "sessionid"
CSRF_COOKIE_NAME = "csrftoken"
KNOWN_COOKIE_NAME = "known"
TABLET_COOKIE_NAME = "tablet"
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(VAR_DIR / "mail")

# Static files are served as they are: no collectstatic between an edit and a look.
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0

if not REDIS_URL:  # the queue is a folder of files, which kombu does not make by itself
    (VAR_DIR / "broker" / "messages").mkdir(parents=True, exist_ok=True)
    (VAR_DIR / "broker" / "control").mkdir(parents=True, exist_ok=True)
