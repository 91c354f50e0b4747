"""What each figure of the adherence report means: for the page, the downloads and the help.

Standard library and the words of reports only. Change a meaning, and ``define.VERSION`` goes up.
"""

from __future__ import annotations

from .define import Definition
from .pictures import Benchmark
from .table import Column, Kind

#: Fewer sessions than this say too little to be compared with others (protocol sheet 5.8).
ENOUGH = 20
_OURS = "A definition of this project, not of a trial."

A1 = Definition(
    code="A1",
    name="Strict attendance",
    formula="attended ÷ prescribed",
    notes=(
        "Nothing is taken out: neither excused nor cancelled sessions. Prescribed is what the "
        "client's own program asks for within the dates: days ÷ 7 × sessions a week, rounded down, "
        "at most its length, until she left. No session has to be booked for it. Who moves to "
        "another version of the program goes on where she was; another program begins anew.",
        "Within few days it can pass 100 %, because a whole session is prescribed only when its "
        "share of the week is over.",
        "A1 with make-ups = credited ÷ prescribed; credited as in A4.",
    ),
    source="Protocol sheet 5.3, A1: the number that LIFTMOR reports.",
)
A2 = Definition(
    code="A2",
    name="Offered attendance",
    formula="attended ÷ (planned − cancelled by the clinic − closed)",
    notes=(
        "The sessions that took place. What the client cancelled, also with an excuse, counts as "
        "not attended.",
        "A2 with make-ups = credited ÷ the same; credited as in A4.",
    ),
    source=f"Protocol sheet 5.3, A2. {_OURS}",
)
A3 = Definition(
    code="A3",
    name="Accountable attendance",
    formula="attended ÷ (planned − cancelled by the clinic − closed − excused)",
    notes=(
        "The sessions that could be attended. No-shows, late cancels, cancellations by the client "
        "and unrecorded sessions count as not attended.",
        "Make-up and extra sessions are in neither number.",
    ),
    source=f"Protocol sheet 5.3, A3. {_OURS}",
)
A4 = Definition(
    code="A4",
    name="Attendance with make-ups",
    formula="credited ÷ (planned − cancelled by the clinic − closed − excused)",
    notes=(
        "Credited = attended + made up. A session is made up when the make-up booked for it was "
        "attended by the moment of the report and no later than the clinic's days for it (14 "
        "unless the clinic has set others) after its day. It then counts on the day and in the "
        "week of the session that was owed. Extra sessions never make up for another one.",
        "Each week of a program is credited with at most as many sessions as the program has in a "
        "week.",
        "Made-up sessions that were excused or cancelled by the clinic are in the upper number "
        "and not in the lower one, so the ratio can pass 100 %. It is shown as 100.0; the ratio as "
        "it is stands beside it.",
    ),
    source=f"Protocol sheet 5.3, A4. {_OURS}",
)
A5 = Definition(
    code="A5",
    name="Programme completion",
    formula="attended since the start ÷ the sessions of the whole program",
    notes=(
        "Intention to treat: everybody is measured by the whole program, 70 sessions of HiRIT, "
        "also who has just started and who withdrew. All regular sessions of the enrollment that "
        "were attended until the last of the dates; the first of the dates does not matter.",
        "The program is the version that she follows on the last day. Blank where only one phase "
        "is asked for.",
    ),
    source="Protocol sheet 5.3, A5; LIFTMOR counts missed sessions of 70 (5.1).",
)
A6 = Definition(
    code="A6",
    name="Attendance of the last weeks",
    formula="A3 of the last 4, and of the last 8, whole weeks of the program",
    notes=(
        "Weeks of each client's own program, counted from her first day, not sliding windows: the "
        "last ones that are over, until the last of the dates, until yesterday, or until she left. "
        "Who has fewer whole weeks is measured by those that there are.",
        "They may begin before the first of the dates. Blank where only one phase is asked for.",
    ),
    source=f"Protocol sheet 5.3, A6. {_OURS}",
)
KPI = Definition(
    code="KPI",
    name="Missed and cancelled",
    formula="(no-shows + cancellations) ÷ planned",
    notes=(
        "What clinic software usually reports. Client causes: no-shows, late cancels, "
        "cancellations by the client, excused sessions. With clinic: also what the clinic "
        "cancelled or closed. It is not one minus A3.",
    ),
    source="Protocol sheet 5.2: the key figure of a vendor of clinic software, help.emr.webpt.com.",
)
BANDS = Definition(
    code="Band",
    name="Band of A3",
    formula="green from 80 %, yellow from 60 %, amber from 40 %, red below",
    notes=(
        "The limits are settings of each clinic; those of amber and red are the ones of flag F03. "
        "They are held against the exact ratio, before it is rounded. A band is a word for "
        "reading, not a judgement: trials reached 78 to 92 %, large clinics 60 to 69 %.",
    ),
    source="Protocol sheet 1.9: a design default, no published value.",
)
DEFINITIONS = (A1, A2, A3, A4, A5, A6, KPI, BANDS)

# --- published values ----------------------------------------------------------------------------

BENCHMARKS = (
    Benchmark("LIFTMOR 92 ± 11", 92, 92),
    Benchmark("MEDEX-OP 83", 83, 83),
    Benchmark("LIFTMOR-M 78", 78, 78),
    Benchmark("Real clinics 60–69", 60, 69),
)
#: Codes of programs/catalogue/sources.json: what the values were read in.
BENCHMARK_SOURCES = ("L18", "MXG", "LM", "BC1", "BC4")
BENCHMARK_NOTE = (
    "Published values: LIFTMOR, supervised trial in women, mean compliance 92 ± 11 % of 70 "
    "sessions (Watson 2018). MEDEX-OP, trial, 83 ± 13 % in the 102 with hip scans, both groups "
    "together (ANZBMS 2021, abstract 77848). LIFTMOR-M, trial in men, 78 ± 17 % (Harding 2020). "
    "Real clinics: The Bone Clinic, 69 ± 21 % over 12 months (ANZBMS–IFMRS, abstract 42874) and "
    "60 ± 42 % over 4 years (ANZBMS 2019, abstract 65831); its compliance weighs in the loads "
    "lifted. They are means of people's percentages, nearest to A1, and trials chose their people."
)

# --- columns -------------------------------------------------------------------------------------


def count(key: str, name: str, meaning: str, *, wide: bool = False) -> Column:
    """A column of whole numbers."""
    return Column(key, name, Kind.COUNT, meaning, wide=wide)


def _share(key: str, name: str, meaning: str, *, wide: bool = False) -> Column:
    return Column(key, name, Kind.PERCENT, meaning, unit="%", wide=wide)


#: What a row is called, by the word of the filter.
NAMES = {
    "client": Column("name", "Client", Kind.TEXT, "One row an enrollment: who came back has two."),
    "therapist": Column(
        "name",
        "Therapist",
        Kind.TEXT,
        "Responsible for the enrollment, not who stood on the floor.",
    ),
    "program": Column(
        "name",
        "Program",
        Kind.TEXT,
        "The main program that was followed on the day of the session. Who changed program has "
        "sessions in two rows.",
    ),
    "phase": Column(
        "name",
        "Phase",
        Kind.TEXT,
        "The phase that the plan has in the week of the session, whichever the client was in.",
    ),
    "cohort": Column("name", "Start", Kind.TEXT, "The month in which the enrollment started."),
    "clinic": Column("name", "Clinic", Kind.TEXT, "Each by its own calendar and settings."),
}

MIX = (
    count(
        "planned",
        "Planned",
        "Regular sessions within the dates whose time has begun and of which it is known how they "
        "ended, or that are unrecorded. Sessions to come, open within their grace, or released "
        "because the program ended first are not in it.",
    ),
    count("attended", "Attended", "Regular sessions attended, also in part."),
    count("no_show", "No-show", "She did not come and did not cancel.", wide=True),
    count("late_cancel", "Late cancel", "Cancelled later than the clinic's notice.", wide=True),
    count("cancelled_client", "Cancelled", "Cancelled by the client in time.", wide=True),
    count(
        "unrecorded",
        "Unrecorded",
        "Nobody has said how the session ended although its grace is over. Not called missed, "
        "and not called attended.",
        wide=True,
    ),
    count("excused", "Excused", "A therapist excused it, with a reason.", wide=True),
    count("clinic_cancelled", "By clinic", "Cancelled by the clinic.", wide=True),
    count("closed", "Closed", "The clinic was closed.", wide=True),
    count("offered", "Offered", "Planned − by clinic − closed: what A2 is divided by.", wide=True),
    count("counted", "Counted", "Offered − excused: what A3 and A4 are divided by."),
    count("prescribed", "Prescribed", "What A1 is divided by."),
    count("make_up", "Make-ups", "Attended sessions that were booked as make-ups.", wide=True),
    count(
        "repaid",
        "Made up",
        "Sessions within the dates that were owed and made up in time, whenever that was.",
        wide=True,
    ),
    count(
        "credited",
        "Credited",
        "Attended + made up, in each week of the program at most as many as it has.",
        wide=True,
    ),
    count("extra", "Extra", "Attended sessions that nobody owed. In no percentage.", wide=True),
)
SHARES = (
    _share("a3", "A3", "Attended ÷ counted."),
    _share("a1", "A1", "Attended ÷ prescribed."),
    _share("a2", "A2", "Attended ÷ offered."),
    _share("a4", "A4", "Credited ÷ counted, at most 100.0."),
    _share("a4_raw", "A4 uncapped", "Credited ÷ counted as it is.", wide=True),
    _share("a1_made_up", "A1 with make-ups", "Credited ÷ prescribed, at most 100.0.", wide=True),
    _share("a2_made_up", "A2 with make-ups", "Credited ÷ offered, at most 100.0.", wide=True),
    _share("a5", "A5", "Attended since the start ÷ sessions of the program."),
    count(
        "ever",
        "Since the start",
        "All regular sessions attended until the last of the dates.",
        wide=True,
    ),
    count("sessions", "Of", "Sessions of the whole program, the denominator of A5.", wide=True),
    _share("a6_4", "A6, 4 weeks", "A3 of the last 4 whole weeks of the program."),
    count("due_4", "Counted, 4 weeks", "What it is divided by.", wide=True),
    _share("a6_8", "A6, 8 weeks", "A3 of the last 8 whole weeks of the program.", wide=True),
    count("due_8", "Counted, 8 weeks", "What it is divided by.", wide=True),
    _share("kpi", "Missed and cancelled", "Client causes ÷ planned.", wide=True),
    _share(
        "kpi_all", "With clinic", "All that did not take place as planned ÷ planned.", wide=True
    ),
    Column("band", "Band", Kind.TEXT, "Green, yellow, amber or red by A3; see Band."),
)
WATCHED = (
    count("flags", "Open flags", "Flags open at the moment of the report, good news left out."),
    count(
        "events",
        "Adverse events",
        "Adverse events that began within the dates, in or outside a session.",
        wide=True,
    ),
)
OF_CLIENT = (
    count(
        "week",
        "Week",
        "Week of the program today, or on the last day of who has left. Moving to another program "
        "goes on counting.",
    ),
    Column("planned_phase", "Planned phase", Kind.TEXT, "By the weeks of the plan.", wide=True),
    Column(
        "phase",
        "Phase",
        Kind.TEXT,
        "The phase that a therapist moved her to; the first one until somebody has.",
    ),
    Column("status", "Status", Kind.TEXT, "Of the enrollment, as it is now.", wide=True),
    count(
        "longest",
        "Longest missed",
        "Sessions within the dates missed one after the other. Excused, closed and made-up "
        "sessions end a run; so do sessions that nobody recorded, pauses, and any session "
        "attended. Three and more are an interruption (flag F02).",
    ),
    Column(
        "last",
        "Last attended",
        Kind.DAY,
        "The last session attended, of any kind, until now: also outside the dates.",
    ),
    Column("next", "Next booked", Kind.DAY, "The next session booked from now on."),
)
OF_GROUP = (
    count("clients", "Clients", "People: who has two enrollments is one."),
    Column(
        "mean",
        "Mean of clients",
        Kind.PERCENT,
        "Mean of the clients' own percentages, by the clinic's leading definition (A6: 4 weeks).",
        unit="%",
    ),
    Column(
        "median",
        "Median of clients",
        Kind.PERCENT,
        "Median of the clients' own percentages, by the clinic's leading definition.",
        unit="%",
    ),
    count("measured", "Of clients", "Enrollments that have such a percentage.", wide=True),
)

RULES = (
    (
        "Rows",
        "Everyone who was enrolled on a day within the dates, also those who never came, and "
        "whoever has a session within them.",
    ),
    (
        "Total",
        "The ratio of the totals: who trained longer weighs more. The mean and the median of the "
        "clients' own percentages stand beside it and are other statistics; published figures are "
        "mostly means.",
    ),
    (
        "Interval",
        "Wilson's 95 % interval. Sessions of one person go together, so the true interval is "
        "wider.",
    ),
    (
        "Dates",
        "Days of the clinic's own calendar, first and last included. A session belongs to the day "
        "on which it starts there, and counts once it has begun.",
    ),
    (
        "Few sessions",
        f"Rows of fewer than {ENOUGH} counted sessions are pale: they are not to be compared. "
        "Nothing is ordered by its value.",
    ),
    ("Rounding", "Half up, to one place. A percentage of nothing is left blank."),
)

MONTHS = (
    Column("name", "Month", Kind.TEXT, "Calendar month, as far as it lies within the dates."),
    count("attended", "Attended", "As above, of the sessions of the month."),
    count("offered", "Offered", "As above.", wide=True),
    count("counted", "Counted", "As above."),
    count("prescribed", "Prescribed", "As above.", wide=True),
    _share("a3", "A3", "Attended ÷ counted."),
    _share("low", "From", "Lower end of Wilson's 95 % interval of A3.", wide=True),
    _share("high", "To", "Upper end of Wilson's 95 % interval of A3.", wide=True),
    _share("a1", "A1", "Attended ÷ prescribed."),
    _share("a2", "A2", "Attended ÷ offered.", wide=True),
)
WEEKS = (
    count(
        "name",
        "Week",
        "Week of each client's own program, counted from her first day. A session before it is in "
        "no week.",
    ),
    count("attended", "Attended", "Regular sessions of this week attended."),
    count("counted", "Counted", "Sessions of this week that could be attended."),
    _share("a3", "A3", "Attended ÷ counted in this week."),
    count("attended_so_far", "Attended so far", "Until the end of this week.", wide=True),
    count("counted_so_far", "Counted so far", "Until the end of this week.", wide=True),
    _share("a3_so_far", "A3 so far", "Attended so far ÷ counted so far: the cumulative curve."),
)
PHASES = (
    NAMES["phase"],
    count("attended", "Attended", "As above, of the sessions in the phase's weeks."),
    count("offered", "Offered", "As above.", wide=True),
    count("counted", "Counted", "As above."),
    _share("a3", "A3", "Attended ÷ counted."),
    _share("low", "From", "Lower end of Wilson's 95 % interval of A3.", wide=True),
    _share("high", "To", "Upper end of Wilson's 95 % interval of A3.", wide=True),
    _share("a2", "A2", "Attended ÷ offered.", wide=True),
)
FUNNEL = (
    Column("name", "Step", Kind.TEXT, "Each step is reached by some of those of the one before."),
    count("reached", "Enrollments", "So many reached it by the last of the dates."),
    _share("share", "Of enrolled", "÷ all enrolled."),
)
