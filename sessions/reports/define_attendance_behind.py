"""What stands in the rows behind the figures of the adherence report. Standard library only."""

from __future__ import annotations

from .define_attendance import count
from .table import Column, Kind

BEHIND_FUNNEL = (
    Column("name", "Client", Kind.TEXT, "Whose enrollment."),
    Column("started", "Started", Kind.DAY, "First day of the program."),
    Column("ended", "Ended", Kind.DAY, "Last day, where she has left or finished."),
    count("came", "Sessions", "Attended or made up by the last of the dates."),
)
BEHIND = (
    Column("name", "Day", Kind.DAY, "Day of the session in the clinic."),
    Column("at", "Begins", Kind.TEXT, "By the clinic's clock."),
    Column("client", "Client", Kind.TEXT, "Whose session."),
    Column("state", "State", Kind.TEXT, "How it ended."),
    Column("purpose", "Kind", Kind.TEXT, "Regular, make-up or extra."),
    Column("made_up_on", "Made up on", Kind.DAY, "The day of the make-up that was attended."),
    Column("said_by", "Said by", Kind.TEXT, "Who signed it as attended, or said how it ended."),
    Column("said_at", "Said at", Kind.MOMENT, "When that was said."),
    Column("why", "Why", Kind.TEXT, "What was written down."),
)
BEHIND_CLIENTS = (
    Column("name", "Client", Kind.TEXT, "Who."),
    Column("started", "Started", Kind.DAY, "First day of the first of these enrollments."),
    count("enrollments", "Enrollments", "Of hers in the figure."),
)
BEHIND_ENROLLMENTS = (
    Column("name", "Client", Kind.TEXT, "Whose enrollment."),
    Column("started", "Started", Kind.DAY, "First day of the enrollment."),
    Column("ended", "Ended", Kind.DAY, "Last day, where she has left or finished."),
    count("prescribed", "Prescribed", "What her program asked for: the part of it in the figure."),
    count("sessions", "Of", "Sessions of her whole program; blank where it is not in the figure."),
    Column(
        "own",
        "Her own",
        Kind.PERCENT,
        "Her own percentage by the clinic's leading definition.",
        places=2,
        unit="%",
    ),
)
BEHIND_FLAGS = (
    Column("name", "Open since", Kind.DAY, "Day on which the flag was opened."),
    Column("client", "Client", Kind.TEXT, "About whom."),
    Column("what", "Flag", Kind.TEXT, "What it says."),
    Column("severity", "Severity", Kind.TEXT, "Red, amber or for information."),
)
BEHIND_EVENTS = (
    Column("name", "Began", Kind.DAY, "Day on which it began."),
    Column("client", "Client", Kind.TEXT, "Whom it befell."),
    Column("what", "What", Kind.TEXT, "As it was reported, and as it stands now."),
    Column("severity", "Severity", Kind.TEXT, "Mild, moderate or severe."),
)
