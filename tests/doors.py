"""A day in two clinics with everything in it that an address can name, and how to knock there.

It is Friday 13 March 2026, noon in Brisbane. In Northside and in Harbor alike a client came
yesterday and has two sets logged, one of them outside her clearance; the visit is signed and its
note is not; nobody has said what became of her visit before; a lift of hers is held. So two flags
of hers are open.
"""

from __future__ import annotations

import re
import secrets
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client as Browser

from bonefit.clients.models import Client, Lock, Measurement, ScanDevice
from bonefit.clinics.login_links import FROM_THE_CLINIC, make_link
from bonefit.clinics.models import Clinic, Cover, LoginLink, Membership
from programs.drafts import copy_program
from programs.models import Decision, Enrollment, Program, ProgramVersion, Track
from sessions import actions, calendars, moving, unrecorded
from sessions.models import (
    AdverseEvent,
    CalendarFeed,
    Flag,
    HeldOperation,
    SessionNote,
    SetEntry,
    UploadToken,
    Visit,
)
from tests.booked import Booked, booked
from tests.cast import Cast, assign, build_cast, enroll
from tests.taken_in import taken_in_gate
from tests.taken_in_falls import TakenInFalls, taken_in_falls
from tests.taken_in_flags import taken_in_flags
from tests.taken_in_imports import Imports, taken_in_imports
from tests.taken_in_log_ins import taken_in_log_ins
from tests.taken_in_looks import taken_in_looks
from tests.taken_in_measured import taken_in_measured
from tests.taken_in_outcomes import taken_in_outcomes
from tests.taken_in_papers import Papers, taken_in_papers
from tests.taken_in_people import join_the_staff, taken_in_people
from tests.taken_in_reports import KeptReports, taken_in_reports
from tests.taken_in_rights import Rights, taken_in_rights
from tests.taken_in_rollups import taken_in_rollups
from tests.taken_in_screening import TakenInScreening, taken_in_screening

FRIDAY = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
PEOPLE = (
    *("ana", "tess", "lin", "ada", "dee", "aud", "cal", "cam", "con"),
    *("otto", "olga", "lea", "nobody", "anonymous"),
)

#: What the two flags were raised on, as it is kept with them.
SILENCE = {"date": "2026-03-09", "time": "09:00", "therapist": "Ana T.", "room": "Room 1"}
STANDSTILL = {
    "exercise_name": "Deadlift",
    "effort_low": 16,
    "sessions": [{"date": "2026-03-09", "load": "40", "reps": [5, 5, 5, 5, 5], "rpe": 13}],
}


@dataclass
class Things:
    """One of each thing that an address can name, all of one clinic."""

    clinic: Clinic
    client: Client
    waiting: Client
    enrollment: Enrollment
    visit: Visit
    silent: Visit
    entry: SetEntry
    held: Decision
    missed: Flag
    outside: Flag
    feed: CalendarFeed
    program: Program
    drafted: Program
    block: Track
    stopped: Client
    locked: Enrollment
    unready: Client
    event: AdverseEvent
    booked: Booked
    link: LoginLink
    falls: TakenInFalls
    measured: Measurement
    scanner: ScanDevice
    screening: TakenInScreening
    papers: Papers
    imports: Imports
    kept: KeptReports
    rights: Rights
    cover: Cover


@dataclass
class World:
    cast: Cast
    north: Things
    harbor: Things
    browsers: dict[str, Browser]


def build_world() -> World:
    """Call it with the clock on FRIDAY."""
    cast = build_cast()
    join_the_staff(cast)
    north = _things(cast, cast.ana, cast.cal_client, cast.enrollment)
    harbor = _things(cast, cast.otto, cast.olga_client, cast.olga_enrollment)
    return World(cast, north, harbor, {who: browser(cast, who) for who in PEOPLE})


def _things(cast: Cast, by: Membership, client: Client, enrollment: Enrollment) -> Things:
    now = FRIDAY
    *_, silent, yesterday = enrollment.visits.filter(during__endswith__lt=now).order_by("during")
    entry = cast.log(yesterday, by=by, now=now)
    cast.log(yesterday, "impact", level=1, by=by, now=now)
    held = actions.decide(
        enrollment=enrollment, kind="hold", lift="hinge", by=by, reason="Sore", now=now
    )
    unrecorded.flag_missed(now)
    locked = assign(enroll(by, "Lou L."), by, starts_on=now.date(), weekdays=(4,), now=now)
    for whose, released in ((client, now), (locked.client, None)):
        Lock.objects.create(
            clinic=by.clinic,
            client=whose,
            why=Lock.Why.PAIN,
            fact="visit",
            opened_at=now,
            opened_by=by,
            released_at=released,
            released_by=by if released else None,
            clinician="Dr L. H." if released else "",
        )
    version = enrollment.tracks.get().version
    beside = assign(enroll(by, "Bea O."), by, starts_on=now.date(), now=now)
    moving.add_block(
        enrollment=beside,
        version=ProgramVersion.objects.get(clinic=by.clinic, program__kind="block"),
        by=by,
        reason="Falls",
        now=now,
    )
    stopped = assign(enroll(by, "Sid K."), by, starts_on=now.date(), now=now)
    moving.end_enrollment(
        enrollment=stopped,
        status="finished",
        reason="Done",
        on=now.date(),
        by=by,
        now=now,
    )
    actions.complete_visit(visit=yesterday, by=by, now=now)
    event = _on_the_tablet(yesterday, silent, by, now)
    missed = Flag.objects.get(visit=silent)
    taken_in_flags(missed, by, now)
    taken_in_rollups(enrollment, by, now)
    taken_in_looks(client, by, now)
    taken_in_log_ins(by, now)
    return Things(
        clinic=by.clinic,
        client=client,
        waiting=enroll(by, "Fay N.", email=f"fay@{by.clinic.slug}.example.org"),
        enrollment=enrollment,
        visit=yesterday,
        silent=silent,
        entry=entry,
        held=held,
        missed=missed,
        outside=Flag.objects.get(enrollment=enrollment, kind=Flag.Kind.OUTSIDE_CLEARANCE),
        feed=calendars.open_feed(client=client, now=now),
        program=version.program,
        block=moving.blocks_of(beside)[0],
        stopped=stopped.client,
        locked=locked,
        unready=taken_in_gate(client, by, now),
        event=event,
        booked=booked(client, beside, by, now),
        link=make_link(
            user=client.membership.user, by=by, life=FROM_THE_CLINIC, now=now - timedelta(hours=1)
        ),
        falls=taken_in_falls(client, enrollment, by, now),
        scanner=taken_in_outcomes(by, now),
        measured=taken_in_measured(client, by, now),
        screening=taken_in_screening(enroll(by, "Vic V."), by, now),
        papers=taken_in_papers(client, by, now),
        imports=taken_in_imports(by, now),
        kept=taken_in_reports(by, now),
        rights=taken_in_rights(client, by, now),
        cover=taken_in_people(by, now),
        drafted=copy_program(version=version, name="Ours", by=by, now=now).program,
    )


def _on_the_tablet(visit: Visit, before: Visit, by: Membership, now: datetime) -> AdverseEvent:
    """A signed note, an adverse event, a tablet that may send, and an operation that is held."""
    of_visit = {"clinic": by.clinic, "visit": visit}
    SessionNote.objects.create(
        clinic=by.clinic, visit=before, version=1, signed_by=by, signed_at=now
    )
    event = AdverseEvent.objects.create(
        uid=uuid.uuid4(),
        client=visit.client,
        what=AdverseEvent.What.OTHER,
        severity=AdverseEvent.Severity.MILD,
        onset_at=now,
        reported_by=by,
        reported_at=now,
        **of_visit,
    )
    UploadToken.objects.create(
        clinic=by.clinic,
        member=by,
        token_hash=secrets.token_hex(32),
        device=uuid.uuid4(),
        slots=[visit.slot_id],
        created_at=now,
        expires_at=now + timedelta(days=7),
    )
    HeldOperation.objects.create(
        clinic=by.clinic,
        uid=uuid.uuid4(),
        author=by,
        body={"id": str(uuid.uuid4()), "kind": "complete", "visit": str(visit.uid)},
        received_at=now,
    )
    return event


def browser(cast: Cast, who: str) -> Browser:
    """A browser in which this person is logged in."""
    made = Browser()
    if who == "nobody":
        made.force_login(cast.nobody)
    elif who != "anonymous":
        made.force_login(getattr(cast, who).user)
    return made


@contextmanager
def on_friday() -> Iterator[None]:
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once: a test that writes is undone (``world``), and so is all of it at the end."""
    with django_db_blocker.unblock(), on_friday(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World) -> Iterator[World]:
    with transaction.atomic():
        yield built
        transaction.set_rollback(True)


# --- knocking -------------------------------------------------------------------------------------
class _Taken(Exception):
    """Undoes what a request wrote."""


def knock(
    who: Browser, method: str, url: str, body: dict[str, Any] | None = None
) -> tuple[HttpResponse, list[str]]:
    """The answer, and the tables that it left different; then everything is as it was before."""
    cookies, done = who.cookies.copy(), writes()
    try:
        with transaction.atomic():
            response = who.generic(method, url) if body is None else who.post(url, body)
            if response.streaming:  # read to its end, so that its file is closed
                deque(response, maxlen=0)
            written = {name for name, count in writes().items() if count != done.get(name, 0)}
            after = tables(written)
            raise _Taken
    except _Taken:
        who.cookies = cookies
        before = tables(written)
        return response, sorted(name for name in before if before[name] != after[name])


def writes() -> dict[str, int]:
    """How often this transaction wrote to each table, also where it took it back.

    Where it has not risen, nothing can be different. pg_stat_xact_user_tables counts more: dearer.
    """
    kinds = ("inserted", "updated", "deleted")
    counted = " + ".join(f"pg_stat_get_xact_tuples_{kind}(oid)" for kind in kinds)
    ours = "FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT relname, {counted} {ours}")
        return dict(cursor.fetchall())


def tables(only: set[str] | None = None) -> dict[str, str]:
    """A digest of the rows of each table. Log-ins are no matter of the clinics'.

    The access log has a row for every answer: what stands in it is proven in tests/looks.
    """
    names = set(connection.introspection.table_names()) if only is None else only
    names = names - {"clinics_browserlogin", "clients_look"}
    if not names:
        return {}
    one = "SELECT '{0}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{0}\" t"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one.format(name) for name in sorted(names)))
        return dict(cursor.fetchall())


_OF_THE_MOMENT = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # ids of the next tap
    r"|(?<=X-CSRFToken\": \")\w+|(?<=csrfmiddlewaretoken\" value=\")\w+"
    r"|(?<=nonce=\")[^\"]+|(?<=name the number <strong>)\w+"
)


def body_of(response: HttpResponse) -> str:
    """What the page says, without the marks that differ each time it is drawn."""
    return _OF_THE_MOMENT.sub("…", response.content.decode())


# --- filling a form in as a browser does ----------------------------------------------------------
class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.options: dict[str, list[str]] = {}
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        name, kind = said.get("name", ""), said.get("type", "")
        if tag == "form":
            self.forms.append({})
        elif not self.forms:
            return
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._offer(self._select, said.get("value", ""), "selected" in said)
        elif tag == "textarea":
            self._area = name
            self.forms[-1][name] = ""
        elif tag == "input" and name:
            if kind in ("radio", "checkbox"):
                self._offer(name, said.get("value", "on"), "checked" in said)
            else:
                self.forms[-1][name] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            if self._select in self.options:  # a browser takes the first where none is selected
                self.forms[-1].setdefault(self._select, self.options[self._select][0])
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][self._area] += data

    def _offer(self, name: str, value: str, chosen: bool) -> None:
        self.options.setdefault(name, []).append(value)
        if chosen:
            self.forms[-1][name] = value


def filled(page: str, **said: str) -> dict[str, Any]:
    """The largest form of a page as a browser sends it, with ``said`` typed over it.

    ``__`` in a name stands for ``-``. The value "other" picks the first choice not taken yet, and
    "all" every choice.
    """
    parser = _Forms()
    parser.feed(page)
    body: dict[str, Any] = max(parser.forms, key=len)
    for key, value in said.items():
        name = key.replace("__", "-")
        if value == "other":
            value = next(one for one in parser.options[name] if one != body.get(name))
        body[name] = parser.options[name] if value == "all" else value
    return body
