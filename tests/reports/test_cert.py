"""What the CERT report says of a cohort: 16 items on 19 lines, each fact counted once."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client as Browser

from bonefit.clinics.models import Credential
from programs.models import Enrollment, Program
from sessions.models import Supervision, Visit
from sessions.reports import cert
from sessions.reports.attendance_report import KIND as adherence
from sessions.reports.cert import GAP
from sessions.reports.dose_report import KIND as dose
from sessions.reports.fidelity import KIND as fidelity
from sessions.reports.scope import Filters, Scope
from tests.cast import NOW, Cast
from tests.reports.floor import ATTENDED, EXCUSED, NO_SHOW, someone, visit
from tests.reports.lifted import named, papers
from tests.reports.test_research_export import put_down
from tests.reports.test_safety import event

pytestmark = pytest.mark.django_db
START = date(2025, 10, 6)
DAY = timedelta(days=1)
SECTIONS = {"7": "ab", "14": "ab", "16": "ab"}
LINES = [f"{item}{letter}" for item in range(1, 17) for letter in SECTIONS.get(str(item), [""])]


def said(cast: Cast, *people: Enrollment) -> dict[str, str]:
    mine = Enrollment.objects.filter(pk__in=[one.pk for one in people])
    made = cert.make(Scope((cast.north,), mine, Filters(START, NOW.date()), NOW))
    return {row.key: str(row.cells[2]) for table in made.tables for row in table.rows}


def test_sixteen_items_stand_on_nineteen_lines_and_a_gap_is_called_one(cast: Cast):
    lines = said(cast, someone(cast.ana, "Ruth K.", START))

    assert list(lines) == LINES
    assert len({line.rstrip("ab") for line in lines}) == 16
    assert lines["6"] == lines["10"] == GAP


def test_several_clinics_are_asked_to_be_one(cast: Cast):
    mine = Enrollment.objects.filter(pk=someone(cast.ana, "Ruth K.", START).pk)
    asked = Scope((cast.north, cast.harbor), mine, Filters(START, NOW.date()), NOW)

    made = cert.make(asked)

    assert made.nothing == cert.ONE_CLINIC
    assert not made.tables
    assert not cert.parts(asked).tables


def test_an_event_of_somebody_who_had_left_is_not_of_the_cohort_and_does_not_open(cast: Cast):
    here = someone(cast.ana, "Ruth K.", START)
    gone = someone(cast.ana, "Wanda P.", START - 200 * DAY, ended_on=START - 100 * DAY)
    mine = event(here, NOW - 30 * DAY)
    event(gone, NOW - 20 * DAY)
    everybody = Enrollment.objects.filter(pk__in=[here.pk, gone.pk])
    scope = Scope((cast.north,), everybody, Filters(START, NOW.date()), NOW)

    opened = cert.KIND.behind and cert.KIND.behind(scope, "cert", "11", "counted")

    assert said(cast, here, gone)["11"].startswith("1 reported of 1 people")
    assert opened
    assert [row.key for row in opened.rows] == [str(mine.pk)]


def test_the_program_of_another_clinic_leads_to_this_clinics_own_row_of_it(cast: Cast):
    one = someone(cast.ana, "Ruth K.", START)
    followed = one.tracks.get().version.program
    elsewhere = Program.objects.get(clinic=cast.harbor, slug=followed.slug, name=followed.name)
    assert elsewhere != followed
    filters = Filters(START, NOW.date(), program=elsewhere)

    made = cert.make(Scope((cast.north,), Enrollment.objects.filter(pk=one.pk), filters, NOW))

    assert made.tables[0].rows[0].key == "1"


def test_an_event_of_somebody_who_came_back_is_one_event(cast: Cast):
    first = someone(cast.ana, "Ruth K.", START, ended_on=START + timedelta(days=20))
    again = someone(cast.ana, "Ruth K.", START + timedelta(days=40), client=first.client)
    event(first, NOW - timedelta(days=30), serious=True)

    assert said(cast, first, again)["11"].startswith("1 reported of 1 people")
    assert "1 of them serious" in said(cast, first, again)["11"]


def test_events_are_told_by_kind(cast: Cast):
    one = someone(cast.ana, "Ruth K.", START)
    for what in ("sharp", "fall", "sharp"):
        event(one, NOW - timedelta(days=30), what=what)

    assert said(cast, one)["11"].endswith(" Kinds: a fall 1, sharp pain 2.")
    assert "Kinds" not in said(cast, someone(cast.ana, "Bea L.", START))["11"]


def test_whoever_was_planned_and_was_not_there_did_not_deliver_it(cast: Cast):
    """Where nobody said who was there, the rota is what is known."""
    one = someone(cast.ana, "Ruth K.", START)
    for member, profession in ((cast.ana, "Physiotherapist"), (cast.tess, "Osteopath")):
        made = papers(member, NOW, trained_on=None)
        Credential.objects.filter(pk=made.pk).update(profession=profession)
    came = visit(one, START + timedelta(days=3), ATTENDED)
    Supervision.objects.create(
        clinic=one.clinic, slot=came.slot, member=cast.tess, during=came.during
    )
    assert said(cast, one)["2"] == "Osteopath: 1, 0 with HiRIT training recorded."

    named(Visit.objects.get(pk=came.pk), cast.ana)
    assert said(cast, one)["2"] == "Physiotherapist: 1, 0 with HiRIT training recorded."


def test_whoever_came_back_is_one_of_the_people_and_has_two_first_loads(cast: Cast):
    first = someone(cast.ana, "Ruth K.", START, ended_on=START + timedelta(days=20))
    again = someone(cast.ana, "Ruth K.", START + timedelta(days=40), client=first.client)
    for one, load in ((first, 20), (again, 25)):
        put_down(cast, visit(one, one.starts_on + timedelta(days=3), ATTENDED), load=Decimal(load))
    lines = said(cast, first, again)

    assert "Deadlift (1)" in lines["14b"]
    # The median of an even number lies between the two in the middle.
    assert "median first load 22.5 kg, last 22.5 kg (n = 2)" in lines["7b"]


def test_the_first_load_is_that_of_the_first_day_whenever_it_was_booked(cast: Cast):
    one = someone(cast.ana, "Ruth K.", START)
    later = visit(one, START + timedelta(days=60), ATTENDED)
    earlier = visit(one, START + timedelta(days=3), ATTENDED)
    put_down(cast, later, load=Decimal(50))
    put_down(cast, earlier, load=Decimal(20))

    assert "median first load 20 kg, last 50 kg (n = 1)" in said(cast, one)["7b"]


@pytest.mark.parametrize("headline", ["A1", "A2", "A3", "A4", "A5", "A6"])
def test_what_is_quoted_is_what_the_reports_lead_with(cast: Cast, headline: str):
    for number, name in enumerate(["Ruth K.", "Bea L.", "Never came"]):
        one = someone(cast.ana, name, START)
        for days in range(3, (NOW.date() - START).days * (2 - number) // 2, 7):
            put_down(cast, visit(one, START + timedelta(days=days), ATTENDED))
            visit(one, START + timedelta(days=days + 1), NO_SHOW)
            visit(one, START + timedelta(days=days + 2), EXCUSED)
    people = Enrollment.objects.filter(clinic=cast.north)
    asked = Scope((cast.north,), people, Filters(START, NOW.date()), NOW, headline=headline)
    leads = [kind.make(asked).lead for kind in (adherence, dose, fidelity)]

    line = next(row.cells[2] for row in cert.make(asked).tables[1].rows if row.key == "16b")
    quoted = [f"{lead.value} {lead.unit} {lead.sentence}" for lead in leads if lead]
    assert quoted[0] in line
    assert all(one in line for one in quoted)
    assert len(quoted) == 3


def test_nothing_is_quoted_of_a_report_that_says_nothing(cast: Cast):
    one = someone(cast.ana, "Ruth K.", START)
    visit(one, START + timedelta(days=3), NO_SHOW)
    lines = said(cast, one)

    assert "Fidelity" not in lines["16b"]
    assert lines["16b"].startswith("Adherence: 0.0 %")


def test_the_questions_are_as_many_for_one_as_for_many(cast: Cast, django_assert_num_queries):
    people = [someone(cast.ana, "Ruth K.", START)]
    put_down(cast, visit(people[0], START + timedelta(days=9), ATTENDED))
    said(cast, *people)
    for _ in range(2):
        mine = Enrollment.objects.filter(pk__in=[one.pk for one in people])
        with django_assert_num_queries(4):
            made = cert.make(Scope((cast.north,), mine, Filters(START, NOW.date()), NOW))
        with django_assert_num_queries(4):
            assert [len(list(table.rows)) for table in made.tables] == [17, 2]
        for number in range(6):
            one = someone(cast.ana, f"P {number}", START)
            put_down(cast, visit(one, START + timedelta(days=number), ATTENDED))
            people.append(one)


def test_a_line_that_counts_opens_its_rows_on_the_page_and_no_other_does(cast: Cast):
    one = someone(cast.ana, "Ruth K.", START)
    papers(cast.ana, NOW, trained_on=None)
    came = visit(one, START + timedelta(days=9), ATTENDED)
    put_down(cast, came)
    named(Visit.objects.get(pk=came.pk), cast.ana)
    event(one, NOW - timedelta(days=30))
    browser = Browser()
    browser.force_login(cast.ada.user)
    days = f"from={START}&to={NOW.date()}&enrollment={one.pk}"
    page = "".join(
        browser.get(f"/c/north/reports/cert/table/{key}/?{days}").text
        for key in ("cert", "how_well")
    )
    found = re.findall(r'<a href="(/c/north/reports/cert/rows/[^"]+)">([^<]+)</a>', page)
    opened = {}
    for address, words in found:
        opened[address.rpartition("row=")[2]] = (words, browser.get(unescape(address)))
    assert {line: words for line, (words, _) in opened.items()} == {
        **{"2": "classes", "3": "sessions", "4": "sessions", "11": "events", "7b": "loads"},
        **{"14b": "exercises, decisions", "16b": "three reports"},
    }
    assert {answer.status_code for _, answer in opened.values()} == {200}
    loads = re.findall(r">(\d+\.\d+)<", opened["7b"][1].text)
    assert loads
    assert {len(load.partition(".")[2]) for load in loads} == {2}
    quoted = re.findall(r'<a href="(/c/north/reports/\w+/rows/[^"]+)">', opened["16b"][1].text)
    assert len(quoted) == 3
    for address in quoted:
        answer = browser.get(unescape(address))
        assert answer.status_code == 200
        assert "Ruth K." in answer.text
    for line in ("1", "5", "16a", "total", ""):
        where = f"/c/north/reports/cert/rows/?{days}&table=cert&column=counted&row={line}"
        assert browser.get(where).status_code == 404


def test_the_gaps_are_counted_before_the_last_item_is_looked_up(cast: Cast):
    mine = [someone(cast.ana, name, START) for name in ("Came", "Missed", "Never")]
    put_down(cast, visit(mine[0], START + timedelta(days=3), ATTENDED))
    visit(mine[1], START + timedelta(days=3), NO_SHOW)
    known = {}
    for one in mine:
        people = Enrollment.objects.filter(pk=one.pk)
        made = cert.make(Scope((cast.north,), people, Filters(START, NOW.date()), NOW))
        gaps = [row.key for table in made.tables for row in table.rows if row.cells[2] == GAP]
        known[one.client.name] = ("16b" in gaps, made.lead.value == str(19 - len(gaps)))
    assert known == {"Came": (False, True), "Missed": (False, True), "Never": (True, True)}
