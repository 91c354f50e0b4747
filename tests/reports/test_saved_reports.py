"""A question to a report is kept under a name: by whom, who finds it, and where it leads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from bonefit.clinics.actions import add_member
from bonefit.clinics.models import Membership
from sessions.models import SavedReport
from sessions.reports import keeping
from sessions.reports.answerable import NOT_FOR_YOU, without_answer
from sessions.reports.readers import ClinicReader
from tests.cast import NOW, Cast
from tests.reports.floor import ATTENDED, someone, visit

pytestmark = pytest.mark.django_db

START = date(2026, 2, 2)
LIST = "/c/north/reports/"
SAVE = f"{LIST}saved/"
QUERY = "from=2026-02-01&to=2026-02-28&by=therapist"
ASKED = {"report": "dose", "query": QUERY, "name": "Board, dose"}


def browser(member: Membership) -> Browser:
    made = Browser()
    made.force_login(member.user)
    return made


def saved(by: Membership, **more: Any) -> SavedReport:
    values = {"name": "Board, dose", "report": "dose", "query": QUERY, **more}
    for name in ("shared", "monthly"):
        values.setdefault(name, False)
    return keeping.save(**values, by=by, now=NOW)


def goes_to(response: HttpResponse) -> tuple[str, dict[str, list[str]]]:
    assert response.status_code == 302
    parts = urlsplit(response.headers["Location"])
    return parts.path, parse_qs(parts.query)


# --- keeping one --------------------------------------------------------------------------------


def test_the_page_of_a_report_offers_to_save_its_question_and_asks_for_a_name(cast: Cast):
    page = browser(cast.ada).get(f"{LIST}dose/?{QUERY}")
    assert f'action="{SAVE}"' in page.text
    form = browser(cast.ada).post(SAVE, {"report": "dose", "query": QUERY})
    assert form.status_code == 200
    assert 'value="dose"' in form.text
    assert "by=therapist" in form.text
    assert not SavedReport.objects.exists()


def test_what_was_typed_is_saved_and_stands_in_the_list(cast: Cast):
    answer = browser(cast.ada).post(SAVE, {**ASKED, "shared": "on"})
    assert goes_to(answer)[0] == LIST
    one = SavedReport.objects.get()
    kept = (one.clinic, one.owner, one.name, one.report, one.query, one.shared, one.monthly)
    assert kept == (cast.north, cast.ada, "Board, dose", "dose", QUERY, True, False)
    text = browser(cast.ada).get(LIST).text
    assert f'<a href="{SAVE}{one.pk}/">Board, dose</a>' in text


def test_a_question_without_a_name_is_refused_beside_the_field_and_kept(cast: Cast):
    page = browser(cast.ada).post(SAVE, {**ASKED, "name": " ", "shared": "on"})
    assert page.status_code == 422
    assert "Write a name, for example" in page.text
    assert 'id="name-wrong"' in page.text or "aria-invalid" in page.text
    assert QUERY.replace("&", "&amp;") in page.text
    assert "checked" in page.text
    assert not SavedReport.objects.exists()


def test_a_name_that_is_too_long_is_refused_and_stays_in_its_field(cast: Cast):
    name = "Board " * 20
    page = browser(cast.ada).post(SAVE, {**ASKED, "name": name})
    assert page.status_code == 422
    assert name.strip() in page.text
    assert not SavedReport.objects.exists()


def test_a_report_that_is_none_cannot_be_saved(cast: Cast):
    ada = browser(cast.ada)
    assert ada.post(SAVE, {**ASKED, "report": "nothing"}).status_code == 422
    assert ada.post(SAVE, {"report": "nothing", "query": ""}).status_code == 404
    assert ada.get(SAVE).status_code == 404
    assert not SavedReport.objects.exists()


def test_the_same_name_twice_is_refused_and_a_colleague_may_use_it_too(cast: Cast):
    saved(cast.ada)
    page = browser(cast.ada).post(SAVE, ASKED)
    assert page.status_code == 422
    assert "You have a saved report of that name" in page.text
    assert 'value="Board, dose"' in page.text
    assert browser(cast.ana).post(SAVE, ASKED).status_code == 302
    assert SavedReport.objects.count() == 2


def test_the_name_of_a_removed_one_is_free_again(cast: Cast):
    keeping.remove(saved=saved(cast.ada), by=cast.ada, now=NOW)
    assert browser(cast.ada).post(SAVE, ASKED).status_code == 302


# --- who finds it -------------------------------------------------------------------------------


def test_one_s_own_is_in_one_s_own_list_and_a_shared_one_in_that_of_colleagues(cast: Cast):
    saved(cast.ada, name="Hers alone")
    saved(cast.ada, name="For everybody", shared=True)
    seen = {
        who.user.name: [name for name in ("Hers alone", "For everybody") if name in page]
        for who in (cast.ada, cast.ana, cast.tess)
        if (page := browser(who).get(LIST).text)
    }
    assert list(seen.values()) == [
        ["Hers alone", "For everybody"],
        ["For everybody"],
        ["For everybody"],
    ]


def test_nobody_of_another_clinic_and_nobody_without_reports_opens_a_shared_one(cast: Cast):
    one = saved(cast.ada, shared=True)
    address = f"{SAVE}{one.pk}/"
    admin = add_member(clinic=cast.harbor, email="h@example.org", name="Hal H.", roles=["admin"])
    for who, code in ((cast.dee, 403), (cast.cal, 403), (cast.otto, 404), (admin, 404)):
        assert browser(who).get(address).status_code == code
    assert browser(admin).get(f"/c/harbor/reports/saved/{one.pk}/").status_code == 404
    assert "Board, dose" not in browser(admin).get("/c/harbor/reports/").text


def test_what_is_not_shared_opens_for_its_owner_alone(cast: Cast):
    one = saved(cast.ada)
    assert browser(cast.ana).get(f"{SAVE}{one.pk}/").status_code == 404
    assert browser(cast.ada).get(f"{SAVE}{one.pk}/").status_code == 302


def test_a_colleague_sees_of_a_shared_one_what_she_may_see(cast: Cast):
    for by, name in ((cast.ana, "Ann Own"), (cast.tess, "Tia Other")):
        visit(someone(by, name, date(2026, 2, 2)), date(2026, 2, 3), ATTENDED)
    one = saved(cast.ada, shared=True, query="from=2026-02-01&to=2026-02-28&by=client")
    pages = {}
    for who in (cast.ada, cast.ana):
        pages[who.pk] = browser(who).get(f"{SAVE}{one.pk}/", follow=True).text
    assert "Ann Own" in pages[cast.ada.pk]
    assert "Tia Other" in pages[cast.ada.pk]
    assert "Ann Own" in pages[cast.ana.pk]
    assert "Tia Other" not in pages[cast.ana.pk]


def test_a_question_that_a_colleague_may_not_ask_says_so_and_is_no_link(cast: Cast):
    visit(someone(cast.tess, "Tia Other", date(2026, 2, 2)), date(2026, 2, 3), ATTENDED)
    one = saved(cast.ada, shared=True, query=f"{QUERY}&therapist={cast.tess.pk}")
    address = f"{SAVE}{one.pk}/"
    page = browser(cast.ana).get(LIST).text
    assert "<strong>Board, dose</strong>" in page
    assert NOT_FOR_YOU in page
    assert f'href="{address}"' not in page
    for who in (cast.ada, cast.tess):
        assert f'href="{address}"' in browser(who).get(LIST).text
    back = browser(cast.ana).get(address, follow=True)
    assert back.redirect_chain[-1][0] == LIST
    assert "“Board, dose” cannot be opened." in back.text
    assert "Tia Other" not in back.text


@pytest.mark.parametrize("more", ["enrollment={}", "program=999999", "enrollment=x", "from=x"])
def test_a_question_about_a_client_or_a_program_of_others_is_no_link(cast: Cast, more: str):
    hers = someone(cast.tess, "Tia Other", date(2026, 2, 2))
    one = saved(cast.ada, shared=True, query=more.format(hers.pk))
    refused = without_answer(ClinicReader(cast.ana), [one], NOW)
    assert refused == {one.pk}
    mine = saved(cast.ada, name="Ana’s", query=f"enrollment={someone(cast.ana, 'Jo', START).pk}")
    assert without_answer(ClinicReader(cast.ana), [mine], NOW) == frozenset()
    gone = SavedReport(report="nothing", query="", pk=7)
    assert without_answer(ClinicReader(cast.ana), [gone], NOW) == {7}


def test_the_list_asks_as_often_for_many_questions_as_for_one(cast: Cast):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser_of_ana.get(LIST)
        return len(queries)

    browser_of_ana = browser(cast.ana)
    hers = someone(cast.tess, "Tia Other", START)
    for number in range(13):
        query = f"therapist={cast.tess.pk}&enrollment={hers.pk}"
        saved(cast.ada, name=f"Board {number}", shared=True, query=query)
        if number == 0:
            few = asked()
    assert asked() == few


# --- removing -----------------------------------------------------------------------------------


def test_only_the_owner_takes_it_off_the_list(cast: Cast):
    one = saved(cast.ada, shared=True)
    address = f"{SAVE}{one.pk}/remove/"
    assert address not in browser(cast.ana).get(LIST).text
    assert browser(cast.ana).post(address).status_code == 404
    assert SavedReport.objects.get().removed_at is None
    assert address in browser(cast.ada).get(LIST).text
    assert browser(cast.ada).post(address).status_code == 302
    assert SavedReport.objects.get().removed_at is not None
    assert "Board, dose" not in browser(cast.ana).get(LIST).text
    assert browser(cast.ada).get(f"{SAVE}{one.pk}/").status_code == 404


def test_to_remove_it_twice_keeps_the_moment_of_the_first_time(cast: Cast):
    one = saved(cast.ada)
    assert keeping.remove(saved=one, by=cast.ada, now=NOW)
    assert not keeping.remove(saved=one, by=cast.ada, now=datetime(2026, 4, 1, tzinfo=UTC))
    assert SavedReport.objects.get().removed_at == NOW


# --- where it leads -----------------------------------------------------------------------------


def test_it_opens_the_report_with_its_filters(cast: Cast):
    one = saved(cast.ada)
    path, asked = goes_to(browser(cast.ada).get(f"{SAVE}{one.pk}/?month=2025-01"))
    assert path == f"{LIST}dose/"
    assert asked == {"from": ["2026-02-01"], "to": ["2026-02-28"], "by": ["therapist"]}


def test_a_monthly_one_keeps_no_days_and_opens_with_those_of_the_month_of_its_link(cast: Cast):
    one = saved(cast.ada, monthly=True)
    assert SavedReport.objects.get().query == "by=therapist"
    path, asked = goes_to(browser(cast.ada).get(f"{SAVE}{one.pk}/?month=2024-02"))
    assert path == f"{LIST}dose/"
    assert asked == {"from": ["2024-02-01"], "to": ["2024-02-29"], "by": ["therapist"]}


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "soon", "2026-02-02", "0000-01"])
def test_a_month_that_is_none_means_the_month_before_by_the_clinic_s_day(cast: Cast, month: str):
    one = saved(cast.ada, monthly=True)
    # The first of April in Brisbane, and still the last of March in Greenwich.
    with time_machine.travel(datetime(2026, 3, 31, 15, tzinfo=UTC), tick=False):
        _, asked = goes_to(browser(cast.ada).get(f"{SAVE}{one.pk}/", {"month": month}))
    assert asked == {"from": ["2026-03-01"], "to": ["2026-03-31"], "by": ["therapist"]}
