"""What each figure of a report means: for the page, the download and docs/definitions.md.

Change a meaning, and the number below goes up by one: a figure is quoted with its definition.
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 1


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure: its short name, its name, how it is computed, what is and is not in it."""

    code: str
    name: str
    formula: str
    notes: tuple[str, ...]
    source: str


A3 = Definition(
    code="A3",
    name="Accountable attendance",
    formula="attended ÷ (planned − excused − cancelled by the clinic or closed)",
    notes=(
        "The sessions that could be attended. No-shows, late cancels, cancellations by the client "
        "and unrecorded sessions count as not attended.",
        "Make-up and extra sessions are in neither number; they stand in columns of their own.",
    ),
    source="Protocol sheet 5.3, A3. A definition of this project, not of a trial.",
)

A1 = Definition(
    code="A1",
    name="Strict attendance",
    formula="attended ÷ prescribed",
    notes=(
        "Nothing is taken out: neither excused nor cancelled sessions. Prescribed is what the "
        "client's own program asks for within the dates: days ÷ 7 × sessions a week, rounded down, "
        "at most its length, until she left. No session has to be booked for it.",
        "Within few days it can pass 100 %, because a whole session is prescribed only when its "
        "share of the week is over.",
    ),
    source="Protocol sheet 5.3, A1: the number that LIFTMOR reports.",
)

HEADLINE = (A3, A1)

COLUMNS = (
    (
        "Planned",
        "Regular sessions within the dates whose time has begun and of which it is known how they "
        "ended, or that are unrecorded. Planned = attended + unrecorded + missed + excused + "
        "clinic. Sessions to come, sessions still open within their grace and sessions released "
        "because the program ended first are not in it.",
    ),
    ("Attended", "Attended, also in part. A therapist completed the session with her name."),
    (
        "Unrecorded",
        "Nobody has said how the session ended although its grace is over. It is not called "
        "missed, and it is not called attended.",
    ),
    ("Missed", "No-shows, late cancels and cancellations by the client."),
    ("Excused", "A therapist excused it, with a reason."),
    ("Clinic", "Cancelled by the clinic, or the clinic was closed."),
    ("Counted", "Attended + unrecorded + missed: what A3 is divided by."),
    ("A3 %", "Attended ÷ counted."),
    ("Prescribed", "What A1 is divided by."),
    ("A1 %", "Attended ÷ prescribed."),
    ("Make-up", "Attended sessions that made up for another one. Not in A3 or A1."),
    ("Extra", "Attended sessions that nobody owed. Not in A3 or A1."),
    ("Last attended", "The last session attended, of any kind, until now: also outside the dates."),
    ("Next booked", "The next session booked from now on."),
)

RULES = (
    (
        "One row a client",
        "More exactly one an enrollment: a client who left and came back has two. Everyone who "
        "was enrolled on a day within the dates has a row, also those who never came.",
    ),
    (
        "Total",
        "The ratio of the totals, not the mean of the clients' percentages: who trained longer "
        "weighs more.",
    ),
    (
        "Interval",
        "Wilson's 95 % interval of A3. Sessions of one person go together, so the true interval "
        "is wider.",
    ),
    (
        "Dates",
        "Days of the clinic's own calendar, first and last included. A session belongs to the day "
        "on which it starts there.",
    ),
    (
        "Whose clients",
        "The filter is about the therapist responsible for the enrollment, not who stood on the "
        "floor.",
    ),
    (
        "Which program",
        "The filter takes the clients who followed the program on a day within the dates, with all "
        "they did.",
    ),
    ("Rounding", "Half up, to one place. A percentage of nothing is left blank."),
)

DOWNLOAD = (
    "The download has the rows of the page in their order and with their rounding, the total last. "
    "Below an empty line follow the clinic, the filters, the moment and these definitions. It is "
    "UTF-8 with a byte order mark, so that spreadsheets read names rightly. A name that begins "
    "like a formula (=, +, -, @) gets an apostrophe in front; figures never do."
)


def as_markdown() -> str:
    """docs/definitions.md, whole. ``manage.py write_definitions`` writes it; a test compares."""
    lines = [
        "# Definitions",
        "",
        f"Version {VERSION}. Written from `sessions/reports/definitions.py` by "
        "`python manage.py write_definitions`; change it there.",
        "",
        "## Adherence",
        "",
    ]
    for definition in HEADLINE:
        lines += [f"### {definition.code}, {definition.name.lower()}", ""]
        lines += [f"{definition.code} = {definition.formula}", ""]
        for note in definition.notes:
            lines += [note, ""]
        lines += [f"*{definition.source}*", ""]
    lines += ["### Columns", "", "| Column | Meaning |", "| --- | --- |"]
    lines += [f"| {name} | {meaning} |" for name, meaning in COLUMNS]
    lines += ["", "### Rules of the report", "", "| Word | Rule |", "| --- | --- |"]
    lines += [f"| {name} | {meaning} |" for name, meaning in RULES]
    lines += ["", "### Download", "", DOWNLOAD, ""]
    return "\n".join(lines)
