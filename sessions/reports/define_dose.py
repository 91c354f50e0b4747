"""What the figures of the dose report mean. Standard library only."""

from __future__ import annotations

from .define import Definition
from .table import Column, Kind

D1 = Definition(
    code="D1",
    name="Volume dose compliance (relative dose intensity)",
    formula="sum of reps done × load done ÷ sum of sets × reps × load prescribed",
    notes=(
        "Working sets only: warm-ups are out, and landings are counted apart (D4). A lift without "
        "a load (body weight, seconds) is in neither number.",
        "A missed session is 0 above and in full below: any regular session that did not take "
        "place, whatever the cause (no-show, cancelled by the client or by the clinic, excused, "
        "closed, unrecorded). One that an attended make-up session made up for is not missed: the "
        "make-up stands in its place.",
        "What a session prescribed is, lift by lift, the prescription that was kept with it. Where "
        "that no longer asks for the lift (a lock on the floor took it back), or none was kept, it "
        "is what the sets that were done were prescribed as.",
        "A missed session prescribed what was kept with it; where nothing was kept, what the last "
        "session before it in the same enrollment that asked for a load or landings prescribed, "
        "lift by lift. Missed before the first such session, nothing is known: it is in neither "
        "number, and is counted as “not known”.",
        "More than was prescribed counts as it is: a share may pass 100 %. Reps or load that "
        "nobody entered count as 0. A dumbbell counts as entered, per hand.",
    ),
    source="Protocol sheet 5.3, D1, after Fairman et al. A definition of this project.",
)
D2 = Definition(
    code="D2",
    name="Dose of the attended sessions",
    formula="sum of reps done × load done ÷ sum of sets × reps × load prescribed in attended "
    "sessions",
    notes=(
        "As D1, without the missed sessions: it tells “came, but did less” from “did not come”.",
    ),
    source="Protocol sheet 5.3, D2. A definition of this project.",
)
D3 = Definition(
    code="D3",
    name="Intensity hit rate",
    formula="working sets with load ≥ 80 % of the estimated best single and RPE ≥ 16 ÷ all working "
    "sets in the LOAD phase",
    notes=(
        "The estimated best single is the one that held before the session: of the same exercise, "
        "by the clinic’s formula and rules as they are now (the best valid set of its window, a "
        "technical 5RM before any other, none once it is stale or after an absence). The session’s "
        "own sets do not count towards it.",
        "A set without an RPE, or without a load, is no hit and is counted. A set of an exercise "
        "without an estimate at that time is not known: it is in neither number, and stands apart.",
        "In the LOAD phase: by the prescription kept with the session; where none was kept, by the "
        "weeks for which the phase is planned. Extra sessions are in it.",
        "The interval is Wilson’s, at 95 %. Sets of one person go together, so the true interval "
        "is wider.",
    ),
    source="Protocol sheet 5.3, D3. A definition of this project.",
)
D4 = Definition(
    code="D4",
    name="Impact dose",
    formula="landings done ÷ landings prescribed",
    notes=(
        "Missed sessions as in D1. By level: landings prescribed stand at the level asked for, "
        "landings done at the level at which they were done, so a level can pass 100 % where "
        "another falls short.",
    ),
    source="Protocol sheet 5.3, D4. A definition of this project.",
)
DEFINITIONS = (D1, D2, D3, D4)

RULES = (
    (
        "Which aggregation",
        "D1 to D4 of several clients are ratios of totals: who was prescribed more weighs more. "
        "Beside them stand the mean and the median of the clients’ own percentages, in which each "
        "enrollment counts once. Both are correct and differ: a published trial has 80.66 % as "
        "the ratio of totals and 77.4 % as the mean of individuals.",
    ),
    (
        "Which sessions",
        "Regular and make-up sessions that have begun within the days and of which it is known how "
        "they ended, or that are unrecorded. Extra sessions are owed by nobody: what was lifted in "
        "them stands under “lifted beside”. Released sessions are in nothing.",
    ),
    (
        "Phase",
        "The phase in whose planned weeks the session lies. Only D3 asks in which phase the client "
        "really was.",
    ),
    ("Lift", "The movement, whatever the rung: a goblet squat is lifted towards the squat."),
    ("Therapist", "Who is responsible for the enrollment, not who stood on the floor."),
    ("Small rows", "Rows of fewer than 20 clients are pale and must not be compared."),
    (
        "Few people",
        "A row counts enrollments. Whoever may read no names reads nothing of fewer than five "
        "people, however many enrollments these have.",
    ),
)

#: Fewer clients than this are not compared with others (protocol sheet 5.8).
COMPARED_FROM = 20


def _kg(key: str, name: str, meaning: str, *, wide: bool = False) -> Column:
    return Column(key, name, Kind.NUMBER, meaning, unit="kg", wide=wide)


def _count(key: str, name: str, meaning: str, *, wide: bool = False) -> Column:
    return Column(key, name, Kind.COUNT, meaning, wide=wide)


def _share(key: str, name: str, meaning: str, *, wide: bool = False, places: int = 2) -> Column:
    return Column(key, name, Kind.PERCENT, meaning, places=places, unit="%", wide=wide)


PEOPLE = _count("people", "Clients", "Enrollments in the row: who left and came back counts twice.")
SESSIONS = (
    _count(
        "sessions",
        "Sessions",
        "Sessions counted: attended (regular and make-up) and missed.",
    ),
    _count("came", "Attended", "Attended, also in part; make-ups included.", wide=True),
    _count("missed", "Missed", "Regular sessions that did not take place and were not made up."),
    _count(
        "excused",
        "Excused or clinic",
        "Of the missed ones, those excused, cancelled by the clinic or closed.",
        wide=True,
    ),
    _count(
        "unknown",
        "Not known",
        "Sessions of which it is not known what they prescribed; not in D1, D2 and D4.",
        wide=True,
    ),
)
VOLUME = (
    _kg("asked", "Prescribed", "Sets × reps × load prescribed, missed sessions in full."),
    _kg("asked_came", "Prescribed, attended", "The same of attended sessions only.", wide=True),
    _kg("done", "Lifted", "Reps × load of the working sets done."),
    _kg(
        "beside",
        "Lifted beside",
        "Reps × load where no load was prescribed, and of extra sessions. Not in D1 and D2.",
        wide=True,
    ),
    _share("d1", "D1 %", "Lifted ÷ prescribed."),
    _share("d2", "D2 %", "Lifted ÷ prescribed in attended sessions."),
)
SPREAD = (
    _count(
        "measured",
        "With a D1",
        "Enrollments that were prescribed a load: n of mean and median.",
    ),
    _share("d1_mean", "D1 mean %", "Mean of the clients’ own D1."),
    _share("d1_median", "D1 median %", "Median of the clients’ own D1.", wide=True),
    _share("d2_mean", "D2 mean %", "Mean of the clients’ own D2.", wide=True),
    _share("d2_median", "D2 median %", "Median of the clients’ own D2.", wide=True),
)
INTENSITY = (
    _count("rated", "Sets rated", "Working sets in the LOAD phase with an estimated best single."),
    _count("hits", "Hits", "Of these, with load ≥ 80 % of it and RPE ≥ 16."),
    _share("d3", "D3 %", "Hits ÷ sets rated."),
    _share("d3_low", "D3 from %", "Lower end of Wilson’s 95 % interval of D3.", wide=True),
    _share("d3_high", "D3 to %", "Upper end of Wilson’s 95 % interval of D3.", wide=True),
    _count("no_effort", "Without RPE", "Of the sets rated, those without an RPE.", wide=True),
    _count(
        "not_rated",
        "Without estimate",
        "Working sets in the LOAD phase without an estimate: not known, not in D3.",
        wide=True,
    ),
)
IMPACT = (
    _count("landings_asked", "Landings prescribed", "Missed sessions in full."),
    _count("landings", "Landings done", "Landings of impact sets, whether or not tolerated."),
    _share("d4", "D4 %", "Landings done ÷ prescribed."),
)


def named(key: str, name: str, meaning: str) -> Column:
    """The first column of a table: what a row is."""
    return Column(key, name, Kind.TEXT, meaning)


ROW = named("name", "Row", "What the row is: a client, therapist, program, phase, cohort, clinic.")
LINES = (ROW, PEOPLE, *SESSIONS, *VOLUME, *SPREAD, *INTENSITY, *IMPACT)
LIFTS = (named("lift", "Lift", "The movement."), PEOPLE, *VOLUME, *SPREAD, *INTENSITY)
PHASES = (
    named("phase", "Phase", "The phase in whose planned weeks the session lies."),
    Column("lift", "Lift", Kind.TEXT, "The movement."),
    *VOLUME,
    *INTENSITY,
)
LEVELS = (named("level", "Level", "Level of impact, 0 to 5."), *IMPACT)
MONTHS = (
    named("month", "Month", "Of the clinic’s calendar, within the days."),
    Column("lift", "Lift", Kind.TEXT, "The movement."),
    *VOLUME[:3],
    *VOLUME[4:],
)
VISITS = (
    Column("day", "Day", Kind.DAY, "Of the clinic’s calendar."),
    Column("client", "Client", Kind.TEXT, "Her name, or the enrollment’s number."),
    Column("state", "State", Kind.TEXT, "What became of the session."),
    Column("lift", "Lift", Kind.TEXT, "The movement; level of the landings where it is impact."),
    _kg("asked", "Prescribed", "Of the session and lift."),
    _kg("done", "Lifted", "Of the session and lift."),
    _kg("beside", "Lifted beside", "Where no load was prescribed, or the session was extra."),
    _count("landings_asked", "Landings prescribed", "Of the session and level."),
    _count("landings", "Landings done", "Of the session and level."),
)
STATES = (
    *VISITS[:3],
    Column("by", "Said by", Kind.TEXT, "Who completed the session, or said what happened."),
    Column("why", "Why", Kind.TEXT, "As it was written."),
)
SETS = (
    *VISITS[:2],
    Column("exercise", "Exercise", Kind.TEXT, "The rung."),
    _count("number", "Set", "Its number within the lift."),
    Column("load", "Load", Kind.NUMBER, "Lifted; blank where nobody entered it.", 2, "kg"),
    _count("reps", "Reps", "Done; blank where nobody entered them."),
    _count("rpe", "RPE", "Borg 6 to 20; blank where nobody entered it."),
    Column("best", "Best single", Kind.NUMBER, "The estimate that held before.", 2, "kg"),
    _share("part", "Of it %", "Load ÷ best single.", places=1),
    Column("hit", "Hit", Kind.TEXT, "yes, no, or not known without an estimate."),
)
PEOPLE_BEHIND = (
    VISITS[1],
    _kg("asked", "Prescribed", "Of her sessions in the figure."),
    _kg("asked_came", "Prescribed, attended", "Of those that she attended."),
    _kg("done", "Lifted", "In them."),
    _share("d1", "D1 %", "Her own: lifted ÷ prescribed."),
    _share("d2", "D2 %", "Her own: lifted ÷ prescribed in attended sessions."),
)
