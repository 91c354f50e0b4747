"""Whether PostgreSQL binds this process to its policies at all.

A role that owns tables may take their policies off, and one with BYPASSRLS or a superuser is not
asked. Neither serves anybody here: ``bonefit/roles.sql`` makes one that can do nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, connections
from django.db.backends.signals import connection_created

#: What the role may do, itself or by becoming another one that it is a member of.
_MAY = """
SELECT bool_or(r.rolsuper), bool_or(r.rolbypassrls), EXISTS (
    SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
    AND pg_has_role(session_user, c.relowner, 'MEMBER')
)
FROM pg_roles r WHERE pg_has_role(session_user, r.oid, 'MEMBER')
"""
_HOW_TO_MEND = "Connect as bonefit_app, which bonefit/roles.sql makes; run it once more."


def troubles(raw: Any) -> list[str]:
    """What is wrong with the role of a connection, a sentence each. ``raw`` is psycopg's."""
    superuser, bypasses, owns = raw.execute(_MAY).fetchone()
    role = raw.info.user
    if superuser:
        return [f"The role {role} is, or can become, a superuser: no policy binds it."]
    found = []
    if bypasses:
        found.append(f"The role {role} has, or can take, BYPASSRLS: no policy binds it.")
    if owns:
        found.append(f"The role {role} owns tables, or can become who does, and their policies.")
    return found


@register(Tags.database)
def check_role(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """For ``manage.py check --database default``. The owner's, who migrates, is not looked at."""
    if settings.DATABASE_ROLE == "owner" or "default" not in (databases or ()):
        return []
    connections["default"].ensure_connection()
    return [
        Error(said, hint=_HOW_TO_MEND, id="bonefit.E003")
        for said in troubles(connections["default"].connection)
    ]


def refuse_to_serve_unbound() -> None:
    """Raise ImproperlyConfigured where this process's role is not bound; web, worker, beat call it.

    A database that does not answer yet is looked at when it does, before its first question.
    """
    connection_created.connect(_look_once, dispatch_uid="bonefit.role")
    try:
        connection.ensure_connection()
    except OperationalError:
        return
    # Who forks from here makes its own.
    connection.close()


def _look_once(connection: Any, **_: Any) -> None:
    if found := troubles(connection.connection):
        connection.close()
        raise ImproperlyConfigured(" ".join([*found, _HOW_TO_MEND]))
    connection_created.disconnect(dispatch_uid="bonefit.role")
