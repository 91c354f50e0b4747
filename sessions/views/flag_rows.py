"""A flag as a row: its words, its picture, and what may be done about it right here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise

from django.urls import reverse

from bonefit.clients.models import Client
from bonefit.clinics.access import Can
from bonefit.clinics.models import Clinic, Membership
from sessions import flag_pictures, flag_work
from sessions.evidence import Words, age, words_of
from sessions.flag_list import Group, about_of, is_red
from sessions.flags import BY_KIND, Action
from sessions.flags.rule import MOST_ACTIONS
from sessions.forms_flags import FlagForm, PutOffForm, ResolveForm
from sessions.models import Flag, Visit
from sessions.reports.strips import Strip

#: Of a kind without a rule.
USUAL = (Action.CALL, Action.LATER)
TONES = {Flag.Severity.RED: "stop", Flag.Severity.AMBER: "hold", Flag.Severity.GOOD: "ready"}
_OF_THE_TESTS = frozenset({Flag.Kind.TESTS_DUE})


@dataclass(frozen=True, slots=True)
class Deed:
    """One action: a link, a tap that closes with a reason, or a form of the row ("later")."""

    word: str
    href: str = ""
    reason: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An open flag on a page. Whoever may not work it has no deeds and no forms."""

    flag: Flag
    about: str
    href: str
    words: Words
    tone: str
    severity: str
    age: str
    put_off: bool = False
    deeds: tuple[Deed, ...] = ()
    answers: bool = False
    form: FlagForm | None = None
    later: FlagForm | None = None
    opened: str = ""
    phone: str = ""
    loads: flag_pictures.Loads | None = None
    strip: Strip | None = None
    next: int | None = None
    focus: bool = False

    @property
    def unread(self) -> bool:
        return self.flag.severity == Flag.Severity.RED and self.flag.seen_at is None


@dataclass(frozen=True, slots=True)
class RowsOf:
    """One client, or the clinic, with her rows."""

    client: Client | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that came back: of which flag, which of its forms ("close", "later", "hand over")."""

    flag: int = 0
    which: str = ""
    form: FlagForm | None = None


@dataclass
class Rows:
    """Makes the rows of a page: for whom, when, what was typed, which flag takes the focus."""

    member: Membership
    now: datetime
    typed: Typed = field(default_factory=Typed)
    focus: int | None = None

    @property
    def clinic(self) -> Clinic:
        return self.member.clinic

    @property
    def today(self) -> date:
        return self.now.astimezone(self.clinic.tz).date()

    @cached_property
    def last_day(self) -> date:
        """The last day until which a flag may be put off."""
        return flag_work.days_to_put_off(self.member, self.now)[1]

    @property
    def works(self) -> bool:
        return Can.WORK_FLAGS in self.member.can

    def of_groups(self, groups: Sequence[Group]) -> list[RowsOf]:
        flags = [flag for group in groups for flag in group.flags]
        after = {flag.pk: then.pk for flag, then in pairwise(flags)}
        weeks = flag_pictures.weeks_of(flags, clinic=self.clinic, today=self.today)
        return [
            RowsOf(
                group.client,
                _one_phone(self.of(flag, weeks, next=after.get(flag.pk)) for flag in group.flags),
            )
            for group in groups
        ]

    def of(
        self, flag: Flag, weeks: dict[int, Strip] | None = None, *, next: int | None = None
    ) -> Row:
        """One row; ``next`` is the flag that takes its place once it is answered."""
        about, href = self.about(flag)
        strip = None
        if weeks and flag.enrollment_id and flag.kind in flag_pictures.ABOUT_COMING:
            strip = weeks.get(flag.enrollment_id)
        client = flag.enrollment.client if flag.enrollment else None
        actions = actions_of(flag) if self.works else ()
        unanswered = (
            flag.kind == Flag.Kind.MISSED
            and flag.visit is not None
            and flag.visit.status == Visit.Status.UNRECORDED
        )
        closes = self.works and flag.kind != Flag.Kind.LOCKED and not unanswered
        red = is_red(flag)
        return Row(
            flag=flag,
            about=about,
            href=href,
            words=words_of(flag),
            tone="stop" if red else TONES.get(Flag.Severity(flag.severity), ""),
            severity="Red" if red else flag.get_severity_display(),
            age=age(flag.opened_at, self.now),
            put_off=flag.snoozed_until is not None and flag.snoozed_until > self.today,
            deeds=() if unanswered else self._deeds(flag, actions, closes),
            answers=self.works and unanswered,
            form=self._form(flag, "close") if closes else None,
            later=self._form(flag, "later")
            if Action.LATER in actions and flag_work.may_be_put_off(flag)
            else None,
            opened=self.typed.which if self.typed.flag == flag.pk else "",
            phone=client.phone if client and Action.CALL in actions else "",
            loads=flag_pictures.loads_of(flag.evidence),
            strip=strip,
            next=next,
            focus=flag.pk == self.focus,
        )

    def about(self, flag: Flag) -> tuple[str, str]:
        """Whom or what it is about, and where that is; "" for nowhere."""
        slug, can = self.clinic.slug, self.member.can
        href = ""
        if flag.enrollment is not None:
            href = reverse("clients:client", args=[slug, flag.enrollment.client_id])
        elif flag.member_id is not None and Can.CHANGE_SETTINGS in can:
            href = reverse("clinics:credential", args=[slug, flag.member_id])
        elif flag.slot_id is not None and Can.BOOK in can:
            href = reverse("sessions:slot", args=[slug, flag.slot_id])
        return about_of(flag, self.clinic), href

    def later_of(self, flag: Flag) -> FlagForm:
        """The form that puts a flag off, also where no action of its rule suggests it."""
        return self._form(flag, "later")

    def _form(self, flag: Flag, which: str) -> FlagForm:
        typed = self.typed
        if typed.form is not None and (typed.flag, typed.which) == (flag.pk, which):
            return typed.form
        if which == "later":
            return PutOffForm(last=self.last_day, auto_id=ids(flag, which))
        return ResolveForm(auto_id=ids(flag, which))

    def _deeds(self, flag: Flag, actions: Sequence[Action], closes: bool) -> tuple[Deed, ...]:
        found = (self._deed(flag, action, closes) for action in actions)
        return tuple(deed for deed in found if deed is not None)[:MOST_ACTIONS]

    def _deed(self, flag: Flag, action: Action, closes: bool) -> Deed | None:
        if action is Action.LATER:
            return Deed("Later", form="later") if flag_work.may_be_put_off(flag) else None
        if action is Action.CLASS:
            if flag.slot_id is None:
                return None
            return Deed(
                "See the class", reverse("sessions:slot", args=[self.clinic.slug, flag.slot_id])
            )
        if action is Action.SIGN:
            return Deed("Sign the notes", self._notes(flag))
        if action is Action.CREDENTIAL:
            return self._credential(flag)
        return self._of_client(flag, action, closes)

    def _of_client(self, flag: Flag, action: Action, closes: bool) -> Deed | None:
        """What leads to a page of the client; None where it is about none."""
        if flag.enrollment is None:
            return None
        client, slug = flag.enrollment.client, self.clinic.slug
        if action is Action.CALL:
            if closes:
                return Deed("Called", reason=Flag.Resolution.CALLED)
            return Deed("Call", f"tel:{client.phone}") if client.phone else None
        if action is Action.MAKE_UP and flag.visit is not None:
            place = reverse("sessions:make-up", args=[slug, client.pk, flag.visit.uid])
            return Deed("Book a make-up", place)
        if action is Action.RELEASE and Can.RELEASE_LOCKS not in self.member.can:
            return None
        if action not in _PLACES:
            return None
        word, view = _PLACES[action]
        if action is Action.MEASURE and flag.kind not in _OF_THE_TESTS:
            word, view = "Record the scan", "clients:outcomes"
        return Deed(word, reverse(view, args=[slug, client.pk]))

    def _notes(self, flag: Flag) -> str:
        if flag.visit is None:
            return reverse("sessions:today", args=[self.clinic.slug])
        notes = reverse("sessions:notes", args=[self.clinic.slug])
        return f"{notes}?slot={flag.visit.slot_id}"

    def _credential(self, flag: Flag) -> Deed | None:
        if flag.member_id is None or Can.CHANGE_SETTINGS not in self.member.can:
            return None
        href = reverse("clinics:credential", args=[self.clinic.slug, flag.member_id])
        return Deed("See the papers", href)


_PLACES: dict[Action, tuple[str, str]] = {
    Action.MAKE_UP: ("Book a make-up", "sessions:bookings"),
    Action.ADJUST: ("Adjust the plan", "sessions:timeline"),
    Action.REFER: ("Write a letter", "sessions:letters"),
    Action.RELEASE: ("Record a release", "clients:client"),
    Action.INTAKE: ("Open the intake", "clients:intake"),
    Action.MEASURE: ("Record the tests", "clients:battery"),
}


def _one_phone(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows of one client, her number only in the first that asks for a call."""
    found: list[Row] = []
    for row in rows:
        again = row.phone and any(one.phone for one in found)
        found.append(replace(row, phone="") if again else row)
    return tuple(found)


def actions_of(flag: Flag) -> tuple[Action, ...]:
    """What the evidence suggests, else the rule, else the usual."""
    said = flag.evidence.get("actions")
    if isinstance(said, list):
        return tuple(Action(one) for one in said if one in Action.__members__.values())
    rule = BY_KIND.get(flag.kind)
    if rule is not None:
        return rule.actions
    if flag.kind == Flag.Kind.LOCKED:
        return (Action.RELEASE, Action.CALL, Action.REFER)
    if flag.kind == Flag.Kind.INTAKE:
        return (Action.INTAKE, Action.CALL, Action.LATER)
    return USUAL


def ids(flag: Flag, which: str) -> str:
    """Ids of a form's fields: a page has forms of many flags."""
    return f"flag-{flag.pk}-%s" if which == "close" else f"{which}-{flag.pk}-%s"
