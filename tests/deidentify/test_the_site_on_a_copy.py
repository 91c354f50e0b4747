"""The site works on a copy: it starts, its pages open, and its reports say the same."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client as Browser

from bonefit.clinics.access import Role
from bonefit.clinics.models import Clinic, Membership
from bonefit.deidentify.running import Done
from sessions.models import Flag, SetEntry, Visit
from sessions.reports.attendance_report import make
from sessions.reports.scope import By
from tests import servers
from tests.deidentify.copies import Copy
from tests.doors import FRIDAY
from tests.reports.attendance_world import asked
from tests.reports.test_attendance_agrees_with_a_second_one import cells_of

pytestmark = pytest.mark.django_db(transaction=True)

#: A page leads to others of its kind without end, so each kind is opened so often.
OF_A_KIND, MOST = 3, 160
_NOT_THESE = re.compile(r"^/(accounts/logout|static|admin|calendar)|\.(csv|xlsx|pdf|zip|ics)")


def moved(copy: Copy, before: dict[int, datetime]) -> dict[int, timedelta]:
    """By how much each clinic has gone back, from its first class."""
    after = first_class(copy)
    return {clinic: before[clinic] - after[clinic] for clinic in before}


def first_class(copy: Copy) -> dict[int, datetime]:
    query = "SELECT clinic_id, min(starts_at) FROM training_slot GROUP BY 1"
    return dict(copy.rows(query))


def opened(browser: Browser, start: str) -> tuple[set[str], list[str]]:
    """The kinds of pages that links lead to from ``start``, and what did not open."""
    waiting, seen, kinds, wrong = deque([start]), {start}, {}, []  # type: ignore[var-annotated]
    while waiting and len(seen) - len(waiting) < MOST:
        url = waiting.popleft()
        answer = browser.get(url)
        body = b"".join(answer) if answer.streaming else answer.content
        # A link may lead to what another role may open: that is said, and no fault of the copy.
        if answer.status_code >= 400 and answer.status_code != 403:
            wrong.append(f"{answer.status_code} {url}")
        more = re.findall(r'href="(/[^"#]*)"', body.decode(errors="replace"))
        if answer.status_code in (301, 302):
            more = [answer["Location"]]
        for href in map(html.unescape, more):
            kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "…", href.partition("?")[0])
            if href in seen or _NOT_THESE.search(href) or kinds.get(kind, 0) >= OF_A_KIND:
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            seen.add(href)
            waiting.append(href)
    return set(kinds), wrong


def test_its_pages_open_for_staff_and_for_a_client(copy: Copy, clean: Callable[[Copy], Done]):
    before = first_class(copy)
    clean(copy)
    north = min(before)
    now = FRIDAY - moved(copy, before)[north]
    with copy.in_use(), time_machine.travel(now, tick=False):
        members = Membership.objects.filter(clinic=north, is_active=True).order_by("pk")
        counted = {}
        for role in (Role.THERAPIST, Role.ADMIN, Role.CLIENT):
            member = members.filter(roles__contains=[role]).select_related("clinic").first()
            assert member is not None
            browser = Browser()
            browser.force_login(member.user)
            kinds, wrong = opened(browser, f"/c/{member.clinic.slug}/")
            assert wrong == []
            counted[role] = len(kinds)
        assert counted[Role.THERAPIST] > 25, counted
        assert counted[Role.ADMIN] > 25, counted
        assert counted[Role.CLIENT] > 4, counted


def test_reports_of_adherence_say_the_same_before_and_after(
    copied: Callable[[str], Copy], seeded: str, clean: Callable[[Copy], Done]
):
    """Of the whole demo, by its clinics: each figure that needs nobody's name."""
    copy = copied(seeded)

    def figures(back: dict[int, timedelta], firsts: dict[int, datetime]) -> dict[int, Any]:
        found = {}
        with copy.in_use():
            for clinic in Clinic.objects.order_by("pk"):
                began, end = firsts[clinic.pk], ends[clinic.pk] - back[clinic.pk]
                scope = asked(
                    [clinic], began.date(), end.date(), as_at=end, headline="A3", by=By.CLINIC
                )
                made = make(scope)
                found[clinic.pk] = (
                    {k: v for k, v in cells_of(made.tables[0])["total"].items() if k != "clinic"},
                    made.lead and (made.lead.code, made.lead.value, made.lead.words),
                )
        return found

    query = "SELECT clinic_id, max(starts_at) FROM training_slot GROUP BY 1"
    ends = dict(copy.rows(query))
    before = first_class(copy)
    first = figures(dict.fromkeys(before, timedelta(0)), before)
    assert all(int(cells["planned"].replace(",", "")) > 20 for cells, _ in first.values())

    clean(copy)

    assert figures(moved(copy, before), first_class(copy)) == first
    with copy.in_use():
        assert Visit.objects.exclude(prescription=None).exists()
        assert SetEntry.objects.exclude(entered_load="").exists()
        assert Flag.objects.open().exists()


def test_it_starts_and_every_sweep_and_command_runs_on_it(
    copy: Copy, clean: Callable[[Copy], Done], databases: servers.Databases
):
    clean(copy)
    with servers.running_site(databases, copy.name) as site:
        assert servers.answers(f"{site.url}/readyz/") or servers.answers(f"{site.url}/healthz/")
        assert servers.answers(f"{site.url}/accounts/login/code/") or servers.answers(
            f"{site.url}/"
        )
    with copy.in_use():
        out = StringIO()
        call_command("sweep", stdout=out)
        call_command("rebuild_rollups", stdout=out)
        call_command("verify_audit", stdout=out)
        assert "send_outbox: done" in out.getvalue()
        assert "Everything that is sealed is as it was." in out.getvalue()
        assert "failed" not in out.getvalue()
