"""Deployed settings, read from the environment. ``bonefit.demo.settings`` starts from these."""

from typing import Any

from csp.constants import NONCE, NONE, SELF

from bonefit import env, limits
from bonefit.celery import app as celery_app  # noqa: F401 - so that shared tasks find their broker
from bonefit.paths import BASE_DIR, var_dir

VAR_DIR = var_dir()

# --- who we are -------------------------------------------------------------------------------
SECRET_KEY = env.text("SECRET_KEY")
# Earlier keys, which still read what they sealed.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", [])
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", [])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])
# Links in mails and calendar feeds are absolute, and a worker has no request to take a host from.
SITE_URL = env.url("SITE_URL", "https://localhost", schemes=["http", "https"]).rstrip("/")

ROOT_URLCONF = "bonefit.urls"
WSGI_APPLICATION = "bonefit.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.admin",
    "django_htmx",
    "template_partials",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "bonefit.clinics",
    "bonefit.clients",
    "programs",
    "sessions",  # its label is "training": Django's own app owns the label "sessions"
]

MIDDLEWARE = [
    "bonefit.tracing.RequestNumber",
    # Around all that may answer by itself: files, an address without its slash, another's host.
    "bonefit.headers.ContentPolicy",
    "bonefit.headers.Headers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "bonefit.clinics.middleware.NothingInSight",
    "bonefit.cookies.CookiesWithoutNul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bonefit.acting.Acting",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bonefit.htmx.HtmxLoginRedirect",
    # Inside the line above, so that it sees who is sent to the log-in page.
    "bonefit.looking.LooksAreKept",
    "bonefit.kept_plans.PlansAreKept",
    "allauth.account.middleware.AccountMiddleware",
    "bonefit.clinics.log_in_gate.LogInsEnd",
    "bonefit.clinics.second_step_gate.SecondStepFirst",
]

# A file larger than this is let go while it arrives, and the form says so; of a request larger than
# UPLOAD_MOST_READ the rest is not read any more. Bytes.
UPLOAD_MAX_BYTES = 10 * 1024 * 1024
UPLOAD_MOST_READ = 100 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "bonefit.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# The editor of a program sends every number of it at once: 20 for each exercise in each phase.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6_000

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bonefit.context.browser",
                "bonefit.context.site",
            ]
        },
    }
]

# --- database -----------------------------------------------------------------------------------
# Two roles. The owner makes and changes tables; the app reads and writes rows and owns nothing, so
# that a hole in the app cannot drop a table or switch off a policy. manage.py says "owner" for
# migrate; everything else runs as the app. bonefit/roles.sql makes the roles.
DATABASE_ROLE = env.choice("DATABASE_ROLE", ["app", "owner"], "app")
DATABASE_URL = env.text("DATABASE_URL")
DATABASE_OWNER_URL = env.text("DATABASE_OWNER_URL", DATABASE_URL)
# The role that may read everything; only what makes backups needs it.
DATABASE_BACKUP_URL = env.text("DATABASE_BACKUP_URL", "")
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **(
            env.database(DATABASE_OWNER_URL, "DATABASE_OWNER_URL")
            if DATABASE_ROLE == "owner"
            else env.database(DATABASE_URL, "DATABASE_URL")
        ),
        # Connections stay open: one per request costs a factor of nine.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
}

# --- backups --------------------------------------------------------------------------------------
# Off without a folder. For whom they are encrypted: public keys of age, a passphrase, or both.
BACKUP_DIR = env.text("BACKUP_DIR", "")
BACKUP_RECIPIENTS = env.words("BACKUP_RECIPIENTS", [])
BACKUP_PASSPHRASE = env.text("BACKUP_PASSPHRASE", "")
BACKUP_HOUR = env.integer("BACKUP_HOUR", 2, low=0, high=23)  # UTC
# The newest of each of so many days, weeks and months is kept.
BACKUP_KEEP_DAILY = env.integer("BACKUP_KEEP_DAILY", 7, low=1, high=366)
BACKUP_KEEP_WEEKLY = env.integer("BACKUP_KEEP_WEEKLY", 5, low=0, high=520)
BACKUP_KEEP_MONTHLY = env.integer("BACKUP_KEEP_MONTHLY", 12, low=0, high=240)
# Where a backup is restored for a test: needs room for the whole database, and is emptied again.
BACKUP_SCRATCH_DIR = env.text("BACKUP_SCRATCH_DIR", str(VAR_DIR / "scratch"))
# The folder of pg_dump, pg_restore and psql. By default those of the wheel (PostgreSQL 18).
PG_BIN = env.text("PG_BIN", "")

# What may read /metrics from elsewhere sends this as a bearer token. Without one, only this machine
# may, and not by way of a proxy.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")

# --- Redis: the queue's broker and the cache ----------------------------------------------------
REDIS_URL = env.url("REDIS_URL", "", schemes=["redis", "rediss", "unix"])
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# Celery only decides when. Sweeps are idempotent and read what to do from the database, so a lost
# or a doubled message does no harm and no result is kept.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://") or "filesystem://localhost"
# A message that is not acknowledged for so long is given to another worker: longer than the longest
# task may run, and than the longest wait until one is tried again. Seconds.
VISIBILITY_TIMEOUT = 2 * 3600
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"visibility_timeout": VISIBILITY_TIMEOUT}
    if REDIS_URL
    else {
        "data_folder_in": str(VAR_DIR / "broker" / "messages"),
        "data_folder_out": str(VAR_DIR / "broker" / "messages"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
        "store_processed": False,
        "polling_interval": 0.5,  # seconds
    }
)
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)  # a folder of files cannot broadcast
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# A worker's process is replaced when it has grown to 500 MB (in KiB), or has done this many tasks.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 500_000_000 // 1024
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
# A message that waited longer than its interval is dropped: the next one does the same work. When
# that is, is said by the clock of whoever sent it, so that a worker whose clock is ahead by less
# than this many seconds does not drop what has only just been sent.
CLOCKS_APART = 600
CELERY_BEAT_SCHEDULE = {
    name: {"task": task, "schedule": every, "options": {"expires": int(every) + CLOCKS_APART}}
    for name, task, every in (
        ("keep_backups", "bonefit.clinics.tasks.keep_backups", 3600.0),
        ("seal_audit", "bonefit.clinics.tasks.seal_audit", 60.0),
        ("sweep_missed_visits", "sessions.tasks.sweep_missed_visits", 300.0),
        ("sweep_flags", "sessions.tasks.sweep_flags", 300.0),
        ("review_intakes", "sessions.tasks.review_intakes", 3600.0),
        ("review_clinics", "sessions.tasks.review_clinics", 3600.0),
        ("keep_rollups", "sessions.tasks.keep_rollups", 300.0),
        ("plan_visits", "sessions.tasks.plan_visits", 3600.0),
        ("send_reminders", "sessions.tasks.send_reminders", 300.0),
        ("ask_about_falls", "sessions.tasks.ask_about_falls", 3600.0),
        ("tell_changes", "sessions.tasks.tell_changes", 60.0),
        ("offer_places", "sessions.tasks.offer_places", 60.0),
        ("send_outbox", "sessions.tasks.send_outbox", 60.0),
        ("tell_staff", "sessions.tasks.tell_staff", 60.0),
        ("send_to_staff", "sessions.tasks.send_to_staff", 60.0),
        ("tell_organisers", "sessions.tasks.tell_organisers", 300.0),
        ("take_up_imports", "bonefit.clients.tasks.take_up_imports", 60.0),
        ("take_up_exports", "sessions.tasks.take_up_exports", 60.0),
    )
}

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "clinics.User"
# The check does not see the constraint that makes an e-mail address unique in any capitals.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
SESSION_ENGINE = "bonefit.clinics.browser_store"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
# People log in with a code that is mailed to them, with the link beside it (clients and companions
# only), or with a passkey. Nobody signs up: staff are invited by an admin, clients by their
# therapist (the adapter closes the sign-up page).
ACCOUNT_ADAPTER = "bonefit.clinics.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
# Longer than a code lives, so that a code which is too old can be told so.
ACCOUNT_LOGIN_TIMEOUT = 60 * 60
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
# 5 tries a code and 40 codes a day for one address: a guesser has 1 chance in 5,000 a day. A
# browser that the person has logged in with is counted by itself, so that nobody locks her out.
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 3
ACCOUNT_RATE_LIMITS = limits.OF_TRIES
ACCOUNT_FORMS = {
    "request_login_code": "bonefit.clinics.forms_login.AskForCodeForm",
    "confirm_login_code": "bonefit.clinics.forms_login.EnterCodeForm",
}
# Limits and the access log go by the visitor's address: that which the outermost of our proxies
# saw, and so as many from the end of X-Forwarded-For as there are proxies. What stands before it
# was written by the visitor.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 1, low=0, high=5)
ACCOUNT_EMAIL_VERIFICATION = "none"  # typing the mailed code is the proof
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.split("://")[0]
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# A passkey that comes or goes is told by mail to whom the log-in belongs.
ACCOUNT_EMAIL_NOTIFICATIONS = True
# How lately one has logged in before what only the person herself should do (clinics/lately.py):
# as long as a code lives. Seconds.
ACCOUNT_REAUTHENTICATION_TIMEOUT = ACCOUNT_LOGIN_BY_CODE_TIMEOUT
# Staff prove twice that it is they: by the code in the mail, and by an app or a passkey, which is
# both. For clients a passkey is another way in, never a second lock: who loses her telephone has
# her e-mail. Recovery codes are made by bonefit/clinics/second_step.py, for staff only.
MFA_ADAPTER = "bonefit.clinics.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp"]
MFA_TOTP_ISSUER = "bonefit"
MFA_TOTP_TOLERANCE = 1  # the half minute before and after: telephones' clocks are not ours
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODE_DIGITS = 8
LOG_IN_LIMITS = limits.of_log_ins()
# What counts as the second step. The demo adds the tap on a name; `check --deploy` refuses that.
SECOND_STEP_PROOFS = frozenset({"mfa"})
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False

# --- mail ---------------------------------------------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "bonefit <bonefit@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
_MAIL = env.mail(env.text("EMAIL_URL", "smtp://localhost"))
EMAIL_HOST = _MAIL["EMAIL_HOST"]
EMAIL_PORT = _MAIL["EMAIL_PORT"]
EMAIL_HOST_USER = _MAIL["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _MAIL["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _MAIL["EMAIL_USE_SSL"]

# --- time and language --------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
# Only for what belongs to no clinic: each clinic has a time zone of its own.
TIME_ZONE = env.text("TIME_ZONE", "UTC")

# --- static files -------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "bonefit.statics.HashedStaticFiles"},
    # Papers of clients: no address leads here, a view that asks who wants one reads them.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": env.text("DOCUMENTS_DIR", str(VAR_DIR / "documents")),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}
WHITENOISE_MAX_AGE = 3600  # of files without a hash in their name; the hashed ones never change

# --- the browser's protections ------------------------------------------------------------------
# The proxy sets this header, and takes away one that a browser sent.
SECURE_PROXY_SSL_HEADER: tuple[str, str] | None = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
# The container's own health check speaks plain HTTP to the web process.
SECURE_REDIRECT_EXEMPT = [r"^healthz/$", r"^readyz/$", r"^beats/$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.integer(
    "SECURE_HSTS_SECONDS", 365 * 24 * 3600, low=0, high=10 * 365 * 24 * 3600
)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
# A browser takes a cookie of such a name over https only, and from this one host: a page of another
# host below the same domain cannot plant one.
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
KNOWN_COOKIE_NAME = "__Host-known"  # clinics/known_devices.py; it opens nothing
TABLET_COOKIE_NAME = "__Host-tablet"  # clinics/tablet_pins.py; without a PIN it opens nothing
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_AGE = 24 * 3600  # of who is not logged in yet
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "bonefit.htmx.csrf_failed"
X_FRAME_OPTIONS = "DENY"
# Nothing but what is named. A script is a file of ours that stands in a page of ours with the
# number of that one answer; there is no other, and no style beside the files. What a browser
# refuses it says to /refused/ (bonefit/clinics/views_refused.py).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "report-uri": ["/refused/"],
    }
}

# --- logs ---------------------------------------------------------------------------------------
# Lines say what ran and what broke. Never a query string, a body, a name or an address of a person:
# they are health data here. ``django.db.backends`` stays above DEBUG for the same reason.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "bonefit.logs.OneLine",
            "format": "{asctime} {levelname} {request_number} {name}: {message}",
            "style": "{",
        }
    },
    "filters": {
        "without_secrets": {"()": "bonefit.logs.WithoutSecrets"},
        "request_number": {"()": "bonefit.tracing.WithRequestNumber"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_secrets", "request_number"],
        }
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.db.backends": {"level": "WARNING"},
        "django.server": {"handlers": [], "propagate": True},
        "pypdf": {"level": "CRITICAL"},  # it would quote from papers of clients
        "fido2": {"level": "WARNING"},  # below that it names the key that somebody logged in with
    },
}
