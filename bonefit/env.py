"""Typed readers for environment variables. They refuse to guess, and say in one sentence why."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_MISSING: Any = object()


def text(name: str, default: str = _MISSING) -> str:
    """The variable as it stands. An empty variable counts as one that is not set."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is _MISSING:
        raise ImproperlyConfigured(f"Set the environment variable {name}: it has no default.")
    return default


def _optional(name: str, default: object) -> str:
    """The variable as it stands; empty where it is not set and ``default`` takes its place."""
    return text(name) if default is _MISSING else text(name, "")


def boolean(name: str, default: bool = _MISSING) -> bool:
    """``true`` or ``false``, in small letters, and nothing else: "0" or "no" would be a guess."""
    value = _optional(name, default)
    if value == "":
        return default
    if value not in ("true", "false"):
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value == "true"


def integer(name: str, default: int = _MISSING, *, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, both included."""
    value = _optional(name, default)
    if value == "":
        return default
    if not value.isdecimal() or not low <= int(value) <= high:
        raise ImproperlyConfigured(
            f"{name} must be a whole number from {low} to {high}, not {value!r}."
        )
    return int(value)


def words(name: str, default: Sequence[str] = _MISSING) -> list[str]:
    """Words separated by commas. Spaces around them do not count."""
    value = _optional(name, default)
    if value == "":
        return list(default)
    return [word.strip() for word in value.split(",") if word.strip()]


def choice(name: str, options: Sequence[str], default: str = _MISSING) -> str:
    """One of ``options``."""
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}.")
    return value


def url(name: str, default: str = _MISSING, *, schemes: Sequence[str]) -> str:
    """An address with one of ``schemes``. The value is never repeated: it may hold a password."""
    value = text(name, default)
    if value != default and urlsplit(value).scheme not in schemes:
        starts = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(f"{name} must start with {starts}.")
    return value


def database(address: str, name: str = "DATABASE_URL") -> dict[str, Any]:
    """Django's settings for ``postgresql://user:password@host:port/database?host=/socket/folder``.

    Parts of the query string go to the driver (``sslmode``, ``connect_timeout`` …), apart from
    ``host`` and ``port``, which say where a Unix socket is. ``name`` is the variable to name in an
    error.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not an address that can be read.") from None
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"{name} must start with postgres:// or postgresql://.")
    if not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must name a database after the host.")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(port or "")),
        "OPTIONS": options,
    }


def mail(address: str, name: str = "EMAIL_URL") -> dict[str, Any]:
    """Django's ``EMAIL_*`` settings for ``smtp://``, ``smtp+tls://`` (STARTTLS) or ``smtps://``."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not an address that can be read.") from None
    default_ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in default_ports or not parts.hostname:
        starts = " or ".join(f"{scheme}://" for scheme in default_ports)
        raise ImproperlyConfigured(f"{name} must start with {starts} and name a host.")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or default_ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }
