"""Who looked at whose record, and who took which file: the access log, read.

Looks are rows of ``Look``; files of figures are rows of ``ReportExport``, written down before they
leave; what an admin did to somebody's log-in has tables of its own. None repeats another; here they
are put into one list, newest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Max, Min, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf, TruncDate

from bonefit.clients.looks_at_log_ins import WRONG_AT, untold
from bonefit.clients.models import Client, Look
from bonefit.clinics.access import Role
from bonefit.clinics.models import Clinic, LogInsEnded, Membership, SecondStepReset
from bonefit.clinics.models_log_ins import CHANGED_A_LOG_IN
from programs.models import Enrollment
from programs.plans import rules_at
from sessions.models import ReportExport
from sessions.reports.registry import kind_of

#: Rows of a page, and rows that are read at once for a file.
PAGE, AT_ONCE = 50, 1_000
#: Whom to show, beside one member by her number.
ORGANISERS, OTHERS = "organisers", "others"
DAYS_TOLD = 91
STRANGER = "Somebody with a log-in who does not work here"
NOBODY = "Somebody who was not logged in"
BY_LINK = "Whoever has the link"

#: How a client is told what somebody looked at.
PLAIN: dict[str, str] = {
    Look.Kind.RECORD: "main page",
    Look.Kind.PLAN: "plan and weights",
    Look.Kind.SESSION: "sessions",
    Look.Kind.OUTCOMES: "tests and scans",
    Look.Kind.INTAKE: "health questions",
    Look.Kind.PAPERS: "papers",
    Look.Kind.EVENTS: "falls and other events",
    Look.Kind.LETTER: "letters to the doctor",
    Look.Kind.FLAG: "flags",
    Look.Kind.BOOKINGS: "bookings",
    Look.Kind.OWN: "own pages",
    Look.Kind.CALENDAR: "calendar",
    Look.Kind.LOOKS: "this list",
    Look.Kind.COPY: "the whole record",
    Look.Kind.REPORT: "figures in a report",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for; a blank or None means all. Days are the clinic's, both included."""

    client: Client | None = None
    person: str = ""
    what: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. ``key`` is where it stands: the moment, which table, the row."""

    key: tuple[datetime, int, int]
    who: str
    role: str
    what: str
    refused: bool
    shown: str
    how: str
    client: Client | None
    address: str

    @property
    def at(self) -> datetime:
        return self.key[0]


# --- the clinic's log -----------------------------------------------------------------------------


def entries(
    member: Membership, asked: Asked, *, before: tuple[datetime, int, int] | None, most: int
) -> list[Entry]:
    """At most so many lines of the member's clinic, newest first, from behind the line ``before``.

    Four questions to the database, each by an index, however long the log is.
    """
    looked = _behind(_looks(member, asked), 1, "at", before)[:most]
    taken = _behind(_files(member, asked), 0, "made_at", before)[:most]
    found = [*map(_of_look, looked), *map(_of_file, taken)]
    for model, table in ((SecondStepReset, 2), (LogInsEnded, 3)):
        rows = _behind(_of_log_ins(model, member, asked), table, "at", before)
        found += [_of_log_in(row, table) for row in rows[:most]]
    return sorted(found, key=lambda entry: entry.key, reverse=True)[:most]


def every_entry(member: Membership, asked: Asked) -> Iterator[Entry]:
    """All lines, newest first; a thousand of them are in memory at a time."""
    before = None
    while found := entries(member, asked, before=before, most=AT_ONCE):
        yield from found
        before = found[-1].key


def _behind(
    rows: QuerySet[Any], table: int, at: str, before: tuple[datetime, int, int] | None
) -> QuerySet[Any]:
    rows = rows.order_by(f"-{at}", "-pk")
    if before is None:
        return rows
    moment, stood_in, pk = before
    rows = rows.filter(**{f"{at}__lte": moment})
    if table > stood_in:  # of the same moment, this table's lines stand before that one
        return rows.filter(**{f"{at}__lt": moment})
    if table == stood_in:
        return rows.filter(Q(**{f"{at}__lt": moment}) | Q(pk__lt=pk))
    return rows


def _looks(member: Membership, asked: Asked) -> QuerySet[Look]:
    rows = Look.objects.visible_to(member).select_related(
        "member__user", "organiser__user", "client"
    )
    rows = rows.filter(*_days("at", asked, member.clinic)).exclude(untold())
    if asked.client is not None:
        rows = rows.filter(client=asked.client)
    if asked.what == CHANGED_A_LOG_IN[0]:
        return rows.none()
    if asked.what:
        rows = rows.filter(what=asked.what)
    if asked.person == ORGANISERS:
        return rows.filter(organiser__isnull=False)
    if asked.person == OTHERS:
        return rows.filter(member=None, organiser=None)
    return rows.filter(member=int(asked.person)) if asked.person else rows


def _files(member: Membership, asked: Asked) -> QuerySet[ReportExport]:
    rows: QuerySet[ReportExport] = ReportExport.objects.visible_to(member).select_related(
        "user", "member"
    )
    if asked.what not in ("", Look.What.EXPORTED) or asked.person == OTHERS:
        return rows.none()
    rows = rows.filter(*_days("made_at", asked, member.clinic))
    if asked.client is not None:
        rows = about_her(rows, asked.client)
    if asked.person == ORGANISERS:
        return rows.filter(member=None)
    return rows.filter(member=int(asked.person)) if asked.person else rows


_LogIn = type[SecondStepReset] | type[LogInsEnded]


def _of_log_ins(model: _LogIn, member: Membership, asked: Asked) -> QuerySet[Any]:
    """What admins did to log-ins; it is about no client's record."""
    rows: QuerySet[Any] = model.objects.visible_to(member).select_related(
        "member__user", "by__user"
    )
    if asked.what not in ("", CHANGED_A_LOG_IN[0]) or asked.client is not None:
        return rows.none()
    if asked.person in (ORGANISERS, OTHERS):
        return rows.none()
    rows = rows.filter(*_days("at", asked, member.clinic))
    return rows.filter(by=int(asked.person)) if asked.person else rows


def about_her(rows: QuerySet[ReportExport], client: Client) -> QuerySet[ReportExport]:
    """Files whose question was about this client alone."""
    hers = Enrollment.objects.filter(clinic=client.clinic_id, client=client)
    numbers = "|".join(str(pk) for pk in hers.order_by("pk").values_list("pk", flat=True))
    if not numbers:
        return rows.none()
    return rows.filter(query__regex=rf"(^|&)enrollment=({numbers})(&|$)")


def _days(at: str, asked: Asked, clinic: Clinic) -> list[Q]:
    found = []
    if asked.first:
        found.append(Q(**{f"{at}__gte": datetime.combine(asked.first, time(), clinic.tz)}))
    if asked.last:
        after = asked.last + timedelta(days=1)
        found.append(Q(**{f"{at}__lt": datetime.combine(after, time(), clinic.tz)}))
    return found


def role_words(roles: list[str]) -> str:
    """The roles that somebody had, as the pages write them."""
    return ", ".join(Role(role).label for role in roles)


def _of_look(row: Look) -> Entry:
    if row.member is not None:
        who, role = row.member.name, role_words(row.roles)
        if not row.member.is_active:
            role = f"{role}, has left"
        if row.route in WRONG_AT:  # whoever it was, it may not have been her
            who = f"Somebody as {who}"
    elif row.organiser is not None:
        who, role = row.organiser.user.name, "Organisation admin"
    elif row.how == Look.How.LINK:
        who, role = BY_LINK, ""
    else:
        who, role = (STRANGER if row.user_id else NOBODY), ""
    return Entry(
        key=(row.at, 1, row.pk),
        who=who,
        role=role,
        what=row.get_what_display(),
        refused=row.what == Look.What.REFUSED,
        shown=WRONG_AT.get(row.route) or row.get_kind_display(),
        how=row.get_how_display(),
        client=row.client,
        address=row.address or "",
    )


def _of_log_in(row: SecondStepReset | LogInsEnded, table: int) -> Entry:
    name = row.member.name
    if isinstance(row, SecondStepReset):
        what, shown = "Reset a second step", f"{name}: {row.reason}"
    else:
        what, shown = "Ended all log-ins", name
    return Entry(
        key=(row.at, table, row.pk),
        who=row.by.user.name,
        role=role_words(row.by.roles_now),
        what=what,
        refused=False,
        shown=shown,
        how=Look.How.PAGE.label,
        client=None,
        address="",
    )


def _of_file(row: ReportExport) -> Entry:
    kind = kind_of(row.report)
    names = "with names" if row.named else "without names"
    return Entry(
        key=(row.made_at, 0, row.pk),
        who=row.user.name,
        role=role_words(row.member.roles_now) if row.member else "Organisation admin",
        what=Look.What.EXPORTED.label,
        refused=False,
        shown=f"{kind.title if kind else row.report}, {row.get_form_display()}, {names}",
        how=Look.How.FILE.label,
        client=None,
        address="",
    )


# --- how long it is kept --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """How long rows are kept, since when there are any, and how many are older than that."""

    years: int
    oldest: datetime | None
    too_old: int


def kept(member: Membership, now: datetime) -> Kept:
    """Nothing is deleted by itself; older rows are counted where there are any."""
    years = rules_at(member.clinic, now).rules.looks_kept_years
    rows = Look.objects.visible_to(member)
    oldest: datetime | None = rows.aggregate(oldest=Min("at"))["oldest"]
    until = now - timedelta(days=round(years * 365.25))
    older = rows.filter(at__lt=until).count() if oldest and oldest < until else 0
    return Kept(years, oldest, older)


# --- what a client is told ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """One person on one day: what of the client's record she looked at, or took as a file."""

    day: date
    who: str
    role: str
    what: str
    took: bool


def told(member: Membership, client: Client, *, first: date, last: date) -> tuple[list[Told], bool]:
    """Who looked from the first to the last day, newest first; and whether anybody did before.

    Her own looks are left out, and what was refused: it showed nothing.
    """
    clinic = member.clinic
    rows = (
        Look.objects.visible_to(member)
        .filter(client=client)
        .exclude(what=Look.What.REFUSED)
        .order_by()
    )
    if client.membership_id is not None:
        rows = rows.exclude(member=client.membership_id)
    days = _days("at", Asked(first=first, last=last), clinic)
    groups = (
        rows.filter(*days)
        .annotate(day=TruncDate("at", tzinfo=clinic.tz))
        .annotate(name=Coalesce(NullIf("member__name_here", Value("")), "member__user__name"))
        .values("day", "name", "organiser__user__name", "roles", "what")
        .annotate(kinds=ArrayAgg("kind", distinct=True), newest=Max("at"))
    )
    found = [(one["newest"], _told(one)) for one in groups]
    files = about_her(ReportExport.objects.filter(clinic=clinic), client).filter(
        *_days("made_at", Asked(first=first, last=last), clinic)
    )
    for file in files.select_related("user", "member"):
        found.append((file.made_at, _told_of_file(file, clinic)))
    found.sort(key=lambda one: one[0], reverse=True)
    start = datetime.combine(first, time(), clinic.tz)
    return [one for _, one in found], rows.filter(at__lt=start).exists()


def _told(group: Mapping[str, Any]) -> Told:
    if group["name"]:
        who, role = group["name"], role_words(group["roles"]).lower()
    elif group["organiser__user__name"]:
        who, role = group["organiser__user__name"], "organisation admin"
    else:
        who, role = BY_LINK, ""
    what = ", ".join(PLAIN[kind] for kind in sorted(group["kinds"]) if kind in PLAIN)
    return Told(group["day"], who, role, what, group["what"] == Look.What.EXPORTED)


def _told_of_file(file: ReportExport, clinic: Clinic) -> Told:
    role = role_words(file.member.roles_now).lower() if file.member else "organisation admin"
    day = file.made_at.astimezone(clinic.tz).date()
    return Told(day, file.user.name, role, PLAIN[Look.Kind.REPORT], True)
