"""The rows that reports of fidelity, CERT and change are quick by are never a second truth."""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, connections

from bonefit.clinics.models import Clinic
from programs.models import Exercise, RuleSet
from sessions import tasks
from sessions.models import (
    DeliveredLift,
    DeliveredSession,
    DeliveryChanged,
    DeliveryReady,
    SetEntry,
    Slot,
    Supervision,
    Visit,
)
from sessions.reports import cert_facts, delivered_kept
from sessions.reports.change import changes
from sessions.reports.fidelity import KIND
from tests.reports.floor import ATTENDED, HERE, NO_SHOW, PLANNED, someone, visit
from tests.reports.lifted import asked, good, lifted, named, noted, papers, session
from tests.reports.test_fidelity import DAY, DAYS, FIRST, LAST, NOW, scope
from tests.reports.test_fidelity_agrees import invent
from tests.reports.test_retention import cells


def keep():
    return delivered_kept.keep(NOW)


def kept():
    """Every row that is kept, but for its own key."""
    return [
        sorted(
            model.objects.values_list(*(f.attname for f in model._meta.fields if f.name != "id")),
            key=str,
        )
        for model in (DeliveredSession, DeliveredLift)
    ]


def noted_slots():
    return set(DeliveryChanged.objects.values_list("slot", flat=True))


def said(cast, first=FIRST, last=LAST, clinics=None):
    """All that these reports say, by every way of grouping."""
    found = []
    for by in KIND.bys:
        asked_ = scope(cast, by, first, last, clinics=clinics or (cast.north, cast.harbor))
        report = KIND.make(asked_)
        found.append((report.lead, report.nothing, report.beside))
        for one in report.tables:
            found.append((one.key, [row.cells for row in one.rows], one.total and one.total.cells))
    behind = KIND.behind(asked_, "groups", "total", "sessions").rows
    found += [[row.cells for row in behind], cert_facts.logged(asked_), cert_facts.score(asked_)]
    return [*found, changes(asked_).lifts]


@pytest.fixture
def jo(cast):
    """Two sessions as they were designed, kept; nothing is noted."""
    jo = someone(cast.ana, "Jo", FIRST)
    for days in (0, 7):
        good(jo, DAY + days * DAYS)
    keep()
    assert not delivered_kept.waiting(NOW)
    assert not noted_slots()
    return jo


def last_of(jo):
    return jo.visits.select_related("slot", "clinic", "enrollment").latest("during")


def correct_a_set(jo):
    entry = SetEntry.objects.filter(visit=last_of(jo), kind="working").first()
    entry.clean = False
    entry.save(update_fields=["clean"])


def add_a_set(jo):
    lifted(last_of(jo), "press", "overhead-press", 1, 20)


def ask_otherwise(jo):
    asked(last_of(jo), [("hinge", "deadlift", 9, 40)])


def sign_a_note(jo):
    noted(last_of(jo), timedelta(hours=1))


def name_somebody(jo):
    named(last_of(jo), jo.therapist)


def did_not_come(jo):
    Visit.objects.filter(pk=last_of(jo).pk).update(
        status=NO_SHOW, completed_at=None, completed_by=None
    )


def others_come(jo):
    for number in range(8):
        session(someone(jo.therapist, f"P {number}", FIRST), DAY, with_=last_of(jo))


def others_are_there(jo):
    one = visit(someone(jo.therapist, "Here", FIRST), DAY, PLANNED)
    Visit.objects.filter(pk=one.pk).update(slot=last_of(jo).slot)
    assert not noted_slots()
    Visit.objects.filter(pk=one.pk).update(status=HERE)


def take_longer(jo):
    Slot.objects.filter(pk=last_of(jo).slot_id).update(ends_at=last_of(jo).ends_at + DAYS)


WAYS = [
    correct_a_set,
    add_a_set,
    ask_otherwise,
    sign_a_note,
    name_somebody,
    did_not_come,
    others_come,
    others_are_there,
    take_longer,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_whatever_changes_a_session_is_noted_with_its_class_and_told_at_once(cast, jo, way):
    slot = last_of(jo).slot_id
    way(jo)

    assert slot in noted_slots()
    before = said(cast)
    delivered_kept.keep(NOW)
    assert said(cast) == before
    assert not noted_slots()
    delivered_kept.forget()
    assert said(cast) == before


def test_who_moved_to_another_class_is_noted_in_both(cast, jo):
    first, last = jo.visits.order_by("during")
    other = session(someone(cast.ana, "Bea", FIRST), DAY + 9 * DAYS)
    keep()
    Visit.objects.filter(pk=last.pk).update(slot=other.slot, during=other.during)

    assert noted_slots() == {last.slot_id, other.slot_id}
    assert cells(KIND.make(scope(cast)), "sizes", "2", "classes") == (1,)
    keep()
    assert cells(KIND.make(scope(cast)), "sizes", "2", "classes") == (1,)
    assert DeliveredSession.objects.filter(enrollment=jo).count() == 2
    assert first.slot_id not in noted_slots()


def test_a_name_that_is_taken_back_is_noted(cast, jo):
    name_somebody(jo)
    keep()
    Supervision.objects.filter(slot=last_of(jo).slot).delete()

    assert noted_slots() == {last_of(jo).slot_id}


def test_what_no_item_rests_on_is_not_noted(cast, jo):
    visit(jo, DAY + 14 * DAYS, PLANNED)
    missed = visit(jo, DAY + 15 * DAYS, PLANNED)
    Visit.objects.filter(pk=missed.pk).update(status=NO_SHOW)
    Visit.objects.filter(enrollment=jo).update(said_why="Nothing", answers={})
    Supervision.objects.create(clinic=jo.clinic, slot=missed.slot, member=cast.tess)
    Slot.objects.filter(pk=missed.slot_id).update(capacity=3)
    papers(cast.ana, NOW)

    assert not noted_slots()


def test_papers_and_rules_need_no_row_made_again(cast, jo):
    assert cells(KIND.make(scope(cast)), "items", "supervisor", "applies") == (0,)
    papers(cast.ana, datetime(2025, 1, 1, tzinfo=UTC))
    change_rules(cast, group_block_above="0")

    report = KIND.make(scope(cast))
    assert cells(report, "items", "supervisor", "applies", "met") == (2, 2)
    assert cells(report, "items", "ratio", "applies", "met") == (2, 0)
    assert not delivered_kept.waiting(NOW)


def change_rules(cast, **values):
    first = RuleSet.objects.filter(clinic=cast.north).earliest("number")
    RuleSet.objects.create(
        clinic=cast.north,
        number=9,
        effective_from=NOW - 9 * DAYS,
        values={**first.values, **values},
        inventory=first.inventory,
    )


def other_band(cast):
    change_rules(cast, confirm_over_percent="1")


def other_zone(cast):
    Clinic.objects.filter(pk=cast.north.pk).update(timezone="America/New_York")
    cast.north.refresh_from_db()


def other_exercises(cast):
    Exercise.objects.filter(slug="deadlift").update(slug="dead-lift")


def other_formula(cast):
    change_rules(cast, formula="epley")


def harder_sets(cast):
    change_rules(cast, estimate_from_effort="18")


@pytest.mark.parametrize(
    "way",
    [other_band, other_zone, other_exercises, other_formula, harder_sets],
    ids=lambda way: way.__name__,
)
def test_what_all_rows_rest_on_makes_all_of_a_clinic_old(cast, jo, way):
    one = last_of(jo)
    lifted(one, "squat", "back-squat", 6, Decimal(40), load=Decimal(41))
    keep()
    way(cast)

    assert cast.north.pk in delivered_kept.waiting(NOW)
    before = said(cast)
    assert keep() >= 1
    assert not delivered_kept.waiting(NOW)
    assert said(cast) == before
    delivered_kept.forget()
    assert said(cast) == before


def test_a_change_that_is_noted_while_the_numbers_change_is_not_lost(cast, jo):
    """Nothing of a clinic is made by class, nor forgotten, while all of it has to be made."""
    correct_a_set(jo)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE training_deliveryready SET key = 'older'")
    assert not delivered_kept.changed(NOW)
    delivered_kept._make(delivered_kept._CLASSES, NOW, cast.north.pk, [last_of(jo).slot_id])

    assert noted_slots() == {last_of(jo).slot_id}
    keep()
    assert not noted_slots()
    assert cells(KIND.make(scope(cast)), "items", "technique", "met") == (1,)


def change(chance):
    """Something of one session."""
    visits = list(Visit.objects.filter(client__name__startswith="Jo ").select_related("slot"))
    one = chance.choice(visits)
    what = chance.randrange(6)
    came = one.took_place
    if what == 0 and (row := SetEntry.objects.filter(visit=one).first()):
        SetEntry.objects.filter(pk=row.pk).update(
            load=chance.choice([None, 40, 50]), voided=chance.random() < 0.5
        )
    elif what == 1:
        asked(one, [("hinge", "deadlift", chance.randrange(3), None)])
    elif what == 2 and came:
        noted(one, timedelta(hours=chance.choice([1, 100])), version=chance.randrange(10, 10_000))
    elif what == 3 and came:
        Visit.objects.filter(pk=one.pk).update(status=NO_SHOW, completed_at=None, completed_by=None)
    elif what == 4 and came:
        Supervision.objects.filter(slot=one.slot).update(left_at=one.starts_at)
    elif what == 5 and came:
        into = chance.choice([other for other in visits if other.clinic_id == one.clinic_id])
        if not into.slot.visits.filter(enrollment=one.enrollment).exists():
            Visit.objects.filter(pk=one.pk).update(slot=into.slot)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_says_what_the_log_says_however_it_has_changed(cast, seed):
    chance = random.Random(f"kept {seed}")
    invent(cast, chance, (cast.north, cast.harbor))
    for _ in range(4):
        keep()
        if chance.random() < 0.3:
            DeliveryReady.objects.filter(clinic=chance.choice([cast.north, cast.harbor])).delete()
        for _ in range(chance.randrange(1, 5)):
            change(chance)
        first = FIRST + chance.randrange(30) * DAYS
        last = first + chance.choice([10, 60]) * DAYS
        some_old = said(cast, first, last)
        keep()
        all_kept, rows = said(cast, first, last), kept()
        delivered_kept.forget()
        assert some_old == all_kept == said(cast, first, last)
        keep()
        assert kept() == rows


def test_a_class_that_is_gone_is_forgotten(cast, jo):
    slot = visit(jo, date(2025, 10, 20), PLANNED).slot
    gone = Slot.objects.create(
        clinic=cast.north, room="Gone", starts_at=slot.starts_at, ends_at=slot.ends_at
    )
    Slot.objects.filter(pk=gone.pk).update(ends_at=gone.ends_at + DAYS)
    gone.delete()

    assert noted_slots()
    keep()
    assert not noted_slots()


def test_what_another_worker_makes_is_left_to_her(cast):
    good(someone(cast.ana, "Jo", FIRST), DAY)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_lock(hashtextextended('training_deliveredsession', %s))",
                [cast.north.pk],
            )
        keep()
        assert delivered_kept.waiting(NOW) == [cast.north.pk]
    finally:
        other.close()
    assert keep() == 1
    assert keep() == 0
    assert DeliveredSession.objects.count() == 1


def test_time_that_is_up_leaves_the_rest_to_the_next_run(cast, jo):
    correct_a_set(jo)

    assert delivered_kept.keep(NOW, seconds=0) == 0
    assert noted_slots()


def test_the_sweep_makes_what_is_old_and_the_command_makes_all(cast, jo):
    correct_a_set(jo)

    tasks.keep_rollups()

    assert not noted_slots()
    DeliveredSession.objects.filter(enrollment=jo).update(technique=None)
    out = StringIO()
    call_command("rebuild_rollups", stdout=out)
    assert "clinics and classes" in out.getvalue()
    assert DeliveredSession.objects.filter(enrollment=jo, technique=None).count() == 0


def test_a_session_is_kept_once_it_has_been_attended(cast, jo):
    one = visit(jo, DAY + 20 * DAYS, HERE, at=time(9))
    keep()
    assert DeliveredSession.objects.filter(enrollment=jo).count() == 2
    Visit.objects.filter(pk=one.pk).update(status=ATTENDED, completed_at=NOW, completed_by=cast.ana)
    keep()
    assert DeliveredSession.objects.filter(enrollment=jo).count() == 3
