"""Rules about the clinic: how many with one supervisor, whose papers ran out, which notes are late.

Standard library only, and no clock. Protocol sheet 6.2, F19 to F21.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import ClassVar, Self

from programs.rules import Rules

from .finding import Asked, Finding, Severity
from .rule import Action, Rule
from .said import dated, day

GROUP_RULE = "F19.1"
SUPERVISOR_RULE = "F20.1"
NOTE_RULE = "F21.1"

#: Classes that began so long ago at most are counted again.
CLASS_DAYS = 14
#: Whoever was, or will be, on the floor within so many days needs her papers.
SUPERVISES_DAYS = 14
#: A note that is later than this is history; nobody remembers the session.
NOTE_DAYS = 90


# --- too many for their supervisors: F19 ----------------------------------------------------------


def group_size(*, clients: int, supervisors: int, rules: Rules) -> str:
    """ "ok", "warn" or "block" for so many clients present with so many supervisors.

    Protocol sheet F19. Clients whom nobody supervises are always blocked.
    """
    if clients > rules.group_block_above * supervisors:
        return "block"
    return "warn" if clients > rules.group_warn_above * supervisors else "ok"


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """A class that has begun: who came, and who was on the floor until its end or still is."""

    slot: int
    at: datetime
    room: str
    clients: int
    supervisors: int


def group_too_big(facts: ClassFacts, asked: Asked) -> Iterable[Finding]:
    """F19: more clients than their supervisors may have (8.30); amber, or red above the block."""
    size = group_size(clients=facts.clients, supervisors=facts.supervisors, rules=asked.rules)
    if size == "ok":
        return
    severity = Severity.RED if size == "block" else Severity.AMBER
    bound = asked.rules.group_block_above if size == "block" else asked.rules.group_warn_above
    who = {0: "nobody named as supervisor", 1: "one supervisor"}.get(
        facts.supervisors, f"{facts.supervisors} supervisors"
    )
    people = "1 client" if facts.clients == 1 else f"{facts.clients} clients"
    evidence: dict[str, object] = {
        "date": facts.at.date().isoformat(),
        "time": f"{facts.at:%H:%M}",
        "room": facts.room,
        "clients": facts.clients,
        "supervisors": facts.supervisors,
        "headline": f"{facts.room}, {day(facts.at.date().isoformat())}, {facts.at:%H:%M}: "
        f"{people}, {who}",
        "detail": f"More than {bound} for each supervisor. Say who else was there, or let fewer "
        "come next time.",
        "lines": [],
    }
    key = f"{GROUP_RULE}|{severity}|{facts.slot}"
    yield Finding(str(facts.slot), evidence, key, severity, {"slot_id": facts.slot})


# --- papers of who supervises: F20 ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PapersFacts:
    """What is in force of a member who is on the floor: last good days, and her training.

    ``classes``: the days on which she was or will be named in a class, near the day asked about.
    """

    member: int
    name: str
    licence_until: date
    first_aid_until: date | None
    trained_on: date | None
    classes: tuple[date, ...]

    @property
    def last_days(self) -> tuple[tuple[str, date], ...]:
        """What she cannot supervise without, each with its last good day."""
        aid = () if self.first_aid_until is None else (("first aid", self.first_aid_until),)
        return (("licence", self.licence_until), *aid)


def supervisor(facts: PapersFacts, asked: Asked) -> Iterable[Finding]:
    """F20: licence or first aid out of date (red), or before a class of hers; no training (amber).

    Only of who is named in a class of the last or the next 14 days. One finding a member.
    """
    near = timedelta(days=SUPERVISES_DAYS)
    classes = [one for one in facts.classes if abs(one - asked.today) <= near]
    if not classes:
        return
    over = [(word, last) for word, last in facts.last_days if last < asked.today]
    ahead = [(word, last) for word, last in facts.last_days if asked.today <= last < max(classes)]
    if over:
        severity, headline = Severity.RED, "supervises without papers that are in date"
    elif ahead:
        severity, headline = Severity.AMBER, "supervises a class after her papers run out"
    elif facts.trained_on is None:
        severity, headline = (
            Severity.AMBER,
            "supervises, and no training in the program is on record",
        )
    else:
        return
    lines = [f"The {word} ran out on {dated(last)}." for word, last in over]
    lines += [f"The {word} runs out on {dated(last)}." for word, last in ahead]
    lines += ["No training in the program."] if facts.trained_on is None else []
    evidence: dict[str, object] = {
        "name": facts.name,
        "headline": f"{facts.name} {headline}",
        "detail": "Whoever supervises shows licence, first aid and training to the admin, who "
        "records them.",
        "lines": lines,
    }
    said = "|".join(f"{word} {last}" for word, last in over or ahead) or "training"
    key = f"{SUPERVISOR_RULE}|{severity}|{said}"
    yield Finding(str(facts.member), evidence, key, severity, {"member_id": facts.member})


# --- notes: F21 -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoteOf:
    """An attended visit: its end, and when its note was signed first, if it was; in its zone."""

    key: str
    ended: datetime
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotesFacts:
    """Attended visits of one enrollment, the oldest first; signed ones may be left out."""

    visits: tuple[NoteOf, ...]

    #: Its limits are passed at any hour of the day before the one that ``again`` names.
    in_hours: ClassVar[bool] = True

    def at(self, asked: Asked) -> Self:
        """The same, as far as it was so at an earlier moment."""
        return replace(
            self,
            visits=tuple(
                replace(one, signed_at=None)
                if one.signed_at is not None and one.signed_at > asked.now
                else one
                for one in self.visits
                if one.ended <= asked.now
            ),
        )

    def again(self, asked: Asked) -> date | None:
        """The first day that begins with another note late, or with an old one forgotten."""
        waiting = [one.ended for one in self.visits if one.signed_at is None]
        late, forgotten = timedelta(hours=asked.rules.note_hours), timedelta(days=NOTE_DAYS)
        days = [*_passes(waiting, late, asked.today), *_passes(waiting, forgotten, asked.today)]
        return min(days, default=None)

    def recorded_on(self) -> frozenset[date]:
        """The days on which a visit ended or a note was signed."""
        signed = {one.signed_at.date() for one in self.visits if one.signed_at is not None}
        return frozenset(signed.union(one.ended.date() for one in self.visits))


def _passes(ends: Sequence[datetime], limit: timedelta, today: date) -> list[date]:
    """The first day that begins with one more of these, the oldest first, past a limit; or none."""

    def on(end: datetime) -> date:
        return (end + limit).date()

    number = bisect_left(ends, today, key=on)
    return [on(end) + timedelta(days=1) for end in ends[number : number + 1]]


def notes(facts: NotesFacts, asked: Asked) -> Iterable[Finding]:
    """F21: attended visits whose note is not signed ``note_hours`` after their end. One finding."""
    late_before = asked.now - timedelta(hours=asked.rules.note_hours)
    oldest = asked.now - timedelta(days=NOTE_DAYS)
    visits, ended = facts.visits, attrgetter("ended")
    near = slice(
        bisect_left(visits, oldest, key=ended), bisect_left(visits, late_before, key=ended)
    )
    late = [one for one in visits[near] if one.signed_at is None]
    if not late:
        return
    number = len(late)
    notes_ = (
        "1 session without a signed note"
        if number == 1
        else (f"{number} sessions without a signed note")
    )
    evidence: dict[str, object] = {
        "visits": number,
        "headline": f"has {notes_}",
        "detail": f"A note is late {asked.rules.note_hours} hours after the session. It is drafted "
        "from the log; read it, add to it, sign it.",
        "lines": [day(one.ended.date().isoformat()) for one in late],
    }
    # Of the first late one: further ones come into the same flag.
    yield Finding("", evidence, f"{NOTE_RULE}|{late[0].key}")


RULES: tuple[Rule, ...] = (
    Rule(
        id="F19",
        version=1,
        kind="group_too_big",
        name="Group too big",
        says="More than {group_warn_above} clients for each supervisor is amber, more than "
        "{group_block_above} is red; so are clients with nobody named as supervisor.",
        severities=(Severity.RED, Severity.AMBER),
        mark="stop",
        family="classes",
        judge=group_too_big,
        actions=(Action.CLASS,),
        settings=("group_warn_above", "group_block_above"),
        basis="At most 8 for each instructor in the trial; the lower bound is a design default.",
        tag="V",
        source="L18R",
        once=True,
        of_clinic=True,
    ),
    Rule(
        id="F20",
        version=1,
        kind="supervisor",
        name="Supervisor’s papers",
        says="The licence or first aid of somebody who supervises has run out: red. It runs out "
        "before a class that she is named for, or no training in the program is on record: amber. "
        "Nothing is said of somebody of whom nothing was ever recorded.",
        severities=(Severity.RED, Severity.AMBER),
        mark="late",
        family="papers",
        judge=supervisor,
        actions=(Action.CREDENTIAL, Action.CLASS),
        basis="Supervision by qualified people is advised by the exercise statements; the days are "
        "design defaults. What the rules are built on gives a training no end, so one that is on "
        "record never runs out.",
        of_clinic=True,
    ),
    Rule(
        id="F21",
        version=1,
        kind="note_unsigned",
        name="Note not signed",
        says="A session’s note is not signed {note_hours} hours after its end. One flag a client, "
        "however many there are.",
        severities=(Severity.AMBER,),
        mark="late",
        family="notes",
        judge=notes,
        actions=(Action.SIGN,),
        settings=("note_hours",),
        basis="Design default.",
    ),
)
