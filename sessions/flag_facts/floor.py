"""Facts about the clinic's floor: classes that began, papers of who supervises, unsigned notes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from bonefit.clinics.access import SUPERVISING_ROLES
from sessions.flags.floor import (
    CLASS_DAYS,
    NOTE_DAYS,
    SUPERVISES_DAYS,
    ClassFacts,
    NoteOf,
    NotesFacts,
    PapersFacts,
)
from sessions.models import Flag
from sessions.slot_floor import HERE

from .reading import ATTENDED, rows_of
from .scope import Scope

#: Classes with more clients than a supervisor may have without a word, and those with an open flag.
CLASSES = """
SELECT id, starts_at, room, clients, supervisors FROM (
    SELECT s.id, s.starts_at, s.room, v.clients, n.supervisors
    FROM training_slot s
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT v.client_id) AS clients FROM training_visit v
        WHERE v.slot_id = s.id AND v.status = ANY(%(here)s)
    ) v
    CROSS JOIN LATERAL (
        SELECT count(*) AS supervisors FROM training_supervision n
        WHERE n.slot_id = s.id AND n.named_at IS NOT NULL
            AND (n.left_at IS NULL OR n.left_at >= s.ends_at)
    ) n
    WHERE s.clinic_id = %(clinic)s AND (
        s.id = ANY(%(flagged)s)
        OR s.starts_at > %(since)s AND s.starts_at <= %(now)s AND s.called_off_at IS NULL
    )
) known
WHERE id = ANY(%(flagged)s) OR clients > %(warn)s * supervisors
"""


def classes(scope: Scope) -> Mapping[int, ClassFacts]:
    """Classes of the last days that had too many clients, or that an open flag is about."""
    flagged = Flag.objects.open().filter(clinic=scope.clinic, kind=Flag.Kind.GROUP_TOO_BIG)
    params = {
        "clinic": scope.clinic.pk,
        "here": [str(status) for status in HERE],
        "now": scope.asked.now,
        "since": scope.asked.now - timedelta(days=CLASS_DAYS),
        "warn": scope.asked.rules.group_warn_above,
        "flagged": list(flagged.values_list("slot_id", flat=True)),
    }
    tz = scope.clinic.tz
    return {
        pk: ClassFacts(pk, starts.astimezone(tz), room, clients, supervisors)
        for pk, starts, room, clients, supervisors in rows_of(CLASSES, params)
    }


PAPERS = """
SELECT m.id, u.name, c.expires_on, c.first_aid_until, c.trained_on, array_agg(s.starts_at)
FROM clinics_membership m
JOIN clinics_user u ON u.id = m.user_id
CROSS JOIN LATERAL (
    SELECT c.expires_on, c.first_aid_until, c.trained_on FROM clinics_credential c
    WHERE c.member_id = m.id AND c.recorded_at <= %(known)s ORDER BY c.id DESC LIMIT 1
) c
JOIN training_supervision n ON n.member_id = m.id
JOIN training_slot s ON s.id = n.slot_id AND s.called_off_at IS NULL
    AND s.starts_at BETWEEN %(since)s AND %(until)s
WHERE m.clinic_id = %(clinic)s AND m.is_active AND (m.roles && %(roles)s::varchar[] OR EXISTS (
    SELECT FROM jsonb_each_text(m.roles_until) r
    WHERE r.key = ANY (%(roles)s::varchar[]) AND r.value >= %(today)s
))
GROUP BY m.id, u.name, c.expires_on, c.first_aid_until, c.trained_on
"""


def papers(scope: Scope) -> Mapping[int, PapersFacts]:
    """Who was or will be named in a class, where her papers were ever recorded."""
    near = timedelta(days=SUPERVISES_DAYS + 1)
    params = {
        "clinic": scope.clinic.pk,
        "roles": [str(role) for role in SUPERVISING_ROLES],
        "today": scope.asked.now.astimezone(scope.clinic.tz).date().isoformat(),
        "known": scope.asked.known,
        "since": scope.asked.now - near,
        "until": scope.asked.now + near,
    }
    tz = scope.clinic.tz
    return {
        pk: PapersFacts(
            pk,
            name,
            licence,
            first_aid,
            trained,
            tuple(sorted({one.astimezone(tz).date() for one in starts})),
        )
        for pk, name, licence, first_aid, trained, starts in rows_of(PAPERS, params)
    }


NOTES = """
SELECT v.enrollment_id, v.uid, upper(v.during), n.signed_at
FROM training_visit v
CROSS JOIN LATERAL (
    SELECT min(n.signed_at) AS signed_at FROM training_sessionnote n WHERE n.visit_id = v.id
) n
WHERE v.enrollment_id = ANY(%(ids)s) AND v.status = ANY(%(attended)s)
    AND v.during > tstzrange(%(since)s, %(since)s, '[]') AND upper(v.during) <= %(now)s
    AND (n.signed_at IS NULL OR n.signed_at > %(signed)s)
ORDER BY v.enrollment_id, upper(v.during), v.id
"""


def notes(scope: Scope) -> Mapping[int, NotesFacts]:
    """Attended visits of the last months without a signed note at the moment, or in the past."""
    now, back = scope.asked.now, timedelta(days=scope.back)
    params = {
        "ids": list(scope.enrollments),
        "attended": ATTENDED,
        "now": now,
        "since": now - timedelta(days=NOTE_DAYS + 1) - back,
        "signed": now - back,
    }
    tz = scope.clinic.tz
    visits: dict[int, list[NoteOf]] = defaultdict(list)
    for pk, uid, ended, signed_at in rows_of(NOTES, params):
        signed = None if signed_at is None else signed_at.astimezone(tz)
        visits[pk].append(NoteOf(str(uid), ended.astimezone(tz), signed))
    return {pk: NotesFacts(tuple(mine)) for pk, mine in visits.items()}
