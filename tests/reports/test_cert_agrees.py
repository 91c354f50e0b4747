"""Every number of a CERT report against plain Python, on clinics made up at random."""

import random
import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import transaction

from bonefit.clinics.models import Credential
from programs import plans
from programs.models import Decision, Enrollment, Exercise, Lift, RuleSet, Track
from sessions.models import AdverseEvent, Supervision
from sessions.reports import cert, delivered_kept
from sessions.reports.scope import Filters, Scope
from tests.reports import second_attendance, second_dose, second_fidelity
from tests.reports import second_cert as second
from tests.reports.doses import asked, sets, target
from tests.reports.floor import another_program, someone
from tests.reports.lifted import named, papers, session
from tests.reports.test_safety import event

#: A Monday; the clocks change in it in all the zones.
FIRST = datetime(2025, 9, 1, tzinfo=UTC).date()
DAYS = timedelta(days=1)
HOURS = (time(0), time(9), time(23))
LIFTS = (
    ("hinge", "deadlift"),
    ("hinge", "kettlebell-deadlift"),
    ("squat", "back-squat"),
    ("press", "overhead-press"),
)


@pytest.fixture(scope="module", params=["Pacific/Chatham", "America/Havana"])
def clinic(request, module_cast):
    """A clinic with classes, loads, corrections, and people who never came or came back."""
    chance, north = random.Random(f"cert in {request.param}"), module_cast.north
    with transaction.atomic():
        north.timezone = request.param
        north.save(update_fields=["timezone"])
        # Nobody but those who are made up here.
        module_cast.enrollment.tracks.update(starts_on=FIRST + 400 * DAYS)
        module_cast.cam_enrollment.tracks.update(starts_on=FIRST + 400 * DAYS)
        members = [module_cast.ana, module_cast.tess]
        for member in members:
            member.clinic = north
            for profession in chance.sample(["Physiotherapist", "Exercise physiologist"], 2):
                trained = chance.choice([None, FIRST])
                made = papers(member, datetime(2025, 9, 1, tzinfo=UTC), trained_on=trained)
                Credential.objects.filter(pk=made.pk).update(profession=profession)
        papers(module_cast.ada, datetime(2025, 9, 1, tzinfo=UTC))
        _stricter_rules(north)
        classes = {}
        for number in range(9):
            _invent(members, module_cast.ada, f"Jo {number}", chance, classes)
        plans.forget()
        yield north
        transaction.set_rollback(True)
    plans.forget()


def _stricter_rules(north):
    before = RuleSet.objects.filter(clinic=north).latest("number")
    RuleSet.objects.create(
        clinic=north,
        number=before.number + 1,
        effective_from=datetime(2025, 10, 1, tzinfo=UTC),
        values={**before.values, "gate_sessions": "3"},
        inventory={**before.inventory, "bars": [{"kg": "7.5", "name": "Training bar"}]},
    )
    north.rules_number = before.number + 1
    north.save(update_fields=["rules_number"])
    RuleSet.objects.filter(pk=before.pk).update(effective_from=datetime(2025, 1, 1, tzinfo=UTC))


def _invent(members, on_rota, name, chance, classes):
    by = chance.choice(members)
    start = FIRST + chance.randrange(-20, 50) * DAYS
    end = chance.choice([3, 30, chance.randrange(60), None, None])
    jo = someone(by, name, start, **({} if end is None else {"ended_on": start + end * DAYS}))
    visits = _past(jo, members, on_rota, chance, classes)
    if end is not None and chance.random() < 0.7:
        again = someone(by, name, jo.ended_on + chance.choice([1, 20]) * DAYS, client=jo.client)
        visits += _past(again, members, on_rota, chance, classes, at=time(12))
    for _ in range(chance.randrange(3)):
        _event(jo, chance)
    for _ in range(chance.randrange(3)):
        Decision.objects.create(
            clinic=jo.clinic,
            enrollment=jo,
            kind=chance.choice(["hold", "change_rung", "set_load"]),
            exercise=Exercise.objects.get(slug="deadlift"),
            lift="hinge",
            load=Decimal(40),
            reason="Hers",
            at=datetime(2025, 9, 1, tzinfo=UTC) + chance.randrange(-10, 100) * DAYS,
            by=by,
        )


def _past(jo, members, on_rota, chance, classes, at=None):
    """Some classes with others, of every end; none for whoever never came."""
    made = []
    for step in range(chance.choice([0, 3, 5])):
        day = jo.starts_on + (7 * step + 3 - (jo.starts_on - FIRST).days % 7) * DAYS
        hour = at or chance.choice(HOURS)
        status = chance.choice(["attended"] * 4 + ["attended_partial", "no_show", "planned"])
        other = classes.get((day, hour))
        one = session(jo, day, at=hour, by=chance.choice(members), with_=other, status=status)
        if other is None:
            classes[day, hour] = one
            who = chance.sample(members, chance.randrange(3))
            named(one, *who, left=chance.choice([None, None, timedelta(minutes=5)]))
            # Ada is on the rota of others, and never there.
            _planned(one, [on_rota] if who else members, chance)
        if status.startswith("attended"):
            _lift(one, chance)
        made.append(one)
    return made


def _planned(one, members, chance):
    """On the rota, and nobody said whether she was there."""
    for member in members:
        if chance.random() < 0.4:
            Supervision.objects.create(
                clinic=one.clinic, slot=one.slot, member=member, during=one.during
            )


def _lift(one, chance):
    if chance.random() < 0.7:
        asked(one, target("hinge", 3, 5, "40"), target("squat", 1, 5, "30"))
    for number, (lift, exercise) in enumerate(chance.sample(LIFTS, chance.randrange(4))):
        for each in range(chance.randrange(1, 4)):
            sets(
                one,
                lift,
                chance.choice([4, 5]),
                load=chance.choice([None, "40", "42.5", "38.5556", "50"]),
                first=10 * number + each,
                exercise=exercise,
                kind=chance.choice(["working", "working", "warm_up"]),
                rpe=chance.choice([None, 16]),
                clean=chance.choice([None, True, True]),
                voided=chance.random() < 0.2,
            )


def _event(jo, chance):
    at = datetime(2025, 9, 1, 13, tzinfo=UTC) + chance.randrange(-10, 90) * DAYS
    more = {"what": chance.choice(["sharp", "fall"]), "serious": chance.choice([None, True])}
    made = event(jo, at, **more)
    if chance.random() < 0.5:
        event(jo, at + chance.choice([0, 200]) * DAYS, **{**more, "what": "back"}, replaces=made)


def _questions(seed):
    """Days and moments: one day, six weeks, and years."""
    chance = random.Random(seed)
    for length in (0, 45, 3650):
        first = FIRST + chance.randrange(5, 30) * DAYS - (900 if length > 900 else 0) * DAYS
        as_at = datetime(2025, chance.choice([10, 11, 12]), 20, chance.randrange(24), tzinfo=UTC)
        yield first, first + length * DAYS, as_at


def _lines(clinic, dates, **more):
    first, last, as_at = dates
    enrolled = Enrollment.objects.filter(clinic=clinic)
    report = cert.make(Scope((clinic,), enrolled, Filters(first, last), as_at, **more))
    return report, {row.key: row.cells[2] for table in report.tables for row in table.rows}


@pytest.mark.parametrize("seed", range(3))
def test_both_agree_on_every_number(clinic, seed):
    for dates in _questions(seed):
        found = second.cohort(clinic, *dates)
        version = second.version(clinic, *dates)
        for _ in ("worked out", "kept"):
            report, lines = _lines(clinic, dates)
            if version is None:
                assert report.nothing
                continue
            _agree_on_logs(lines, found)
            _agree_on_version(lines, version, clinic, dates)
            _agree_on_gaps(report, lines, found)
            _agree_on_what_opens(lines, clinic, dates)
            delivered_kept.keep(dates[2])
            assert clinic.pk not in delivered_kept.waiting(dates[2])
        if version is not None and seed == 0:
            _agree_on_what_is_quoted(lines["16b"], clinic, dates)
        delivered_kept.forget()


def _agree_on_what_opens(lines, clinic, dates):
    """Each line that counts opens as many rows as it says."""
    enrolled = Enrollment.objects.filter(clinic=clinic)
    scope = Scope((clinic,), enrolled, Filters(*dates[:2]), dates[2])
    opened = {}
    for line in ("3", "4", "7b", "11", "14b"):
        opened[line] = len(list(cert.KIND.behind(scope, "cert", line, "counted").rows))
    came = numbers(lines["4"])
    assert opened["3"] == opened["4"] == (came[1] if came else 0)
    assert opened["7b"] == sum(int(n) for n in re.findall(r"\(n = (\d+)\)", lines["7b"]))
    assert opened["11"] == numbers(lines["11"])[0]
    used, _, words = lines["14b"].partition("Therapists' decisions: ")
    assert opened["14b"] == sum(map(int, re.findall(r"\((\d+)\)", used))) + sum(numbers(words))


def numbers(text):
    """Every number of a line, as it stands there."""
    return [Decimal(one.replace(",", "")) for one in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def _agree_on_logs(lines, found):
    people = "; ".join(
        f"{profession}: {number}, {trained} with HiRIT training recorded"
        for profession, number, trained in second.providers(found)
    )
    assert lines["2"] == (f"{people}." if people else cert.GAP)
    assert numbers(lines["3"]) == second.groups(found)
    assert numbers(lines["4"]) == (second.named(found) if found.visits else [])
    median = re.compile(r"(\w[^;:]*): median first load (\S+) kg, last (\S+) kg \(n = (\d+)\)")
    assert median.findall(lines["7b"]) == [
        (Lift(lift).label, _kg(first), _kg(last), str(number))
        for lift, first, last, number in second.loads(found)
    ]
    reported, _, kinds = lines["11"].partition(" Kinds: ")
    assert numbers(reported) == second.events(found)
    labels = [AdverseEvent.What(one.what).label.lower() for one in found.events]
    said = dict(one.rsplit(" ", 1) for one in kinds.rstrip(".").split(", ") if one)
    assert said == {label: str(labels.count(label)) for label in labels}
    used, _, words = lines["14b"].partition("Therapists' decisions: ")
    assert re.findall(r"([^,:]+) \((\d+)\)", used.replace("people:", "people:,")) == [
        (f" {name}", str(number)) for name, number in second.exercises(found)
    ]
    assert numbers(words) == [number for _, number in sorted(found.decisions.items()) if number]


def _kg(load):
    text = f"{load:f}"
    return text.rstrip("0").rstrip(".")


def _agree_on_version(lines, version, clinic, dates):
    as_at = dates[2]
    assert numbers(lines["13"]) == second.dose(version)
    bands = re.findall(r"effort (\d+) to (\d+) \(Borg", lines["7a"])
    assert [tuple(map(int, band)) for band in bands] == second.efforts(version)
    assert f"before {second.gate(clinic, as_at)} clean session" in lines["7a"]
    kg = re.findall(r"([\d.]+) kg(?=[,.])(?! bar)", lines["1"].partition("Plates")[0])
    bars_and_plates = second.equipment(clinic, as_at)
    plates = re.findall(r"(\d+) pairs? of ([\d.]+) kg", lines["1"])
    assert kg + [number for pair in plates for number in pair] == bars_and_plates
    phase = version.phases.order_by("first_week").first()
    assert numbers(lines["15"])[:2] == [phase.first_week, phase.last_week]
    assert clinic.name in lines["12"]
    assert lines["5"].count("A3") == 1


def _agree_on_what_is_quoted(line, clinic, dates):
    first, last, as_at = dates
    said = re.split(r" ?(?=Dose: |Fidelity: )", line)
    quoted = {one.partition(": ")[0]: one for one in said}
    people = second_attendance.people_of([clinic], first, last, as_at)
    rows = second_attendance.table(people, "clinic", first, last)
    came = sum(row["attended"] for row in rows.values())
    counted = sum(row["counted"] for row in rows.values())
    if counted:
        share = second_attendance.percent(came, counted)
        assert numbers(quoted["Adherence"]) == [Decimal(share), came, counted]
    else:
        assert "Adherence" not in quoted
    sessions = second_dose.sessions_of(clinic, as_at)
    dose = second_dose.sums(second_dose.counted(sessions, first, last, as_at))
    if dose["asked"]:
        assert numbers(quoted["Dose"])[0] == second_dose.percent(dose["done"], dose["asked"])
    scores = [one["score"] for one in second_fidelity.second_sessions([clinic], *dates)]
    if scores:
        tenths = sum(scores, Fraction(0)) / len(scores) * 1000
        mean = Decimal(int(tenths + Fraction(1, 2))) / 10
        told = numbers(quoted["Fidelity"])
        assert (told[0], told[-1]) == (mean, len(scores))
    else:
        assert "Fidelity" not in quoted


def _agree_on_gaps(report, lines, found):
    gaps = {"6", "10"}
    gaps |= {"2"} if not second.providers(found) else set()
    gaps |= {"3", "4"} if not found.visits else set()
    gaps |= {"7b"} if not second.loads(found) else set()
    gaps |= {"14b"} if not second.exercises(found) and not any(found.decisions.values()) else set()
    gaps |= {"16b"} if lines["16b"] == cert.GAP else set()
    assert {key for key, said in lines.items() if said == cert.GAP} == gaps
    assert len(lines) == 19
    assert numbers(report.lead.value) == [19 - len(gaps)]
    assert f"{len(gaps)} are gaps" in report.lead.sentence


def test_the_clinic_has_what_could_go_wrong(clinic):
    """Else the comparison above says nothing of it."""
    whole = second.cohort(clinic, *list(_questions(0))[-1])
    assert whole.clients
    assert len(whole.enrollments) > len(whole.clients)
    assert second.groups(whole)[1] > 1
    assert second.named(whole)[0] < second.named(whole)[1]
    assert whole.events
    assert AdverseEvent.objects.exclude(replaces=None).exists()
    assert any(number % 2 == 0 for *_, number in second.loads(whole))


def test_a_version_that_somebody_followed_before_the_days_is_not_the_cohorts(clinic, cast):
    """Nor one that she will follow after them."""
    cast.ana.clinic = clinic
    jo = someone(cast.ana, "Before", FIRST - 900 * DAYS, ended_on=FIRST - 800 * DAYS)
    other = another_program(clinic, frequency=3, weeks=6, slug="before")
    Track.objects.filter(enrollment=jo).update(version=other, ends_on=FIRST - 800 * DAYS)
    dates = FIRST, FIRST + 40 * DAYS, datetime(2025, 12, 1, tzinfo=UTC)
    report, lines = _lines(clinic, dates)
    assert not report.nothing
    assert lines["13"].startswith("2 sessions a week of 30 minutes for 35 weeks")


def test_an_unnamed_reader_reads_no_loads_of_few_people_who_came_back_often(clinic):
    dates = list(_questions(0))[-1]
    _, lines = _lines(clinic, dates, named=False)
    found = second.cohort(clinic, *dates)
    for name, people in second.exercises(found):
        assert f"{name} ({people if people >= 5 else 'fewer than 5'})" in lines["14b"]
