"""The list of flags: whose, which, in what order, a page of whole groups at a time.

A group is one client with all that is open about her, or the clinic. Groups stand by the worst
of their flags, then by the oldest of those; so do the flags within one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Extract
from django.utils import timezone
from django.utils.http import urlencode

from bonefit.clients.models import Client
from bonefit.clinics.cover import cover_of, covered_by
from bonefit.clinics.models import Clinic, Membership

from .evidence import Words, words_of
from .models import Flag, Supervision
from .models.flag import FlagQuerySet

GROUPS_ON_A_PAGE = 25
GOOD_SHOWN = 8
LATELY = timedelta(days=7)
LATELY_SHOWN = 8
MINE = "mine"

#: What stands first. A lock comes before everything, and what was done without clearance is as red.
RANK = Case(
    When(kind=Flag.Kind.LOCKED, then=0),
    When(severity=Flag.Severity.RED, then=1),
    When(kind=Flag.Kind.INTAKE, evidence__severity="red", then=1),
    When(kind=Flag.Kind.OUTSIDE_CLEARANCE, then=1),
    When(severity=Flag.Severity.AMBER, then=2),
    default=3,
)
#: One number by which flags stand: the rank, then the moment of opening (seconds; well below it).
STANDS = ExpressionWrapper(RANK * 1e11 + Extract("opened_at", "epoch"), output_field=FloatField())

#: Which kinds stand together in the filter.
ABOUT: Mapping[str, tuple[str, frozenset[str]]] = {
    "coming": (
        "Who comes",
        frozenset(
            {
                *(Flag.Kind.MISSED, Flag.Kind.NO_SHOW, Flag.Kind.INTERRUPTED),
                *(Flag.Kind.LOW_ATTENDANCE, Flag.Kind.LAPSED, Flag.Kind.AWAY),
                *(Flag.Kind.PHASE_LAG, Flag.Kind.ATTENDANCE_RUN),
            }
        ),
    ),
    "lifts": (
        "What is lifted",
        frozenset(
            {
                *(Flag.Kind.STALLED, Flag.Kind.PLATEAU, Flag.Kind.REGRESSION),
                *(Flag.Kind.LOW_INTENSITY, Flag.Kind.TOO_HARD, Flag.Kind.ESTIMATE_STALE),
                *(Flag.Kind.HELD_LONG, Flag.Kind.FIRST_UNASSISTED, Flag.Kind.CLEAN_WEEKS),
            }
        ),
    ),
    "health": (
        "Health and papers",
        frozenset(
            {
                *(Flag.Kind.SCAN_DUE, Flag.Kind.TESTS_DUE, Flag.Kind.PAIN_RISING),
                *(Flag.Kind.LOCKED, Flag.Kind.FALL, Flag.Kind.HEIGHT_LOSS, Flag.Kind.BONE_LOSS),
                *(Flag.Kind.INTAKE, Flag.Kind.OUTSIDE_CLEARANCE),
            }
        ),
    ),
    "clinic": (
        "The clinic",
        frozenset({Flag.Kind.GROUP_TOO_BIG, Flag.Kind.SUPERVISOR, Flag.Kind.NOTE_UNSIGNED}),
    ),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody asked to see; as it stands in the address. Nonsense counts as not said."""

    mine: bool = False
    severity: str = ""
    about: str = ""
    put_off: bool = False
    page: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Shown:
        severity, about = asked.get("severity", ""), asked.get("about", "")
        page = asked.get("page", "")
        return cls(
            mine=asked.get("whose") == MINE,
            severity=severity if severity in (*Flag.Severity.values,) else "",
            about=about if about in ABOUT else "",
            put_off=asked.get("put_off") == "1",
            page=page if page.isdecimal() else "",
        )

    def query(self) -> str:
        """The same, as it goes into an address; "" where nothing was asked."""
        said = {
            "whose": MINE if self.mine else "",
            "severity": self.severity,
            "about": self.about,
            "put_off": "1" if self.put_off else "",
            "page": self.page,
        }
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether less than everything is shown, beside whose it is."""
        return bool(self.severity or self.about)

    def without_page(self, **other: bool) -> str:
        """The address of the first page, with something else asked."""
        return replace(self, page="", **other).query()  # type: ignore[arg-type]

    @property
    def first_page(self) -> str:
        return self.without_page()

    @property
    def of_others(self) -> str:
        return self.without_page(mine=False)

    @property
    def of_mine(self) -> str:
        return self.without_page(mine=True)

    @property
    def with_put_off(self) -> str:
        return self.without_page(put_off=True)

    @property
    def without_put_off(self) -> str:
        return self.without_page(put_off=False)


@dataclass(frozen=True, slots=True)
class Group:
    """One client, or None for the clinic, with the flags about her that are shown."""

    client: Client | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many ask for something, by whose; of those in view put off, good, closed lately."""

    everyones: int
    mine: int
    put_off: int
    good: int
    lately: int


def mine(member: Membership) -> Q:
    """Flags that are the member's to work.

    Handed to her; else of a client of hers; else about a class that she supervises, or that nobody
    does; what concerns the clinic alone is everybody's. What is handed to somebody for whom she
    stands in today, or is of a client of hers, is the member's too.
    """
    there = Supervision.objects.filter(slot=OuterRef("slot"))
    hers = Q(Exists(there.filter(member=member))) | ~Q(Exists(there))
    of_clinic = Q(enrollment=None) & (Q(slot=None) | hers)
    others = covered_by(member, timezone.now())
    owned = Q(owner=member) | Q(owner__in=others)
    treated = Q(enrollment__therapist=member) | Q(enrollment__therapist__in=others)
    return owned | Q(owner=None) & (treated | of_clinic)


def stood_in_for(member: Membership) -> dict[str, Any]:
    """For whom the member sees to a row with an ``enrollment`` today, and until when."""
    hers = cover_of(member, OuterRef("enrollment__therapist"), timezone.now())
    return {
        "for_whom": Subquery(hers.values("therapist__user__name")[:1]),
        "for_until": Subquery(hers.values("ends_on")[:1]),
    }


def awake(today: date) -> Q:
    """Not put off: nobody has, or the day has come."""
    return Q(snoozed_until=None) | Q(snoozed_until__lte=today)


def known(member: Membership) -> FlagQuerySet:
    """The member's clinic's flags, with what a row of the list prints."""
    flags = Flag.objects.visible_to(member).annotate(**stood_in_for(member))
    return flags.select_related(
        "visit",
        "slot",
        "member__user",
        "owner__user",
        "enrollment__client",
        "enrollment__therapist__user",
        "resolved_by__user",
    )


def in_order(flags: QuerySet[Flag]) -> QuerySet[Flag]:
    """The worst first, then the oldest."""
    return flags.order_by(RANK, "opened_at", "pk")


def to_act_on(member: Membership, today: date) -> QuerySet[Flag]:
    """What asks for something in the member's clinic today, nothing that is put off."""
    return Flag.objects.visible_to(member).to_act_on().filter(awake(today))


@dataclass(frozen=True, slots=True)
class Line:
    """A flag in one line: whom or what it is about, what it says, how much it matters."""

    flag: Flag
    about: str
    words: Words
    red: bool


def in_line(flag: Flag, clinic: Clinic) -> Line:
    """A flag of ``known`` as today's page says it."""
    return Line(flag, about_of(flag, clinic), words_of(flag), is_red(flag))


def about_of(flag: Flag, clinic: Clinic) -> str:
    """The name of whom it is about, a supervisor's, or the class; else the clinic's."""
    if flag.enrollment is not None:
        return flag.enrollment.client.name
    if flag.member is not None:
        return flag.member.user.name
    if flag.slot is None:
        return clinic.name
    starts = flag.slot.starts_at.astimezone(clinic.tz)
    return f"{flag.slot.room}, {starts:%A} {starts.day} {starts:%B}, {starts:%H:%M}:"


def is_red(flag: Flag) -> bool:
    """A lock and a load without clearance are, whatever severity an older rule has written."""
    if flag.kind in (Flag.Kind.LOCKED, Flag.Kind.OUTSIDE_CLEARANCE):
        return True
    return Flag.Severity.RED in (flag.severity, flag.evidence.get("severity"))


def counts_of(member: Membership, shown: Shown, *, now: datetime) -> Counts:
    """All the numbers of the page; one query."""
    asks = Q(resolved_at=None) & ~Q(severity=Flag.Severity.GOOD)
    today = now.astimezone(member.clinic.tz).date()
    whose = Q(hers=True) if shown.mine else Q()
    up = awake(today)
    hers = ExpressionWrapper(mine(member), output_field=BooleanField())
    numbers = (
        Flag.objects.visible_to(member)
        .filter(Q(resolved_at=None) | Q(resolved_at__gte=now - LATELY))
        .annotate(hers=hers)
        .aggregate(
            everyones=Count("pk", filter=asks & up),
            mine=Count("pk", filter=asks & up & Q(hers=True)),
            put_off=Count("pk", filter=asks & ~up & whose),
            good=Count("pk", filter=Q(resolved_at=None, severity=Flag.Severity.GOOD) & whose),
            lately=Count("pk", filter=Q(resolved_at__gte=now - LATELY)),
        )
    )
    return Counts(**numbers)


def page_of(member: Membership, shown: Shown, *, now: datetime) -> tuple[Page, list[Group]]:
    """One page of groups; three queries, however many flags there are.

    A client's flags are never torn between two pages.
    """
    today = now.astimezone(member.clinic.tz).date()
    flags = _in_view(member, shown, today)
    groups = (
        flags.order_by()
        .values("enrollment__client")
        .annotate(stands=Min(STANDS))
        .order_by("stands", F("enrollment__client").asc(nulls_first=True))
    )
    page = Paginator(groups, GROUPS_ON_A_PAGE).get_page(shown.page or 1)
    clients = [one["enrollment__client"] for one in page.object_list]
    wanted = Q(enrollment__client__in=[pk for pk in clients if pk is not None])
    if None in clients:
        wanted |= Q(enrollment=None)
    found: dict[int | None, list[Flag]] = {pk: [] for pk in clients}
    for flag in in_order(known(member).filter(pk__in=flags.values("pk")).filter(wanted)):
        found[flag.enrollment.client_id if flag.enrollment else None].append(flag)
    return page, [_group(rows) for rows in found.values() if rows]


def _in_view(member: Membership, shown: Shown, today: date) -> QuerySet[Flag]:
    flags = Flag.objects.visible_to(member).to_act_on()
    if not shown.put_off:
        flags = flags.filter(awake(today))
    if shown.mine:
        flags = flags.filter(mine(member))
    if shown.severity:
        flags = flags.filter(severity=shown.severity)
    if shown.about:
        flags = flags.filter(kind__in=ABOUT[shown.about][1])
    return flags


def _group(flags: Sequence[Flag]) -> Group:
    first = flags[0].enrollment
    return Group(first.client if first else None, tuple(flags))


def good_news(member: Membership, *, only_mine: bool) -> list[Flag]:
    """The newest good news that nobody has closed."""
    flags = known(member).open().filter(severity=Flag.Severity.GOOD)
    if only_mine:
        flags = flags.filter(mine(member))
    return list(flags.order_by("-opened_at", "-pk")[:GOOD_SHOWN])


def closed_lately(member: Membership, *, now: datetime) -> list[Flag]:
    """The flags that were closed last, within a week."""
    flags = known(member).filter(resolved_at__gte=now - LATELY)
    return list(flags.order_by("-resolved_at", "-pk")[:LATELY_SHOWN])
