"""One enrollment on one page: the plan, the places, the visits and every decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from bonefit.clients.models import Client
from bonefit.clinics.models import Membership
from programs.loads import BarLoad, bar_load
from programs.models import Decision, Enrollment, Lift, Phase, ProgramVersion
from programs.progression import Target

from .beside import beside
from .facts import Standing, standing_now
from .flag_list import awake
from .models import Flag, SessionNote, StandingPlace, Visit
from .roster import Progress, progress_of
from .told import last_line

RECENT, COMING = 6, 4


@dataclass(frozen=True, slots=True)
class LiftLine:
    """What is asked for next of one lift, and what a therapist may say about it."""

    lift: str
    label: str
    exercise: str
    load_type: str
    target: Target
    iron: BarLoad | None
    last: str
    held: bool

    @property
    def dose(self) -> str:
        """Sets of reps, of a range of them, or of seconds: "5 × 5", "2 × 8 to 10", "3 × 30 s"."""
        target = self.target
        if target.reps is None:
            return f"{target.sets} × {target.seconds} s"
        top = f" to {target.reps_top}" if target.reps_top else ""
        return f"{target.sets} × {target.reps}{top}"

    @property
    def takes_load(self) -> bool:
        return self.load_type not in ("bodyweight", "impact")


@dataclass(frozen=True, slots=True)
class Word:
    """A decision as it is read: what was said, about what, and whether it was taken back."""

    decision: Decision
    label: str
    phase: str
    taken_back: Decision | None

    @property
    def can_be_taken_back(self) -> bool:
        return self.taken_back is None and self.decision.kind not in NEVER_TAKEN_BACK


#: A start has nothing before it, and what was taken back is said anew instead. Moves and blocks are
#: undone by moving and ending again, and an end on its own page.
NEVER_TAKEN_BACK = (
    Decision.Kind.START,
    Decision.Kind.REVOKE,
    Decision.Kind.MOVE,
    Decision.Kind.ADD_BLOCK,
    Decision.Kind.END_BLOCK,
    Decision.Kind.END,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A weekly place that has no end, as it is read."""

    weekday: str
    at: time
    room: str
    supervisor: str

    @classmethod
    def read(cls, one: Mapping[str, Any]) -> Place:
        """From the JSON of ``enrollments_of``."""
        weekday = StandingPlace.Weekday(one["weekday"]).label
        return cls(weekday, time.fromisoformat(one["at"]), one["room"], one["supervisor"])


@dataclass(frozen=True, slots=True)
class Overview:
    """What the client page shows of one enrollment."""

    enrollment: Enrollment
    version: ProgramVersion
    phases: list[Phase]
    progress: Progress
    lifts: list[LiftLine]
    places: list[Place]
    coming: list[Visit]
    recent: list[Visit]
    words: list[Word]
    flags: list[str]

    @property
    def active(self) -> bool:
        return self.enrollment.status == Enrollment.Status.ACTIVE

    @property
    def any_held(self) -> bool:
        return any(line.held for line in self.lifts)

    def lift(self, lift: str) -> LiftLine | None:
        return next((line for line in self.lifts if line.lift == lift), None)


def version_of(enrollment: Enrollment) -> ProgramVersion:
    """The program version that is followed now."""
    track = (
        enrollment.tracks.main()
        .select_related("version__program")
        .prefetch_related("version__phases")
        .order_by("-starts_on", "-pk")
        .first()
    )
    if track is None:
        raise LookupError(f"Enrollment {enrollment.pk} follows no program.")
    return track.version


def enrollments_of(client: Client, *, member: Membership) -> list[Enrollment]:
    """All enrollments of a client, the newest first, as ``overview`` takes them; one query.

    Each has ``places``, ``flags`` that are open, and what is ``beside`` its sets.
    """
    places = StandingPlace.objects.filter(enrollment=OuterRef("pk"), ends_on=None)
    today = timezone.now().astimezone(member.clinic.tz).date()
    flags = Flag.objects.to_act_on().filter(awake(today), enrollment=OuterRef("pk"))
    found = list(
        Enrollment.objects.visible_to(member)
        .filter(client=client)
        .select_related("clinic", "therapist__user")
        .annotate(
            places_now=ArraySubquery(
                places.order_by("weekday", "at").values(
                    one=JSONObject(
                        weekday=F("weekday"),
                        at=F("at"),
                        room=F("room"),
                        supervisor=F("supervisor__user__name"),
                    )
                )
            ),
            flags_open=ArraySubquery(flags.order_by("opened_at", "pk").values("kind")),
            beside=beside(OuterRef("pk"), OuterRef("client")),
        )
        .order_by("-pk")
    )
    for enrollment in found:
        enrollment.client = client
    return found


def overview(enrollment: Enrollment, *, member: Membership, now: datetime) -> Overview:
    """Everything that the client page shows of one of ``enrollments_of``, as it stands at ``now``.

    Four queries, whatever the history: the program, the decisions, the sets, the visits.
    """
    version = version_of(enrollment)
    decisions = list(_decisions_of(enrollment))
    standing = standing_now(enrollment, clinic=member.clinic, now=now, decisions=decisions)
    visits = list(_visits_of(enrollment, member=member, now=now))
    return Overview(
        enrollment=enrollment,
        version=version,
        phases=list(version.phases.all()),
        progress=progress_of(enrollment, version, standing.state.phase, now=now),
        lifts=lift_lines(standing),
        places=[Place.read(one) for one in enrollment.places_now],  # type: ignore[attr-defined]
        coming=[one for one in visits if one.ends_at > now],
        recent=[one for one in reversed(visits) if one.ends_at <= now],
        words=_in_words(decisions, version),
        flags=[Flag.Kind(kind).label for kind in enrollment.flags_open],  # type: ignore[attr-defined]
    )


def _visits_of(enrollment: Enrollment, *, member: Membership, now: datetime) -> QuerySet[Visit]:
    """The next visits and the last ones, by time; one query."""
    hers = Visit.objects.visible_to(member).filter(enrollment=enrollment)
    coming = hers.filter(status__in=Visit.OPEN, slot__ends_at__gt=now).order_by("during")
    recent = hers.filter(slot__ends_at__lte=now).order_by("-during")
    return (
        hers.filter(Q(pk__in=coming.values("pk")[:COMING]) | Q(pk__in=recent.values("pk")[:RECENT]))
        .select_related("slot", "completed_by__user")
        .annotate(noted=Exists(SessionNote.objects.filter(visit=OuterRef("pk"))))
        .order_by("during")
    )


def lift_lines(standing: Standing) -> list[LiftLine]:
    """The lifts of the actual phase, in the order of the program."""
    return [_lift_line(standing, target) for target in standing.targets.values()]


def _lift_line(standing: Standing, target: Target) -> LiftLine:
    rung = standing.plan.rung(target.exercise)
    iron = None
    if rung.load_type == "barbell" and target.load is not None:
        iron = bar_load(target.load, standing.rules.inventory)
    return LiftLine(
        lift=target.lift,
        label=Lift(target.lift).label,
        exercise=rung.name,
        load_type=rung.load_type,
        target=target,
        iron=iron,
        last=last_line(standing.state, target.lift),
        held=standing.state.lifts[target.lift].held is not None,
    )


def words_of(enrollment: Enrollment, version: ProgramVersion) -> list[Word]:
    """All decisions, the newest first; what took one back stands with it."""
    return _in_words(list(_decisions_of(enrollment)), version)


def _decisions_of(enrollment: Enrollment) -> QuerySet[Decision]:
    return enrollment.decisions.select_related("by__user", "exercise").order_by("-at", "-pk")


def _in_words(decisions: Iterable[Decision], version: ProgramVersion) -> list[Word]:
    phases = {phase.code: phase.name for phase in version.phases.all()}
    taken_back = {one.revokes_id: one for one in decisions if one.revokes_id}
    return [
        Word(
            decision=one,
            label=Lift(one.lift).label if one.lift else "",
            phase=phases.get(one.phase, one.phase),
            taken_back=taken_back.get(one.pk),
        )
        for one in decisions
        if one.kind != Decision.Kind.REVOKE
    ]
