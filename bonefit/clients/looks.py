"""The access log's only writer: one statement for each answer that shows a record, or refuses to.

Nothing is asked before it: who it was, in which role, and whose record it is are found by the
statement itself, in the clinic that the row belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from . import looks_lately
from .models import Look

#: Parts of one page, and tries one after the other, are one row when they come within this. Seconds
WITHIN = 60
LONGEST_ROUTE = 60


@dataclass(frozen=True, slots=True)
class Which:
    """Which clinic or client: a piece of SQL, and the one value that it is asked with."""

    sql: str
    value: UUID | int | str | None = None


#: No client: a list, a report, a try at something that names none.
NOBODY = Which("NULL::bigint")


def clinic_at(slug: str) -> Which:
    """The clinic with this address; no row where there is none."""
    return Which("c.slug = %(where)s", slug)


def clinics_of(organisation: str) -> Which:
    """Every clinic of the organisation with this address: each of them is told."""
    return Which(
        "c.organisation_id = (SELECT id FROM clinics_organisation WHERE slug = %(where)s)",
        organisation,
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What an answer showed, or refused: for ``note``.

    ``where`` chooses the clinics (``c``, with ``%(where)s``), ``client`` selects one client's id in
    such a clinic (with ``%(client)s``). ``within`` seconds after a row of the same person about the
    same record (of the same route, where there is no client) there is no further one; 0 always
    writes one.
    """

    where: Which
    client: Which
    what: Look.What
    route: str
    kind: Look.Kind
    how: Look.How
    within: int = 0
    for_organisation: bool = False


def note(seen: Seen, *, user_id: int | None, address: str | None, now: datetime) -> int:
    """Write down what was shown or refused to a user, or to nobody who is known; rows written.

    One INSERT. Whoever is a member of the clinic stands there as that, also after leaving; whoever
    administers the organisation as organiser, and anybody else by her log-in alone. Of somebody who
    is not logged in, tries from one network address within a minute are one row, whatever they
    were at: nobody can fill the table from outside.

    A page does not wait until the row of a look is on the disk; where the database server loses its
    power, looks of the last second may be lost. A file and a refused try do wait.

    A look whose row this process has written within that time is known without a statement.
    """
    same = _the_same(seen, user_id)
    if same and looks_lately.stands(same, within=seen.within, now=now):
        return 0
    member, organiser = "m.id", "CASE WHEN m.id IS NULL THEN o.id END"
    if seen.for_organisation:  # there she came as an organiser, whatever else she is
        member, organiser = "CASE WHEN o.id IS NULL THEN m.id END", "o.id"
    quick = _AT_ONCE if seen.what == Look.What.VIEWED else ""
    statement = f"""
        INSERT INTO clients_look (clinic_id, at, what, member_id, organiser_id, user_id, roles,
            client_id, route, kind, how, address)
        SELECT s.clinic, %(now)s, %(what)s, s.member, s.organiser,
            CASE WHEN s.member IS NULL AND s.organiser IS NULL THEN %(user)s::bigint END,
            CASE WHEN s.member IS NULL THEN '{{}}' ELSE s.roles END,
            s.client, %(route)s, %(kind)s, %(how)s, %(address)s::inet
        FROM {quick} (SELECT c.id AS clinic, {member} AS member, {organiser} AS organiser,
                m.roles || ARRAY(
                    SELECT u.key::varchar FROM jsonb_each_text(m.roles_until) u
                    WHERE u.value >= to_char(%(now)s AT TIME ZONE c.timezone, 'YYYY-MM-DD')
                ) AS roles,
                ({seen.client.sql}) AS client
            FROM clinics_clinic c
            LEFT JOIN clinics_membership m ON m.clinic_id = c.id AND m.user_id = %(user)s
            LEFT JOIN clinics_organisationmembership o
                ON o.organisation_id = c.organisation_id AND o.user_id = %(user)s
            WHERE {seen.where.sql} OFFSET 0) s
        {_unless_said(seen, known=user_id is not None)}
    """
    given: dict[str, UUID | datetime | int | str | None] = {
        "now": now,
        "what": str(seen.what),
        "user": user_id,
        "client": seen.client.value,
        "where": seen.where.value,
        "route": seen.route[:LONGEST_ROUTE],
        "kind": str(seen.kind),
        "how": str(seen.how),
        "address": address,
        "within": seen.within,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        written = cursor.rowcount
    if same and written:
        looks_lately.keep(same, now)
    return written


def _the_same(seen: Seen, user_id: int | None) -> tuple[object, ...] | None:
    """What looks have in common that are one row; None where only the log itself can tell.

    An organisation's look is a row in each of its clinics, and a try may be anybody's.
    """
    if user_id is None or seen.what != Look.What.VIEWED or seen.for_organisation:
        return None
    return (user_id, seen.where, seen.client, seen.route if seen.client == NOBODY else "")


#: For this transaction only. Else a page would take as long again as the disk does.
_AT_ONCE = "set_config('synchronous_commit', 'off', true) quick CROSS JOIN"
_SAME_PERSON = """l.member_id IS NOT DISTINCT FROM s.member
    AND l.organiser_id IS NOT DISTINCT FROM s.organiser
    AND (s.member IS NOT NULL OR s.organiser IS NOT NULL OR l.user_id = %(user)s)"""
_NOBODY_KNOWN = """l.member_id IS NULL AND l.organiser_id IS NULL AND l.user_id IS NULL
    AND l.address IS NOT DISTINCT FROM %(address)s::inet"""
_SAME_RECORD = "(l.client_id = s.client OR (l.client_id IS NULL AND l.route = %(route)s))"


def _unless_said(seen: Seen, *, known: bool) -> str:
    """The condition under which a row is written: no other says the same already."""
    if not seen.within:
        return ""
    same = [_SAME_PERSON if known else _NOBODY_KNOWN]
    if known or seen.what != Look.What.REFUSED:
        same += [_SAME_RECORD, "l.client_id IS NOT DISTINCT FROM s.client"]
    if known and seen.what == Look.What.REFUSED:
        same.append("l.route = %(route)s")
    return f"""WHERE NOT EXISTS (SELECT FROM clients_look l
        WHERE l.clinic_id = s.clinic AND l.at <= %(now)s
        AND l.at > %(now)s::timestamptz - make_interval(secs => %(within)s)
        AND l.what = %(what)s AND {" AND ".join(same)})"""
