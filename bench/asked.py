"""Every report asked for inside one process: pages by the site's handler, questions by their query.

``bench.reports`` fills a database and calls ``everything``; Django is set up by then.
"""

from __future__ import annotations

import os
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date, timedelta
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client

from bench.beneath import beneath
from bench.beside import plan_of
from bench.bulk import Processor
from bench.log_in import log_in
from bench.many import NOW, TODAY
from bench.reported import DOSE_TABLES, Cost, Found, Page
from bench.reported import TIMES as ASKED_TIMES
from bench.web import BenchError
from bonefit.clinics import actions as clinics
from bonefit.clinics.access import Role
from bonefit.clinics.models import Clinic, Organisation, OrganisationMembership
from sessions.reports import attendance_grouped, delivered_kept, dose, rollups
from sessions.reports.registry import KINDS
from sessions.reports.scope import By, Filters, Scope, settled
from sessions.reports.shares import CLINICS
from sessions.reports.whose import scope_of_organisation

#: The days asked for: two years until yesterday.
LAST = TODAY - timedelta(days=1)
FIRST = date(LAST.year - 2, LAST.month, LAST.day) + timedelta(days=1)
DAYS = {"from": FIRST.isoformat(), "to": LAST.isoformat()}
TIMES = 7
#: When a day's roll-ups are made again, and when reports are asked for: no earlier, for as at a
#: moment before they were made the months of whoever came that day are added up anew.
MADE, ASKED = NOW + timedelta(minutes=5), NOW + timedelta(minutes=10)

#: Bare SQL on the same tables: visits by their state, and what was lifted by lift.
TABLES = ("programs_enrollment", "training_visit", "training_setentry")
ATTENDED = """
SELECT v.clinic_id, count(*) FILTER (WHERE v.status IN ('attended', 'attended_partial')),
    count(*) FILTER (WHERE v.status IN ('attended', 'attended_partial', 'no_show', 'late_cancel',
        'cancelled_client', 'unrecorded'))
FROM (SELECT e.clinic_id, v.status FROM programs_enrollment e JOIN training_visit v
    ON v.enrollment_id = e.id AND v.purpose = 'regular'
    AND lower(v.during) >= %(since)s AND lower(v.during) < %(until)s
    WHERE e.clinic_id = ANY(%(clinics)s)) v
GROUP BY 1
"""
LIFTED = """
SELECT s.clinic_id, s.lift, sum(s.load * s.reps), count(*) FILTER (WHERE s.rpe >= 16), count(*)
FROM training_setentry s JOIN training_visit v ON v.id = s.visit_id
    AND lower(v.during) >= %(since)s AND lower(v.during) < %(until)s
WHERE s.clinic_id = ANY(%(clinics)s) AND NOT s.voided AND s.kind = 'working'
GROUP BY 1, 2
"""


def kept() -> dict[str, Any]:
    """Make the roll-ups that are not there yet: of how many clients, and what it cost."""
    with time_machine.travel(NOW, tick=True):
        waiting = rollups.waiting(NOW)
        made = _costs(lambda: rollups.keep(waiting, NOW), times=1)
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
            owner.execute("VACUUM ANALYZE training_doserow, training_dosemonth, training_doseready")
            delivered_kept.keep(NOW)
            owner.execute("VACUUM ANALYZE training_deliveredsession, training_deliveredlift")
    return {"made": asdict(made), "made_clients": len(waiting)}


def everything() -> dict[str, Any]:
    """What was found, as ``Found`` holds it; the clock stands at the day of the filled visits."""
    settings.ALLOWED_HOSTS = ["*"]
    with time_machine.travel(NOW, tick=True):
        day, came = _rebuilt()
        organiser = _organiser()
    with time_machine.travel(ASKED, tick=True):
        return {
            "pages": [asdict(page) for page in _pages(Clinic.objects.order_by("pk")[0])],
            "across": [asdict(page) for page in _across(organiser)],
            "costs": {name: asdict(cost) for name, cost in _questions(organiser)},
            "rebuilt": asdict(day),
            "rebuilt_clients": came,
            "plans": _plans(organiser),
            "load": os.getloadavg()[1],
        }


# --- pages ------------------------------------------------------------------------------------


def _pages(clinic: Clinic) -> Iterator[Page]:
    """The page of each kind, as its admin opens it, and the slowest of what it brings later."""
    admin = clinics.add_member(
        clinic=clinic, email="ada@example.org", name="Ada N.", roles=[Role.ADMIN]
    )
    client = Client(headers={"host": "127.0.0.1"})
    log_in(client, admin.user)
    for kind in KINDS:
        base = f"/c/{clinic.slug}/reports/{kind.slug}/"
        yield _page(client, kind.title, base)
        parts = [
            _page(client, f"{kind.title}: {_said(part, base)}", part, asked=None)
            for part in _parts(client, base)
        ]
        if parts:
            yield max(parts, key=lambda part: part.cost.middle)


def _parts(client: Client, base: str) -> list[str]:
    """The addresses from which a page brings its tables, pictures and further rows."""
    page = client.get(base, DAYS, secure=True).content.decode()
    found = re.findall(rf'hx-get="({base}(?:table|picture)/[^"]*)"', page)
    return [unescape(one) for one in dict.fromkeys(found)]


def _said(part: str, base: str) -> str:
    """table months, table clients from row 51: what an address brings."""
    what, key, _ = urlsplit(part.removeprefix(base)).path.split("/")
    start = parse_qs(urlsplit(part).query).get("start", ["0"])[0]
    return f"{what} {key}{f' from row {int(start) + 1}' if start != '0' else ''}"


def _across(organiser: OrganisationMembership) -> Iterator[Page]:
    client = Client(headers={"host": "127.0.0.1"})
    log_in(client, organiser.user)
    base = f"/o/{organiser.organisation.slug}/reports"
    for slug in ("adherence", "dose"):
        title = next(kind.title for kind in KINDS if kind.slug == slug)
        yield _page(client, title, f"{base}/{slug}/", times=1)


def _page(
    client: Client,
    name: str,
    address: str,
    *,
    times: int = TIMES,
    asked: dict[str, str] | None = DAYS,
) -> Page:
    """``asked``: the days; None for a part, which has them in its address and is htmx's."""
    headers = {"HX-Request": "true"} if asked is None else None

    def get() -> int:
        answer = client.get(address, asked, secure=True, headers=headers)
        if answer.status_code != 200:
            raise BenchError(f"{address} answers {answer.status_code}.")
        return len(answer.content)

    weight = get()
    with _counted() as statements:
        get()
    return Page(name, _costs(get, times=times), len(statements), weight)


@contextmanager
def _counted() -> Iterator[list[str]]:
    sent: list[str] = []

    def count(execute, sql, params, many, context):
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield sent


def _costs(step: Callable[[], Any], *, times: int, processor: Processor | None = None) -> Cost:
    """The median of some times, the fastest, and seconds of the processor for one."""
    taken = []
    processor = processor or Processor.here()
    processor.read()
    for _ in range(times):
        begun = time.perf_counter()
        step()
        taken.append(time.perf_counter() - begun)
    return Cost(statistics.median(taken), min(taken), processor.read() / times)


# --- questions to an organisation -----------------------------------------------------------------


def _organiser() -> OrganisationMembership:
    """One organisation of all the clinics, and who administers it."""
    organisation = Organisation.objects.order_by("pk")[0]
    for clinic in Clinic.objects.exclude(organisation=organisation):
        clinics.move_clinic(clinic=clinic, organisation=organisation)
    return clinics.add_organiser(organisation=organisation, email="org@example.org", name="Olga N.")


def _scope(organiser: OrganisationMembership, by: By) -> Scope:
    return scope_of_organisation(organiser, Filters(first=FIRST, last=LAST, by=by), as_at=ASKED)


def _questions(organiser: OrganisationMembership) -> Iterator[tuple[str, Cost]]:
    """Each question, and its bare SQL after it."""
    clinics = [clinic.pk for clinic in organiser.clinics]
    with connection.cursor() as cursor:
        for name, step in (
            (
                "attendance by clinic",
                lambda: attendance_grouped.grouped(_scope(organiser, By.CLINIC)),
            ),
            ("dose by clinic", lambda: _whole(_dose(organiser))),
            ("dose by phase", lambda: _whole(_dose(organiser, By.PHASE))),
            (DOSE_TABLES[0], lambda: _dose(organiser).lines),
            (DOSE_TABLES[1], lambda: _dose(organiser).months),
        ):
            yield name, _asked(step, cursor.execute, Processor.here())
    with beneath(TABLES) as bare:
        for name, sql, whose in (
            ("bare: attendance, all", ATTENDED, clinics),
            ("bare: attendance, one clinic", ATTENDED, clinics[:1]),
            ("bare: dose, all", LIFTED, clinics),
            ("bare: dose, one clinic", LIFTED, clinics[:1]),
        ):
            asked = partial(bare.ask, sql, _parameters(whose))
            yield name, _asked(asked, bare.session.execute, bare.processor)


def _dose(organiser: OrganisationMembership, by: By = By.CLINIC) -> dose.Dose:
    return dose.Dose(_scope(organiser, by))


def _whole(found: dose.Dose) -> Any:
    """Everything of the dose, as a file asks for it: a page asks for a table when it is seen."""
    return found.total, found.months


def _asked(step: Callable[[], Any], execute: Callable[[str], Any], processor: Processor) -> Cost:
    """What a question costs; ``execute`` sends SQL to the session that it is asked in."""
    step()
    cost = _costs(step, times=ASKED_TIMES, processor=processor)
    # What other processes of the database do is in nobody's account: alone for once.
    execute("SET max_parallel_workers_per_gather = 0")
    cost.processor = _costs(step, times=1, processor=processor).processor
    execute("RESET max_parallel_workers_per_gather")
    return cost


def _parameters(clinics: list[int]) -> dict[str, Any]:
    return {"clinics": clinics, "since": FIRST, "until": TODAY}


def _rebuilt() -> tuple[Cost, int]:
    """The dose rows of everybody who came the day before, made again; how many they are."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute(
            "INSERT INTO training_dosechanged (clinic_id, enrollment_id, since, at)"
            " SELECT v.clinic_id, v.enrollment_id, lower(v.during), %(now)s"
            " FROM training_slot s JOIN training_visit v ON v.slot_id = s.id"
            " AND v.status = 'attended'"
            " WHERE s.starts_at >= %(now)s::date - 1 AND s.starts_at < %(now)s::date",
            {"now": NOW},
        )
    waiting = rollups.waiting(MADE)
    return _costs(lambda: rollups.keep(waiting, MADE), times=1), len(waiting)


def _plans(organiser: OrganisationMembership) -> list[tuple[str, float, list[str]]]:
    """How a share of attendance is read, and all of the bare SQL."""
    scope = _scope(organiser, By.CLINIC)
    share = replace(scope, clinics=scope.clinics[: 2 * CLINICS - 1])
    with _sent() as sent:
        attendance_grouped.grouped(share)
    sql, params = sent[-1]
    name = f"attendance of {len(share.clinics)} clinics"
    spent, names = plan_of(sql.removeprefix(settled()), params)
    plans = [(name, spent, sorted(names))]
    clinics = [clinic.pk for clinic in organiser.clinics]
    with beneath(TABLES) as bare:
        spent, names = plan_of(ATTENDED, _parameters(clinics), session=bare.session)
    return [*plans, ("bare: attendance, all", spent, sorted(names))]


@contextmanager
def _sent() -> Iterator[list[tuple[str, Any]]]:
    sent: list[tuple[str, Any]] = []

    def remember(execute, sql, params, many, context):
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(remember):
        yield sent


__all__ = ["Found", "everything"]
