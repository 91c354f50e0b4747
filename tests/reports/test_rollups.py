"""The rows that the dose report is quick by are never a second truth."""

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from bonefit.clinics.models import Heartbeat
from programs.models import Decision, Enrollment, Exercise, Track
from sessions import tasks
from sessions.models import DoseChanged, DoseMonth, DoseReady, DoseRow, SetEntry, Visit
from sessions.reports import rollups
from sessions.reports.dose import Dose
from tests.reports.doses import asked, scope, sets, target
from tests.reports.floor import ATTENDED, MAKE_UP, NO_SHOW, moment, someone, visit
from tests.reports.test_dose_agrees_with_a_second_one import DAYS, FIRST, compare, invent

LATE = datetime.combine(FIRST + timedelta(days=DAYS), time(12), UTC)


def made():
    """Every row that is kept, but for its own key, and for whether it counted when it was made."""
    names = [field.attname for field in DoseRow._meta.fields if field.name not in ("id", "loose")]
    return sorted(DoseRow.objects.values_list(*names), key=str)


def months():
    """What is added up by month, and the same from the rows."""
    kept, added = defaultdict(Counter), defaultdict(Counter)
    for row in DoseMonth.objects.values():
        key = tuple(row[name] for name in KEY)
        kept[key].update({name: row[name] for name in SUMMED})
    for row in DoseRow.objects.filter(loose=False).values():
        owed = not row["extra"]
        told = {
            "sessions": row["first"] and owed,
            "came": row["first"] and owed and row["came"],
            "excused": row["first"] and owed and row["excused"],
            "unknown": row["first"] and owed and not row["known"],
            "asked": row["asked"] * owed,
            "asked_came": row["asked"] * (owed and row["came"]),
            "done": row["done"] * owed,
            "beside": row["beside"] + row["done"] * (not owed),
            "landings_asked": row["landings_asked"] * owed,
            "landings": row["landings"] * owed,
            **{name: row[name] for name in ("load_sets", "rated", "hits", "no_effort")},
        }
        added[tuple(row[name] for name in KEY)].update(told)
    return kept, added


def noted():
    return dict(DoseChanged.objects.values_list("enrollment_id", "since"))


@pytest.fixture
def jo(cast):
    """Two attended sessions a week apart, kept; nothing is noted."""
    jo = someone(cast.ana, "Jo", FIRST)
    for days in (0, 7):
        came = asked(visit(jo, FIRST + timedelta(days=days), ATTENDED), target("hinge", 5, 5, "60"))
        sets(came, "hinge", 5, 5, load="60", rpe=17)
    rollups.keep(rollups.waiting(LATE), LATE)
    assert rollups.waiting(LATE) == []
    return jo


def correct(jo):
    entry = SetEntry.objects.filter(enrollment=jo).latest("pk")
    entry.reps = 3
    entry.save(update_fields=["reps"])
    return entry.visit.during.lower


def say(jo):
    last = jo.visits.latest("during")
    Visit.objects.filter(pk=last.pk).update(status=NO_SHOW, completed_at=None, completed_by=None)
    return last.during.lower


def add(jo):
    return visit(jo, FIRST + timedelta(days=14), NO_SHOW).slot.starts_at


def tell(jo):
    last = jo.visits.latest("during")
    asked(last, target("hinge", 5, 5, "70"))
    return last.during.lower


def move_back(jo):
    last = jo.visits.latest("during")
    day = timedelta(days=3)
    during = (last.during.lower - day, last.during.upper - day)
    Visit.objects.filter(pk=last.pk).update(during=during)
    return during[0]


def make_up(jo):
    made = visit(jo, FIRST + timedelta(days=20), ATTENDED, MAKE_UP)
    DoseChanged.objects.all().delete()
    Visit.objects.filter(pk=made.pk).update(makes_up=jo.visits.earliest("during"))


def test_set(jo):
    Decision.objects.create(
        clinic=jo.clinic,
        enrollment=jo,
        at=moment(FIRST + timedelta(days=3)),
        by=jo.therapist,
        kind="estimate",
        lift="hinge",
        exercise=Exercise.objects.get(slug="deadlift"),
        load=Decimal(80),
        observed={"reps": 5},
    )


test_set.__test__ = False


def start_later(jo):
    Enrollment.objects.filter(pk=jo.pk).update(starts_on=FIRST + timedelta(days=1))


def end_track(jo):
    Track.objects.filter(enrollment=jo).update(ends_on=FIRST + timedelta(days=90))


KEY = ("enrollment_id", "program_id", "month", "phase", "lift", "level")
SUMMED = (
    *("sessions", "came", "excused", "unknown", "asked", "asked_came", "done", "beside"),
    *("landings_asked", "landings", "load_sets", "rated", "hits", "no_effort"),
)
WAYS = [correct, say, add, tell, move_back, make_up, test_set, start_later, end_track]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_whatever_changes_a_figure_is_noted_with_the_session_from_which_on(jo, way):
    since = way(jo)

    assert noted() == {jo.pk: since}
    assert rollups.waiting(LATE) == [jo.pk]


def test_what_no_figure_rests_on_is_not_noted(jo):
    Visit.objects.filter(enrollment=jo).update(said_why="Nothing", answers={})
    Decision.objects.create(
        clinic=jo.clinic, enrollment=jo, at=LATE, by=jo.therapist, kind="hold", lift="hinge"
    )

    assert noted() == {}


def test_rows_that_are_out_of_date_are_not_used(cast, jo):
    question = scope(cast.north, first=FIRST, last=FIRST + timedelta(days=29), as_at=LATE)
    before = Dose(question).total.sums.done
    correct(jo)

    assert Dose(question).total.sums.done == before - 2 * 60 * 10_000
    rollups.keep(rollups.waiting(LATE), LATE)
    assert Dose(question).total.sums.done == before - 2 * 60 * 10_000


def test_other_numbers_of_the_clinic_or_another_zone_make_all_rows_old(cast, jo):
    cast.north.timezone = "America/New_York"
    cast.north.save(update_fields=["timezone"])

    assert jo.pk in rollups.waiting(LATE)
    assert rollups.waiting(LATE) == list(
        Enrollment.objects.filter(clinic=cast.north).order_by("pk").values_list("pk", flat=True)
    )


def test_what_is_made_again_from_a_change_on_is_what_is_made_whole(cast):
    chance = random.Random("rows")
    invent(cast, chance)
    for turn in range(8):
        now = LATE - timedelta(days=chance.choice([0, 5, 30]))
        rollups.keep(rollups.waiting(now), now)
        assert not DoseChanged.objects.exists()
        for _ in range(chance.randrange(1, 5)):
            _change(chance)
        rollups.keep(rollups.waiting(LATE), LATE)
        again = made()
        kept, added = months()
        assert kept == added, turn
        rollups.forget()
        rollups.keep(rollups.waiting(LATE), LATE)
        assert made() == again, turn
        assert again


def test_what_lies_before_a_change_stays_as_it_is(cast, jo):
    """The last session is an anchor: a set of it changes all, a session after it only itself."""
    before = set(DoseRow.objects.filter(enrollment=jo).values_list("pk", flat=True))
    add(jo)
    rollups.keep(rollups.waiting(LATE), LATE)
    after = set(DoseRow.objects.filter(enrollment=jo).values_list("pk", flat=True))
    assert len(before & after) == 1
    assert len(after) == 3

    test_set(jo)
    rollups.keep(rollups.waiting(LATE), LATE)
    last = set(DoseRow.objects.filter(enrollment=jo).values_list("pk", flat=True))
    assert not last & after


def _change(chance):
    """Something of one of the last sessions, or rarely of any."""
    visits = list(Visit.objects.filter(sets__isnull=False).distinct().order_by("during"))
    one = chance.choice(visits[-12:] if chance.random() < 0.7 else visits)
    what = chance.randrange(4)
    if what == 0:
        row = SetEntry.objects.filter(visit=one).first()
        row.reps, row.rpe = chance.choice([3, 5, 8]), chance.choice([None, 15, 17, 18])
        row.save(update_fields=["reps", "rpe"])
    elif what == 1:
        asked(one, target("hinge", 5, 5, str(chance.randrange(30, 70))))
    elif what == 2:
        Visit.objects.filter(pk=one.pk).update(status=NO_SHOW, completed_at=None, completed_by=None)
    else:
        test_set(one.enrollment)


def test_the_report_says_the_same_with_some_rows_kept_some_old_and_some_gone(cast):
    chance = random.Random("some")
    invent(cast, chance)
    rollups.keep(rollups.waiting(LATE)[::2], LATE)
    _change(chance)
    for first, last in ((FIRST, FIRST + timedelta(days=90)), (FIRST.replace(day=15), LATE.date())):
        compare(scope(cast.north, first=first, last=last, as_at=LATE), cast.north, chance)


def test_the_report_says_the_same_with_some_rows_made_after_the_moment_it_is_as_at(cast):
    chance = random.Random("later")
    invent(cast, chance)
    all_ = rollups.waiting(LATE)
    rollups.keep(all_[::2], LATE)
    rollups.keep(all_[1::2], LATE + timedelta(hours=1))
    for first, last in ((FIRST, FIRST + timedelta(days=90)), (FIRST.replace(day=15), LATE.date())):
        compare(scope(cast.north, first=first, last=last, as_at=LATE), cast.north, chance)


def test_two_who_make_rows_at_once_make_them_once(cast, jo):
    rollups.keep([jo.pk], LATE)
    rollups.keep([jo.pk], LATE)

    assert DoseReady.objects.filter(enrollment=jo).count() == 1
    assert DoseRow.objects.filter(enrollment=jo).count() == 2


def test_the_sweep_makes_what_is_old_and_the_command_makes_all(cast, jo):
    correct(jo)
    DoseReady.objects.exclude(enrollment=jo).delete()

    tasks.keep_rollups()

    assert rollups.waiting(LATE) == []
    assert Heartbeat.objects.filter(name="keep_rollups").exists()
    DoseRow.objects.filter(enrollment=jo).update(done=0)
    said = StringIO()
    call_command("rebuild_rollups", stdout=said)
    assert "The rows are made." in said.getvalue()
    assert DoseRow.objects.filter(enrollment=jo, done__gt=0).count() == 2
