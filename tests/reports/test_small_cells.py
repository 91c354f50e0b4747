"""Who may read no name reads nothing of fewer than five people, on no page and in no file."""

from __future__ import annotations

import csv
import io
from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from bonefit.clinics import actions as clinics
from bonefit.clinics.models import Membership, OrganisationMembership
from programs.models import Enrollment
from sessions.models import SetEntry, Visit
from sessions.reports.registry import KINDS, kind_of
from sessions.reports.scope import By, Filters
from sessions.reports.small_cells import LEFT_OUT, LIMIT, NOTHING, at_least, kept_back
from sessions.reports.small_counts import ANOTHER, FEW
from sessions.reports.table import Column, Figure, Kind, Report, Row, Table, rounded
from sessions.reports.whose import scope_of_organisation
from tests.cast import NOW, Cast
from tests.reports.doses import asked, sets, target
from tests.reports.floor import ATTENDED, NO_SHOW, moment, someone, twice_a_week
from tests.reports.test_report_pages import START
from tests.reports.test_safety import event

#: Each test is undone, and finds what the fixture ``greta`` wrote.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cast")]
ACROSS = "/o/northside/reports"
DAYS = "from=2025-08-01&to=2026-03-04"
EARLY = START - timedelta(days=42)


@pytest.fixture(scope="module")
def greta(module_cast: Cast) -> Browser:
    """She administers the organisation. Ana has five people in it, Ada six, and Tess one, who
    started a month before all others."""
    Enrollment.objects.filter(clinic=module_cast.north).update(
        starts_on=START + timedelta(days=3_000)
    )
    for number in range(5):
        _trained(module_cast.ana, f"Ruth {number}")
    for number in range(6):
        _trained(module_cast.ada, f"Rosa {number}")
    _trained(module_cast.tess, "Vera S.", EARLY)
    organiser = clinics.add_organiser(
        organisation=module_cast.north.organisation, email="greta@example.org", name="Greta G."
    )
    made = Browser()
    made.force_login(organiser.user)
    return made


def _trained(by: Membership, name: str, day: date = START) -> None:
    jo = someone(by, name, day, therapist=by)
    for one in twice_a_week(jo, [ATTENDED] * 21 + [NO_SHOW] * 3):
        if one.status == ATTENDED:
            asked(one, target("hinge", 1, 5, "40"))
            sets(one, "hinge", 5, load="40", rpe=16)


def rows(who: Browser, report: str, table: str, more: str) -> list[list[str]]:
    answer = who.get(f"{ACROSS}/{report}.csv?{DAYS}&table={table}{more}")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))[1:]


@pytest.mark.parametrize(
    ("report", "table"), [("adherence", "groups"), ("dose", "lines"), ("retention", "groups")]
)
def test_a_row_of_one_person_is_blank_and_another_so_that_it_does_not_follow_from_the_total(
    greta: Browser, report: str, table: str
):
    found = {row[0]: row[1:] for row in rows(greta, report, table, "&by=therapist") if row}
    one = next(name for name in found if name.startswith("Tess"))
    another = next(name for name in found if name.startswith("Ana"))
    six = next(name for name in found if name.startswith("Ada"))
    assert one.endswith(FEW)
    assert another.endswith(ANOTHER)
    assert not any((*found[one], *found[another]))
    assert found[six][0] == "6"
    page = greta.get(f"{ACROSS}/{report}/?{DAYS}&by=therapist").content.decode()
    assert FEW in page
    assert "Rows of fewer than 5 people are left blank" in page


def test_the_weeks_of_a_small_group_are_blank_too(greta: Browser):
    found = rows(greta, "retention", "curves", "&by=therapist")
    hers = [row for row in found if row and row[0].startswith("Tess")]
    assert hers
    assert not any(cell for row in hers for cell in row[1:])


def test_the_weeks_of_a_group_that_is_kept_back_with_another_are_not_called_few(greta: Browser):
    groups = {row[0] for row in rows(greta, "retention", "groups", "&by=therapist") if row}
    others = {one.partition(":")[0] for one in groups if one.endswith(ANOTHER)}
    assert others
    weeks = [
        row[0]
        for row in rows(greta, "retention", "curves", "&by=therapist")
        if row and row[0].partition(":")[0] in others
    ]
    assert weeks
    assert all(one.endswith(ANOTHER) for one in weeks)


@pytest.mark.parametrize("slug", [kind.slug for kind in KINDS if kind.across])
def test_a_question_about_one_person_has_no_answer(slug: str, cast: Cast, greta: Browser):
    hers = f"{DAYS}&therapist={cast.tess.pk}"
    if slug == "cert":  # about one clinic only
        hers += f"&clinic={cast.north.pk}"
    page = greta.get(f"{ACROSS}/{slug}/?{hers}")
    assert NOTHING in page.content.decode()
    assert page.context["report"].tables == ()
    assert NOTHING in b"".join(greta.get(f"{ACROSS}/{slug}.csv?{hers}")).decode()
    assert greta.get(f"{ACROSS}/{slug}/picture/trend/?{hers}").status_code == 404
    five = greta.get(f"{ACROSS}/{slug}/?{DAYS}&therapist={cast.ana.pk}").content.decode()
    assert NOTHING not in five


def test_in_the_clinic_itself_a_row_of_one_has_its_figures(cast: Cast, greta: Browser):
    admin = Browser()
    admin.force_login(cast.ada.user)
    page = admin.get(f"/c/north/reports/adherence/?{DAYS}&by=therapist&therapist={cast.tess.pk}")
    assert NOTHING not in page.content.decode()
    assert FEW not in page.content.decode()


def test_a_mean_of_a_few_is_kept_back_and_a_row_of_nobody_stays():
    columns = (
        Column("name", "Measure", Kind.TEXT, "."),
        Column("both", "With both", Kind.COUNT, "."),
        Column("mean", "Mean", Kind.NUMBER, "."),
    )
    given = [Row("a", ("A", 0, None)), Row("b", ("B", 4, 7)), Row("c", ("C", 5, 8))]
    report = Report(None, (), (Table("measures", "Measures", columns, given),))
    [table] = kept_back(report, people=9).tables
    assert [row.cells for row in table.rows] == [
        ("A", 0, None),
        (f"B: {FEW}", None, None),
        ("C", 5, 8),
    ]


def answered(slug: str, **filters: object) -> Report:
    organiser = OrganisationMembership.objects.get(user__email="greta@example.org")
    days = {"first": date(2025, 8, 1), "last": date(2026, 3, 4), "by": By.THERAPIST}
    asked_for = Filters(**{**days, **filters})  # type: ignore[arg-type]
    scope = scope_of_organisation(organiser, asked_for, as_at=NOW)
    kind = kind_of(slug)
    assert kind is not None
    return kind.answer(scope)


def of(report: Report, key: str) -> dict[str, tuple[object, ...]]:
    table = next(one for one in report.tables if one.key == key)
    return {row.key: row.cells for row in table.rows}


MONTH = f"{EARLY:%Y-%m}"


@pytest.mark.parametrize(
    ("slug", "table", "alone", "many"),
    [
        ("adherence", "months", MONTH, "2025-11"),
        ("adherence", "weeks", "12", "5"),
        ("dose", "months", f"{MONTH}.hinge", "2025-11.hinge"),
        ("fidelity", "months", MONTH, "2025-11"),
        ("operations", "causes_by_month", MONTH, "2025-11"),
        ("safety", "by_month", MONTH, "2025-11"),
    ],
)
def test_a_month_or_week_of_one_person_is_blank_and_one_of_many_is_not(
    cast: Cast, greta: Browser, slug: str, table: str, alone: str, many: str
):
    if table == "weeks":  # of all others the last weeks are taken away
        Visit.objects.exclude(client__name="Vera S.").filter(
            during__startswith__gte=moment(START + timedelta(days=76), time(0))
        ).delete()
    found = of(answered(slug), table)
    assert str(found[alone][0]).endswith(FEW)
    assert not any(found[alone][1:])
    assert any(found[many][1:])


def test_what_a_table_keeps_back_its_picture_keeps_back_too(cast: Cast, greta: Browser):
    for slug, key in (("adherence", "trend"), ("fidelity", "whole"), ("operations", "no_shows")):
        picture = answered(slug).pictures[key]
        values = {spot.label: spot.value for spot in picture.spots}  # type: ignore[union-attr]
        early = next(label for label in values if label.startswith(f"{EARLY:%b}"))
        late = next(label for label in values if label.startswith("Nov"))
        assert values[early] is None
        assert values[late] is not None
        assert str(rounded(values[late])) not in picture.words
    [bars] = answered("dose").pictures.values()
    volumes = dict(bars.groups)  # type: ignore[union-attr]
    assert volumes[MONTH] == {}
    assert volumes["2025-11"]


def test_across_an_organisation_a_table_is_asked_for_when_it_is_looked_at(
    cast: Cast, greta: Browser
):
    """The page of all clinics stands before the months are counted; each part then brings what the
    whole report says, with the same rows blank."""
    with CaptureQueriesContext(connection) as asked:
        page = greta.get(f"{ACROSS}/adherence/?{DAYS}")
    parts = {part.head.key: part for part in page.context["tables"]}
    assert [key for key, part in parts.items() if part.printed] == ["groups"]
    assert not any("took_place" in one["sql"] for one in asked)
    whole = answered("adherence")
    with CaptureQueriesContext(connection) as asked:
        months = greta.get(parts["months"].href, headers={"HX-Request": "true"})
    assert sum("took_place" in one["sql"] for one in asked) == 1
    told = strip_tags(months.content.decode())
    assert f"{FEW}" in told
    for cells in of(whole, "months").values():
        assert str(cells[0]) in told
    for key in ("weeks", "phases", "funnel"):
        part = greta.get(parts[key].href, headers={"HX-Request": "true"})
        told = strip_tags(part.content.decode())
        for cells in of(whole, key).values():
            assert str(cells[0]) in told


def test_a_step_of_the_funnel_that_a_few_reached_is_blank(cast: Cast, greta: Browser):
    twice_a_week(someone(cast.ana, "Ruth 9", START), [ATTENDED] * 40)
    report = answered("adherence")
    [funnel] = [table for table in report.tables if table.key == "funnel"]
    cells = {row.key: row.cells for row in funnel.rows}
    everybody, few = cells["enrolled"], next(row for row in cells.values() if FEW in str(row[0]))
    assert everybody[1] == 13
    assert few[1:] == (None, None)
    steps = dict(report.pictures["funnel"].steps)  # type: ignore[union-attr]
    assert steps["Enrolled"] == 13
    assert not any(0 < number < 5 for number in steps.values())


def test_filters_that_leave_out_one_person_are_refused(cast: Cast, greta: Browser):
    hers = f"{DAYS}&cohort={START:%Y-%m}"
    for slug in ("adherence", "safety", "cert"):
        page = greta.get(f"{ACROSS}/{slug}/?{hers}")
        assert LEFT_OUT in page.content.decode()
        assert page.context["report"].tables == ()
    admin = Browser()
    admin.force_login(cast.ada.user)
    page = admin.get(f"/c/north/reports/adherence/?{hers}&by=therapist")
    assert LEFT_OUT not in page.content.decode()


def test_filters_that_leave_out_five_are_answered_and_the_limit_is_told(cast: Cast, greta: Browser):
    page = greta.get(f"{ACROSS}/adherence/?{DAYS}&therapist={cast.ada.pk}").content.decode()
    assert LEFT_OUT not in page
    assert LIMIT in page


def _without(visits: QuerySet[Visit], since: date = date(2025, 1, 1)) -> None:
    """As if nobody had come, or been expected, from that day on."""
    gone = visits.filter(during__startswith__gte=moment(since, time(0)))
    SetEntry.objects.filter(visit__in=gone).delete()
    gone.delete()


def test_five_enrollments_of_four_people_are_few(cast: Cast, greta: Browser):
    """Ruth 3 left and came back: Ana's row has five starts, of four people."""
    _without(Visit.objects.filter(client__name="Ruth 4"))
    first = Enrollment.objects.filter(client__name="Ruth 3")
    first.update(ended_on=START + timedelta(days=90), status="withdrawn", end_kind="time")
    Enrollment.objects.filter(client__name="Ruth 4").update(client=first.get().client)

    for slug, table in (("dose", "lines"), ("retention", "groups")):
        hers = of(answered(slug), table)[str(cast.ana.pk)]
        assert str(hers[0]).endswith(FEW), slug
    curves = of(answered("retention"), "curves")
    assert not any(
        cell for key, row in curves.items() if key.startswith(f"{cast.ana.pk}.") for cell in row[1:]
    )


def test_a_filter_that_alone_leaves_out_one_person_is_refused(cast: Cast, greta: Browser):
    """Of Ada's six one has left. All filters together leave out seven: those who are not Ada's, and
    her; but Ada's without the status are asked for as easily.
    """
    gone = Enrollment.objects.filter(client__name="Rosa 1")
    gone.update(ended_on=START + timedelta(days=90), status="withdrawn", end_kind="time")
    five = f"{DAYS}&therapist={cast.ada.pk}&status=active"
    for slug in ("adherence", "dose", "retention"):
        assert LEFT_OUT in greta.get(f"{ACROSS}/{slug}/?{five}").content.decode()
    page = greta.get(f"{ACROSS}/adherence/?{DAYS}&therapist={cast.ada.pk}").content.decode()
    assert LEFT_OUT not in page


@pytest.mark.parametrize("slug", ["adherence", "dose"])
def test_a_phase_of_a_few_people_is_neither_shown_nor_left_out(
    cast: Cast, greta: Browser, slug: str
):
    """All but Vera stop before the ninth week, in which the loads become heavy."""
    others = Visit.objects.exclude(client__name="Vera S.")
    _without(others, START + timedelta(days=55))

    assert answered(slug, by=By.CLINIC, phase="LOAD").nothing == NOTHING
    assert answered(slug, by=By.CLINIC, phase="INTRO").nothing == ""

    _without(Visit.objects.filter(client__name="Vera S."), EARLY + timedelta(days=27))
    _without(others.exclude(client__name="Ruth 1"), START + timedelta(days=27))
    assert answered(slug, by=By.CLINIC, phase="INTRO").nothing == LEFT_OUT


def test_cert_says_of_an_exercise_of_one_person_that_they_are_few(cast: Cast, greta: Browser):
    jo = Enrollment.objects.get(client__name="Vera S.")
    sets(jo.visits.first(), "squat", 5, load="20", rpe=16)
    said = {row.key: str(row.cells[2]) for row in answered("cert").tables[0].rows}
    assert "(fewer than 5)" in said["14b"]
    assert "Deadlift (12)" in said["14b"]
    assert "Back squat: fewer than 5 people" in said["7b"]


def test_a_kind_of_event_of_one_person_is_blank_and_so_is_a_share_of_one(
    cast: Cast, greta: Browser
):
    for number, jo in enumerate(Enrollment.objects.filter(client__name__startswith="R")):
        event(jo, NOW - timedelta(days=30 + number), what="dizzy")
    vera = Enrollment.objects.get(client__name="Vera S.")
    event(vera, NOW - timedelta(days=30), what="back", serious=True)
    report = answered("safety")
    assert not any(of(report, "kinds")["back"][1:])
    assert not any(of(report, "people")["serious"][1:])
    assert not any(of(report, "rates")["serious"][1:])
    assert of(report, "people")["events"][1] == 12
    assert of(report, "rates")["events"][1] == 12


def test_of_a_group_the_counts_of_a_few_are_blank_with_one_that_they_would_follow_from(
    cast: Cast, greta: Browser
):
    gone = Enrollment.objects.filter(client__name="Rosa 1")
    gone.update(ended_on=START + timedelta(days=90), status="withdrawn", end_kind="training")
    report = answered("retention")
    group = dict(zip(_keys(report, "groups"), of(report, "groups")[str(cast.ada.pk)], strict=True))
    assert group["started"] == 6
    assert group["left"] is group["running"] is None
    assert not any(of(report, "reasons")["training"][1:])
    said = {figure.sentence: figure.value for figure in report.beside}
    assert (said["started"], said["dropped out"]) == ("12", "fewer than 5")
    assert "running" not in said  # started − running would say how many dropped out


def _keys(report: Report, key: str) -> list[str]:
    return [column.key for one in report.tables if one.key == key for column in one.columns]


def test_the_end_of_the_curve_is_told_as_far_as_five_are_watched(cast: Cast, greta: Browser):
    report = answered("retention")
    curve = of(report, "curve")
    keys = _keys(report, "curve")
    shown_at_risk = [dict(zip(keys, cells, strict=True))["at_risk"] for cells in curve.values()]
    assert 12 in shown_at_risk
    assert not {1, 2, 3, 4} & set(shown_at_risk)
    picture = report.pictures["retention"]
    assert all(number >= 5 for _, number in picture.at_risk)  # type: ignore[union-attr]
    assert report.lead
    assert "1 watched" not in report.lead.sentence


def test_a_figure_in_words_of_a_few_says_that_they_are_few():
    few, many = (Figure(value, "clients", "of 40 clients", "S2") for value in ("3", "30"))
    report = Report(few, (many,), ())
    kept = kept_back(report, people=40)
    assert (kept.lead and kept.lead.value, kept.beside[0].value) == ("fewer than 5", "30")


def test_the_sql_of_at_least_never_says_more_than_there_are():
    told = []
    for numbers in ([], [1], [1, 1, 64], [1, 2, 3, 4, 5], list(range(1_000))):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {at_least('n')} FROM unnest(%s::bigint[]) AS n", [numbers])
            told.append(cursor.fetchone()[0])
    assert told == [0, 1, 1, 5, 63]
