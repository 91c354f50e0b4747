"""Which program a client follows: ended and taken up again, moved, with a block beside it.

Each is one transaction and one Decision. No set and no earlier decision is edited: the plan
changes from today on, and what was before is folded as it was.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from bonefit.acting import because_of
from bonefit.clinics.models import Membership
from programs.models import Decision, Enrollment, Program, ProgramVersion, Track

from .actions import Refused, refuse_to_prescribe
from .models import StandingPlace, Visit
from .outcome import add_refused, after_move, move_refused
from .planning import plan_visits
from .soon import review_soon
from .told import forget_later_prescriptions


@because_of("reason")
@transaction.atomic
def move_to_version(
    *,
    enrollment: Enrollment,
    version: ProgramVersion,
    reason: str,
    by: Membership,
    now: datetime | None = None,
) -> Decision:
    """Follow another version, or another program, from today on; blocks beside it stay.

    A track of today follows the other version: it has held for no day. Raises Refused with the
    words why not.
    """
    now = now or timezone.now()
    held = _active(enrollment)
    first_day = first_day_of_change(held, now)
    before = held.tracks.main().select_related("version__program").latest("starts_on", "pk")
    if refusal := move_refused(before.version, version):
        raise Refused(refusal)
    refuse_to_prescribe(held, now)
    # What was said today must stand under the new plan too.
    after_move(held, version, now=now)
    earlier = held.tracks.main().filter(ends_on=None, starts_on__lt=first_day)
    earlier.update(ends_on=first_day - timedelta(days=1))
    of_today = held.tracks.main().filter(starts_on__gte=first_day)
    if not of_today.update(version=version, starts_on=first_day, ends_on=None):
        _follow(held, version, first_day)
    _ask_anew(held, first_day)
    observed = {"from": before.version_id}
    return _say(held, Decision.Kind.MOVE, version, by=by, reason=reason, now=now, observed=observed)


@because_of("reason")
@transaction.atomic
def add_block(
    *,
    enrollment: Enrollment,
    version: ProgramVersion,
    reason: str,
    by: Membership,
    now: datetime | None = None,
) -> Decision:
    """A block beside the program from today on. Raises Refused where it is there already."""
    now = now or timezone.now()
    held = _active(enrollment)
    if refusal := add_refused(held, version, now=now):
        raise Refused(refusal)
    refuse_to_prescribe(held, now)
    first_day = first_day_of_change(held, now)
    _follow(held, version, first_day)
    _ask_anew(held, first_day)
    return _say(held, Decision.Kind.ADD_BLOCK, version, by=by, reason=reason, now=now)


@because_of("reason")
@transaction.atomic
def end_block(
    *,
    enrollment: Enrollment,
    track: Track,
    reason: str,
    by: Membership,
    now: datetime | None = None,
) -> Decision:
    """The block is no longer asked for, from today on. One added today goes as if never there."""
    now = now or timezone.now()
    held = _active(enrollment)
    found = held.tracks.filter(pk=track.pk, ends_on=None, version__program__kind="block").first()
    if found is None:
        raise Refused("This block has ended already.")
    first_day = first_day_of_change(held, now)
    version = found.version
    if found.starts_on >= first_day:
        found.voided_at, found.voided_by, found.void_why = now, by, reason
        found.save(update_fields=["voided_at", "voided_by", "void_why"])
    else:
        found.ends_on = first_day - timedelta(days=1)
        found.save(update_fields=["ends_on"])
    _ask_anew(held, first_day)
    return _say(held, Decision.Kind.END_BLOCK, version, by=by, reason=reason, now=now)


@because_of("reason")
@transaction.atomic
def end_enrollment(
    *,
    enrollment: Enrollment,
    status: str,
    reason: str,
    on: date,
    by: Membership,
    kind: str = "",
    now: datetime | None = None,
) -> Enrollment:
    """Finish or withdraw: places end, and visits still to come are released, not deleted.

    ``kind`` is a ``programs.leaving.EndKind`` of a withdrawal; "" where nobody says why.
    A withdrawal is dated by its last attended session (protocol.md 5.3); ``on`` is the day it ends.
    What it ended is kept with the decision, so that exactly that can be taken up again.
    """
    now = now or timezone.now()
    held = _active(enrollment)
    held.status, held.ended_on, held.end_kind, held.end_reason = status, on, kind, reason
    held.save(update_fields=["status", "ended_on", "end_kind", "end_reason"])
    places = StandingPlace.objects.filter(enrollment=held, ends_on=None)
    tracks = held.tracks.filter(ends_on=None, starts_on__lte=on)
    visits = Visit.objects.filter(
        enrollment=held, status=Visit.Status.PLANNED, during__startswith__gt=now
    )
    ended = {
        "status": status,
        "kind": kind,
        "on": on.isoformat(),
        "places": list(places.values_list("pk", flat=True)),
        "tracks": list(tracks.values_list("pk", flat=True)),
        "visits": list(visits.values_list("pk", flat=True)),
    }
    places.update(ends_on=on)
    tracks.update(ends_on=on)
    visits.update(
        status=Visit.Status.RELEASED,
        said_at=now,
        said_by=by,
        said_why=reason[:200],
        **_known_to_her(now),
    )
    _say(held, Decision.Kind.END, None, by=by, reason=reason, now=now, observed=ended)
    review_soon([held.pk], clinic=held.clinic_id, now=now)
    return held


@because_of("reason")
@transaction.atomic
def resume_enrollment(
    *, enrollment: Enrollment, reason: str, by: Membership, now: datetime | None = None
) -> Enrollment:
    """Take the end back: places and tracks go on, and the visits to come are planned again.

    What the end released and is past stays released; so does what was released by a word of its
    own. Raises Refused where it has not ended or the client is in another program.
    """
    now = now or timezone.now()
    held = Enrollment.objects.select_for_update().get(pk=enrollment.pk)
    end = end_of(held)
    if end is None:
        raise Refused("There is no end to take back.")
    others = Enrollment.objects.filter(client_id=held.client_id).active()
    if others.exists():
        raise Refused("The client is in another program now. End that one first.")
    refuse_to_prescribe(held, now)
    held.status, held.ended_on = Enrollment.Status.ACTIVE, None
    held.end_kind = held.end_reason = ""
    held.save(update_fields=["status", "ended_on", "end_kind", "end_reason"])
    ended = end.observed
    StandingPlace.objects.filter(enrollment=held, pk__in=ended["places"]).update(ends_on=None)
    held.tracks.filter(pk__in=ended["tracks"]).update(ends_on=None)
    Visit.objects.filter(
        enrollment=held,
        pk__in=ended["visits"],
        status=Visit.Status.RELEASED,
        said_at=end.at,
        during__startswith__gt=now,
    ).update(
        status=Visit.Status.PLANNED,
        said_at=None,
        said_by=None,
        said_why="",
        prescription=None,
        **_known_to_her(now),
    )
    plan_visits(now=now, clinic=held.clinic)
    _say(held, Decision.Kind.REVOKE, None, by=by, reason=reason, now=now, revokes=end)
    return held


def end_of(enrollment: Enrollment) -> Decision | None:
    """The decision that ended an enrollment and still stands; None while it is active."""
    if enrollment.status == Enrollment.Status.ACTIVE:
        return None
    ends = enrollment.decisions.filter(kind=Decision.Kind.END)
    taken_back = enrollment.decisions.filter(kind=Decision.Kind.REVOKE).values("revokes")
    return ends.exclude(pk__in=taken_back).order_by("-at", "-pk").first()


def blocks_of(enrollment: Enrollment) -> list[Track]:
    """The blocks that run beside the program."""
    running = enrollment.tracks.filter(ends_on=None, version__program__kind=Program.Kind.BLOCK)
    return list(running.select_related("version__program").order_by("starts_on", "pk"))


def first_day_of_change(enrollment: Enrollment, now: datetime) -> date:
    """Today in the clinic, or the first day of an enrollment that is still to begin."""
    return max(now.astimezone(enrollment.clinic.tz).date(), enrollment.starts_on)


def _known_to_her(now: datetime) -> dict[str, Any]:
    """Her calendar follows, and no message is written: the end was spoken of with her."""
    following = F("sequence") + 1
    return {"sequence": following, "told_sequence": following, "changed_at": now}


# --- steps ----------------------------------------------------------------------------------------


def _active(enrollment: Enrollment) -> Enrollment:
    held = (
        Enrollment.objects.select_for_update(of=("self",))
        .select_related("clinic")
        .get(pk=enrollment.pk)
    )
    if held.status != Enrollment.Status.ACTIVE:
        raise Refused("This enrollment has ended already.")
    return held


def _follow(enrollment: Enrollment, version: ProgramVersion, day: date) -> Track:
    return Track.objects.create(
        clinic_id=enrollment.clinic_id, enrollment=enrollment, version=version, starts_on=day
    )


def _ask_anew(enrollment: Enrollment, first_day: date) -> None:
    """What was prescribed for open visits from that day on is asked for anew."""
    midnight = datetime.combine(first_day, time.min, tzinfo=enrollment.clinic.tz)
    forget_later_prescriptions(enrollment.pk, after=midnight, including=True)


def _say(
    enrollment: Enrollment,
    kind: str,
    version: ProgramVersion | None,
    *,
    by: Membership,
    reason: str,
    now: datetime,
    observed: dict[str, Any] | None = None,
    revokes: Decision | None = None,
) -> Decision:
    return Decision.objects.create(
        clinic_id=enrollment.clinic_id,
        enrollment=enrollment,
        at=now,
        by=by,
        kind=kind,
        version=version,
        reason=reason[:200],
        observed=observed or {},
        revokes=revokes,
    )
