"""The research export: a cohort's tables without names and dates, for those who agreed to it."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import uuid
import zipfile
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bonefit.clients.consents import texts_in_force
from bonefit.clients.models import Client, Consent
from programs.models import Enrollment, Exercise, RuleSet
from sessions.models import ReportExport, SetEntry, Visit
from sessions.reports import research
from sessions.reports.cohort import Pseudonyms, cohort_of
from sessions.reports.scope import Filters, Scope
from sessions.reports.small_counts import SMALL
from tests.cast import NOW, Cast
from tests.reports.floor import ATTENDED, MAKE_UP, NO_SHOW, someone, visit

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)
PRESS = "overhead-press"
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 4)


def agrees(client: Client, cast: Cast, *said: str, **more: Any) -> Consent:
    text = texts_in_force(client.clinic)["research"]
    return Consent.objects.create(
        clinic=client.clinic,
        client=client,
        text=text,
        agreed=list(said or ("audit", "study")),
        explained_by=cast.ana,
        signed_name=client.name,
        signed_on=START,
        recorded_by=cast.ana,
        recorded_at=NOW - timedelta(days=30),
        **more,
    )


def people(cast: Cast, count: int = SMALL) -> list[Enrollment]:
    """So many women in their late sixties who agreed, each with two sessions and a set."""
    made = []
    for number in range(count):
        one = someone(cast.ana, f"Ruth Secret{number}", START)
        agrees(one.client, cast)
        put_down(cast, visit(one, START + timedelta(days=1), ATTENDED))
        visit(one, START + timedelta(days=8), NO_SHOW)
        made.append(one)
    return made


def put_down(cast: Cast, of: Visit, **more: Any) -> SetEntry:
    values: dict[str, Any] = {
        "number": 1,
        "lift": "hinge",
        "exercise": Exercise.objects.get(slug="deadlift"),
        "load": Decimal(40),
        "reps": 5,
        "prescribed_load": Decimal(45),
        "prescribed_reps": 5,
        "rpe": 15,
        "clean": True,
        **more,
    }
    return SetEntry.objects.create(
        uid=uuid.uuid4(),
        clinic=of.clinic,
        visit=of,
        enrollment=of.enrollment,
        kind="working",
        rule_set=RuleSet.objects.filter(clinic=of.clinic).latest("number"),
        supervisor=cast.ana,
        logged_at=NOW,
        **values,
    )


def scope_of(cast: Cast, **filters: Any) -> Scope:
    asked = Filters(**{"first": FIRST, "last": LAST, **filters})
    return Scope((cast.north,), Enrollment.objects.visible_to(cast.ada), asked, NOW)


def written(
    cast: Cast, scope: Scope | None = None, uid: uuid.UUID | None = None
) -> zipfile.ZipFile:
    out = io.BytesIO()
    export = ReportExport(clinic=cast.north, uid=uid or uuid.uuid4())
    told: list[int] = []
    rows = research.write(scope or scope_of(cast), export, out, told.append)
    assert told[-1] == rows
    return zipfile.ZipFile(io.BytesIO(out.getvalue()))


def rows_of(book: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(book.read(f"{name}.csv").decode())))


def test_the_tables_say_what_was_done_and_not_who_or_when(cast: Cast):
    people(cast)
    book = written(cast)

    assert sorted(book.namelist()) == [
        "cohort.json",
        "dictionary.csv",
        "months.csv",
        "people.csv",
        "sessions.csv",
        "sets.csv",
    ]
    assert len(rows_of(book, "people")) == SMALL
    sessions = rows_of(book, "sessions")
    assert [(row["day"], row["week"], row["state"]) for row in sessions[:2]] == [
        ("1", "1", "attended"),
        ("8", "2", "no_show"),
    ]
    one = rows_of(book, "sets")[0]
    assert (one["lift"], one["exercise"], one["load"], one["prescribed_load"]) == (
        "hinge",
        "deadlift",
        "40.0000",
        "45.0000",
    )
    assert (one["reps"], one["rpe"], one["clean"], one["pain"]) == ("5", "15", "yes", "")
    assert {row["session"] for row in rows_of(book, "sets")} <= {row["session"] for row in sessions}
    months = rows_of(book, "months")
    assert [(row["month"], row["attended"], row["missed"], row["volume"]) for row in months] == [
        ("0", "1", "1", "200.0"),
        ("1", "0", "0", "0.0"),
    ] * SMALL

    everything = b"".join(book.read(name) for name in book.namelist()).decode()
    for secret in ("Secret", "Ruth", "2026-0", "1958", "Northside", "Brisbane", "Ana"):
        assert secret not in everything, secret


def test_the_file_does_not_say_on_which_day_it_was_made(cast: Cast):
    """Days since the start and that day would be the first day of whoever is still there."""
    people(cast)
    book = written(cast)
    assert {one.date_time[:3] for one in book.infolist()} == {(1980, 1, 1)}
    assert all(one.compress_type == zipfile.ZIP_DEFLATED for one in book.infolist())


def test_the_dictionary_names_every_column_of_every_table(cast: Cast):
    people(cast)
    book = written(cast)
    said = {(row["table"], row["column"]) for row in rows_of(book, "dictionary")}
    for name in ("people", "sessions", "sets", "months"):
        head = book.read(f"{name}.csv").decode().splitlines()[0].split(",")
        assert {(name, column) for column in head} <= said
    assert all(row["meaning"] for row in rows_of(book, "dictionary"))


def test_only_who_agreed_to_research_is_in_it_and_the_others_are_counted(cast: Cast):
    people(cast)
    agrees(someone(cast.ana, "Audit only", START).client, cast, "audit")
    taken_back = someone(cast.ana, "Taken back", START).client
    agrees(
        taken_back,
        cast,
        withdrawn_at=NOW - timedelta(days=1),
        withdrawn_by=cast.ana,
        withdrawn_why="Rather not.",
    )
    later = someone(cast.ana, "Agreed and then no more", START).client
    agrees(later, cast)
    agrees(later, cast, "audit")

    found = cohort_of(scope_of(cast))
    assert found.clients == SMALL
    assert found.left_out == 3
    assert len(rows_of(written(cast), "people")) == SMALL


def test_fewer_than_five_are_not_exported(cast: Cast):
    people(cast, SMALL - 1)

    with pytest.raises(ValueError, match="Fewer than 5"):
        written(cast)
    assert research.make(scope_of(cast)).nothing == research.TOO_FEW


def test_what_fewer_than_five_share_is_left_out(cast: Cast):
    made = people(cast, 12)
    Client.objects.filter(pk=made[0].client_id).update(sex="male")
    Client.objects.filter(pk__in=[one.client_id for one in made[1:6]]).update(
        born_on=date(1940, 1, 1)
    )
    found = {one.client: (one.sex, one.age_band) for one in cohort_of(scope_of(cast)).people}

    shared = list(found.values())
    assert all(shared.count(one) >= SMALL for one in shared), shared


def test_a_status_that_fewer_than_five_share_is_left_out(cast: Cast):
    made = people(cast, 12)
    Enrollment.objects.filter(pk__in=[one.pk for one in made[:5]]).update(
        status="finished", ended_on=LAST
    )
    assert _statuses(cast) == {"finished": 5, "active": 7}
    Enrollment.objects.filter(pk=made[0].pk).update(status="withdrawn")
    assert _statuses(cast) == {"": 5, "active": 7}
    Enrollment.objects.filter(pk__in=[one.pk for one in made[1:5]]).update(
        status="active", ended_on=None
    )
    assert _statuses(cast) == {"": 12}  # one blank among them would be the one who left


def _statuses(cast: Cast) -> Counter[str]:
    return Counter(row["status"] for row in rows_of(written(cast), "people"))


def test_what_fewer_than_five_lifted_is_called_other(cast: Cast):
    made = people(cast, 6)
    for number, one in enumerate(made):
        came = one.visits.get(status=ATTENDED)
        if number < 4:
            put_down(cast, came, number=2, exercise=Exercise.objects.get(slug="trap-bar-deadlift"))
        if number < 5:
            put_down(cast, came, lift="press", exercise=Exercise.objects.get(slug=PRESS))
    found = Counter((row["lift"], row["exercise"]) for row in rows_of(written(cast), "sets"))
    assert found == {("hinge", "deadlift"): 6, ("hinge", "other"): 4, ("press", PRESS): 5}
    gone = SetEntry.objects.filter(lift="press").first()
    assert gone
    SetEntry.objects.filter(pk=gone.pk).update(voided=True)
    assert ("other", "other") in {
        (row["lift"], row["exercise"]) for row in rows_of(written(cast), "sets")
    }


def test_pseudonyms_hold_within_one_export_only(cast: Cast):
    people(cast)
    one = uuid.uuid4()
    first, same, other = written(cast, uid=one), written(cast, uid=one), written(cast)

    def names(book: zipfile.ZipFile) -> set[str]:
        return {row["person"] for row in rows_of(book, "people")}

    assert names(first) == names(same)
    assert not names(first) & names(other)
    for name in ("sessions", "sets", "months"):
        assert {row["person"] for row in rows_of(first, name)} <= names(first)


def test_a_make_up_points_to_the_session_that_it_made_up_for(cast: Cast):
    one = people(cast)[0]
    missed = one.visits.get(status=NO_SHOW)
    made_up = visit(one, START + timedelta(days=10), ATTENDED, MAKE_UP)
    Visit.objects.filter(pk=made_up.pk).update(makes_up=missed)

    rows = rows_of(written(cast), "sessions")
    found = [row for row in rows if row["purpose"] == "make_up"]
    assert len(found) == 1
    assert {row["session"]: row["state"] for row in rows}[found[0]["makes_up"]] == "no_show"


def test_the_cohort_is_kept_as_it_was_defined(cast: Cast):
    people(cast)
    scope = scope_of(cast, status="active")
    told = json.loads(written(cast, scope).read("cohort.json"))

    assert told == research.said_of(scope, cohort_of(scope))
    assert (told["people"], told["status"], told["days_in_range"]) == (SMALL, "active", 63)
    assert told["left_out_without_consent"] == "< 5"


def test_the_same_few_queries_however_many_people(cast: Cast):
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            research.make(scope_of(cast))
        return len(queries)

    people(cast)
    few = asked()
    people(cast, 20)
    assert asked() == few == 1


def test_many_sets_never_stand_in_memory(cast: Cast):
    one = people(cast)[0]
    made = put_down(cast, one.visits.get(status=ATTENDED), number=2)
    fields = [field for field in SetEntry._meta.concrete_fields if field.name != "id"]
    SetEntry.objects.bulk_create(
        [
            SetEntry(
                **{field.name: getattr(made, field.name) for field in fields}
                | {"uid": uuid.uuid4(), "number": number}
            )
            for number in range(3, 20_003)
        ],
        batch_size=2_000,
    )
    tracemalloc.start()
    book = written(cast)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(rows_of(book, "sets")) == 20_001 + SMALL
    assert peak < 20_000_000


def test_who_never_came_has_her_months_and_a_day_before_the_start_has_no_week(cast: Cast):
    """Else the mean month would be that of those who came."""
    early = people(cast)[0]
    visit(early, START - timedelta(days=2), ATTENDED)
    never = someone(cast.ana, "Never came", date(2025, 12, 20), ended_on=date(2026, 2, 19))
    agrees(never.client, cast)
    export = uuid.uuid4()
    book = written(cast, uid=export)

    def hers(name: str, one: Enrollment) -> list[dict[str, str]]:
        person = Pseudonyms(export).of("person", one.pk)
        return [row for row in rows_of(book, name) if row["person"] == person]

    # From 1 January on, until she left.
    months = [(row["month"], row["attended"], row["missed"]) for row in hers("months", never)]
    assert months == [("0", "0", "0"), ("1", "0", "0")]
    assert hers("sessions", never) == []
    first = hers("sessions", early)[0]
    assert (first["day"], first["week"]) == ("-2", "")
    assert [row["month"] for row in hers("months", early)] == ["-1", "0", "1"]


def test_whoever_came_back_is_in_the_band_of_each_start(cast: Cast):
    """Born in April 1958 she was 67 in January, and 72 five years later."""
    for one in people(cast):
        Enrollment.objects.filter(pk=one.pk).update(status="finished", ended_on=LAST)
        someone(cast.ana, "Again", date(2031, 1, 6), client=one.client)
    later = NOW.replace(year=2031)
    asked = Filters(FIRST, date(2031, 3, 1))
    scope = Scope((cast.north,), Enrollment.objects.visible_to(cast.ada), asked, later)
    assert Counter(one.age_band for one in cohort_of(scope).people) == {
        "65 to 69": SMALL,
        "70 to 74": SMALL,
    }


def test_the_cohort_of_one_therapist_says_so_without_a_name(cast: Cast):
    people(cast)
    for asked, said in ((scope_of(cast), "all"), (scope_of(cast, therapist=cast.ana.pk), "one")):
        assert research.said_of(asked, cohort_of(asked))["therapist"] == said


def test_a_session_that_has_not_begun_is_not_in_it(cast: Cast):
    one = people(cast)[0]
    visit(one, (NOW + timedelta(days=1)).date(), ATTENDED)
    scope = scope_of(cast, last=date(2026, 12, 31))
    days = {int(row["day"]) for row in rows_of(written(cast, scope), "sessions")}
    assert max(days) == 8
    assert isinstance(scope.as_at, datetime)
