"""Content becomes a version and can be had back from its rows, number by number."""

import copy
from datetime import UTC, date, datetime

import pytest

from programs import catalogue, plans
from programs.calendar import planned_phase
from programs.catalogue import PROGRAMS, content_of, publish_content
from programs.models import Exercise, Phase, Prescription, Program, ProgramVersion
from programs.problems import OnLadder, problems

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)


def starter(name="hirit_liftmor", **changes):
    return {**copy.deepcopy(catalogue.read(name)), **changes}


def newest(clinic, slug="hirit-liftmor"):
    return ProgramVersion.objects.filter(clinic=clinic, program__slug=slug).latest("number")


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_was_published_is_what_is_read_back(cast, name):
    content = starter(name)
    published = newest(cast.north, content["slug"])
    assert content_of(published) == content
    assert (published.number, published.program.kind) == (1, content["kind"])

    again = publish_content(cast.north, content)
    assert (again.number, again.program) == (2, published.program)
    assert content_of(ProgramVersion.objects.get(pk=again.pk)) == content


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_starters_have_nothing_that_the_editor_would_refuse(cast, name):
    ladders = [
        OnLadder(
            one.slug, one.lift, one.name, one.load_type == "impact", len(one.detail["criteria"])
        )
        for one in Exercise.objects.all()
    ]
    assert problems(starter(name), ladders) == {}


def test_the_engine_reads_every_starter(cast):
    for name in PROGRAMS:
        content = starter(name)
        plan = plans.version_plan(newest(cast.north, content["slug"]).pk)
        assert [phase.code for phase in plan.phases] == [
            phase["code"] for phase in content["phases"]
        ]
        asked = [line for phase in plan.phases for line in phase.prescriptions]
        wanted = [line for phase in content["phases"] for line in phase["prescriptions"]]
        assert [(one.lift, one.rule.kind) for one in asked] == [
            (line["lift"], line["rule"]["kind"]) for line in wanted
        ]


def test_a_stored_version_is_asked_for_the_phase_planned_on_a_day(cast):
    version = ProgramVersion.objects.filter(clinic=cast.north, program__slug="hirit-liftmor").get()
    start = date(2025, 3, 3)  # vector 8.13
    days = {date(2025, 3, 2): None, date(2025, 3, 31): "BUILD", date(2025, 11, 3): "MAINTAIN"}
    assert {day: planned_phase(version, start, day) for day in days} == days


def test_every_number_has_its_column(cast):
    version = newest(cast.north, "general-strength")
    line = Prescription.objects.get(phase__version=version, phase__code="TRAIN", lift="hip_side")
    assert (line.sets, line.reps, line.reps_top, line.tempo, line.rest_seconds, line.gate) == (
        2, 8, 10, "4-0-4", 60, None
    )  # fmt: skip
    assert line.rule["kind"] == "double"
    hold = Prescription.objects.get(phase__version__program__slug="balance-falls", lift="tandem",
                                    clinic=cast.north)  # fmt: skip
    assert (hold.seconds, hold.reps, hold.tempo, hold.rule["kind"]) == (20, None, "", "fixed")
    learn = Prescription.objects.get(phase__version=version, phase__code="LEARN", lift="hip_side")
    assert learn.gate == 2


def test_a_version_keeps_its_name_when_the_program_gets_another(cast):
    version = newest(cast.north)
    Program.objects.filter(pk=version.program_id).update(name="Something else")
    assert content_of(newest(cast.north))["name"] == "HiRIT, LIFTMOR-style, 8 months"


def test_publishing_for_a_program_makes_its_next_version_and_leaves_the_last_alone(cast):
    first = newest(cast.north)
    before = content_of(first)
    content = starter()
    content["weeks"]["value"] = 36

    version = publish_content(cast.north, content, program=first.program, now=NOW)

    assert (version.number, version.weeks, version.published_at) == (2, 36, NOW)
    assert content_of(ProgramVersion.objects.get(pk=first.pk)) == before
    assert content_of(version)["weeks"]["value"] == 36
    assert ProgramVersion.objects.filter(program=first.program).count() == 2


def test_content_of_another_slug_is_a_program_of_its_own(cast):
    version = publish_content(cast.north, {**starter(), "slug": "ours", "name": "Ours"})
    assert (version.number, version.program.slug, version.program.name) == (1, "ours", "Ours")
    assert newest(cast.north).number == 1
    assert not Program.objects.filter(clinic=cast.harbor, slug="ours").exists()


def test_nobody_publishes_for_a_program_of_another_clinic(cast):
    theirs = newest(cast.harbor).program
    with pytest.raises(Program.DoesNotExist):
        publish_content(cast.north, starter(), program=theirs)
    assert newest(cast.harbor).number == 1


def test_a_row_from_before_has_its_numbers_back_and_says_that_their_basis_is_not_known(cast):
    version = newest(cast.north)
    kept = ("summary", "frequency", "weeks", "minutes", "sessions")
    version.detail = {key: version.detail[key] for key in kept}
    version.save(update_fields=["detail"])
    old = ("sets", "reps", "landings", "effort_low", "effort_high")
    for line in Prescription.objects.filter(phase__version=version):
        line.detail = {key: line.detail[key] for key in old}
        line.rule, line.gate, line.rest_seconds = {}, None, None
        line.save()

    content = content_of(newest(cast.north))
    now = starter()
    assert (content["name"], content["kind"], content["lifts"]) == (now["name"], "main", [])
    phase = content["phases"][1]
    assert phase["first_week"]["value"] == 5
    assert phase["first_week"]["basis"] == catalogue.UNKNOWN
    assert phase["criteria"] == now["phases"][1]["criteria"]
    hinge, _, _, impact = phase["prescriptions"]
    assert hinge["reps"] == now["phases"][1]["prescriptions"][0]["reps"]
    assert (hinge["rule"]["kind"], impact["rule"]["kind"]) == ("effort", "impact")
    assert (hinge["gate"], hinge["tempo"], hinge["rest_seconds"]) == (None, None, None)
    assert Phase.objects.filter(version=version).count() == len(content["phases"])
