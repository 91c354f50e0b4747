"""Wrong log-ins in the access log: as whom somebody tried, in each clinic that it concerns.

That is where she works, or trains and has come in herself. A clinic that has only named her, as a
companion or as a client who never came in, is not told: her log-in may be for other clinics, and
where from she tries is hers.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Q

from bonefit.clinics import rows
from bonefit.clinics.access import BELONGING_ROLES, STAFF_ROLES, Role

from .models import Look

#: What stands behind the name of a route where a limit turned somebody away.
LIMIT = ":limit"
#: Names of the routes at which somebody logs in, and what was wrong there, in words.
WRONG_AT: dict[str, str] = {
    "account_confirm_login_code": "Log-in: wrong code from the e-mail",
    "login_link": "Log-in: a link that was used, or is too old",
    "passkey_login": "Log-in: a passkey that did not fit",
    "second_step": "Log-in: wrong code of the second step",
    "second_passkey": "Log-in: a passkey that is not hers",
    "enter_pin": "Log-in: wrong PIN on a tablet",
    f"second_step{LIMIT}": "Log-in: turned away, too many codes of the second step",
    f"second_passkey{LIMIT}": "Log-in: turned away, too many tries with a passkey",
    f"enter_pin{LIMIT}": "Log-in: turned away, too many PINs on a tablet",
}
#: Who trains in a clinic is asked for no second step by it. That somebody was wrong at hers would
#: say that she works in another one, so it is told where she works.
OF_STAFF = ("second_step", "second_passkey", f"second_step{LIMIT}", f"second_passkey{LIMIT}")
#: A PIN opens one clinic's tablet, and concerns that one whatever she is there.
_OF_A_TABLET = ("enter_pin", f"enter_pin{LIMIT}")
_BELONGING, _STAFF = (sorted(map(str, roles)) for roles in (BELONGING_ROLES, STAFF_ROLES))
#: A link can be opened again and again, by a program that reads mails too, and whoever is turned
#: away may go on: of these there is one row a minute. Seconds.
WITHIN = 60

# Of an address that nobody has no row comes of it, and the statement is the same. No disk is waited
# for: how long an answer takes must not say whose the address is.
_INSERT = """
    INSERT INTO clients_look (clinic_id, at, what, member_id, roles, client_id, route, kind, how,
        address)
    SELECT m.clinic_id, %(now)s, %(what)s, m.id, r.held,
        (SELECT h.id FROM clients_client h
            WHERE h.clinic_id = m.clinic_id AND h.membership_id = m.id),
        %(route)s, %(kind)s, %(how)s, %(address)s::inet
    FROM set_config('synchronous_commit', 'off', true) quick CROSS JOIN clinics_membership m
    JOIN clinics_clinic c ON c.id = m.clinic_id
    CROSS JOIN LATERAL (SELECT m.roles || ARRAY(
        SELECT u.key::varchar FROM jsonb_each_text(m.roles_until) u
        WHERE u.value >= to_char(%(now)s AT TIME ZONE c.timezone, 'YYYY-MM-DD')
    ) AS held) r
    WHERE m.user_id = %(user)s AND CASE WHEN %(clinic)s::bigint IS NULL
        THEN m.is_active AND (r.held && %(staff)s::varchar[] OR
            (%(trains)s = ANY(r.held) AND EXISTS (SELECT FROM clients_look l
                JOIN clients_client own ON own.id = l.client_id AND own.membership_id = m.id
                WHERE l.member_id = m.id AND l.what = 'viewed')))
        ELSE m.clinic_id = %(clinic)s::bigint END
"""
_UNLESS_SAID = """
    AND NOT EXISTS (SELECT FROM clients_look l WHERE l.clinic_id = m.clinic_id
        AND l.member_id = m.id AND l.route = %(route)s AND l.at <= %(now)s
        AND l.at > %(now)s::timestamptz - make_interval(secs => %(within)s))
"""


def has_come_in(member_id: int) -> bool:
    """Whether a client has been on a page about herself with this log-in.

    A clinic makes somebody its client by writing an address down. Until she comes, she is named.
    """
    hers = Look.objects.filter(member=member_id, client__membership=member_id)
    return hers.filter(what=Look.What.VIEWED).exists()


def untold() -> Q:
    """Rows that were written when every clinic that knew her was told: none is shown any more."""
    wrong = Q(route__in=[one for one in WRONG_AT if one not in _OF_A_TABLET])
    of_staff = Q(route__in=OF_STAFF)
    return (wrong & ~Q(roles__overlap=_BELONGING)) | (of_staff & ~Q(roles__overlap=_STAFF))


def note_wrong(
    *,
    user_id: int | None,
    clinic: int | None,
    route: str,
    address: str | None,
    now: datetime,
    turned_away: bool = False,
) -> int:
    """Write down that somebody tried to log in as this user and was wrong; rows written.

    Each try is a row, since the limits of log-ins keep them few; of what they do not, one a minute.
    """
    user = user_id or 0
    often = turned_away or route == "login_link"
    given: dict[str, datetime | int | str | list[str] | None] = {
        "now": now,
        "what": str(Look.What.REFUSED),
        "user": user,
        "clinic": clinic,
        "staff": _STAFF,
        "trains": "" if route in OF_STAFF else str(Role.CLIENT),
        "route": f"{route}{LIMIT}" if turned_away else route,
        "within": WITHIN,
        "kind": str(Look.Kind.OTHER),
        "how": str(Look.How.PAGE),
        "address": address,
    }
    with rows.seeing_person(user), connection.cursor() as cursor:
        cursor.execute(_INSERT + (_UNLESS_SAID if often else ""), given)
        return cursor.rowcount
