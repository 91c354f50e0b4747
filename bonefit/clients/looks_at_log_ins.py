"""Wrong log-ins in the access log: as whom somebody tried, in each clinic that it concerns."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from bonefit.clinics import rows

from .models import Look

#: Names of the routes at which somebody logs in, and what was wrong there, in words.
WRONG_AT: dict[str, str] = {
    "account_confirm_login_code": "Log-in: wrong code from the e-mail",
    "second_step": "Log-in: wrong code of the second step",
    "second_passkey": "Log-in: a passkey that is not hers",
    "enter_pin": "Log-in: wrong PIN on a tablet",
}

# Of an address that nobody has no row comes of it, and the statement is the same. No disk is waited
# for: how long an answer takes must not say whose the address is.
_INSERT = """
    INSERT INTO clients_look (clinic_id, at, what, member_id, roles, client_id, route, kind, how,
        address)
    SELECT m.clinic_id, %(now)s, %(what)s, m.id,
        m.roles || ARRAY(
            SELECT u.key::varchar FROM jsonb_each_text(m.roles_until) u
            WHERE u.value >= to_char(%(now)s AT TIME ZONE c.timezone, 'YYYY-MM-DD')
        ),
        (SELECT h.id FROM clients_client h
            WHERE h.clinic_id = m.clinic_id AND h.membership_id = m.id),
        %(route)s, %(kind)s, %(how)s, %(address)s::inet
    FROM set_config('synchronous_commit', 'off', true) quick CROSS JOIN clinics_membership m
    JOIN clinics_clinic c ON c.id = m.clinic_id
    WHERE m.user_id = %(user)s AND (%(clinic)s::bigint IS NULL OR m.clinic_id = %(clinic)s::bigint)
"""


def note_wrong(
    *, user_id: int | None, clinic: int | None, route: str, address: str | None, now: datetime
) -> int:
    """Write down that somebody tried to log in as this user and was wrong; rows written.

    Each try is a row: the limits of log-ins keep them few.
    """
    user = user_id or 0
    given: dict[str, datetime | int | str | None] = {
        "now": now,
        "what": str(Look.What.REFUSED),
        "user": user,
        "clinic": clinic,
        "route": route,
        "kind": str(Look.Kind.OTHER),
        "how": str(Look.How.PAGE),
        "address": address,
    }
    with rows.seeing_person(user), connection.cursor() as cursor:
        cursor.execute(_INSERT, given)
        return cursor.rowcount
