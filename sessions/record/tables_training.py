"""The tables of her training, and of what was made of it."""

from __future__ import annotations

from programs import models as programs
from sessions import models as training

from . import rows
from .table import Table

TRAINING: tuple[Table, ...] = (
    Table(
        "enrollments",
        "Time in training",
        "From when to when you trained, and with whom.",
        programs.Enrollment,
        rows.over(programs.Enrollment, "client"),
        paper=("starts_on", "therapist", "status", "ended_on", "end_reason"),
    ),
    Table(
        "programs",
        "Programs",
        "Which program you followed, from when to when.",
        programs.Track,
        rows.over(programs.Track, "enrollment__client"),
        paper=("version", "starts_on", "ends_on"),
    ),
    Table(
        "decisions",
        "Decisions about your training",
        "What a therapist decided about a lift or the program, and why.",
        programs.Decision,
        rows.over(programs.Decision, "enrollment__client"),
        paper=("at", "by", "kind", "lift", "load", "reason"),
    ),
    Table(
        "standing_places",
        "Weekly places",
        "Your usual day and time.",
        training.StandingPlace,
        rows.over(training.StandingPlace, "enrollment__client"),
        paper=("weekday", "at", "minutes", "room", "supervisor", "starts_on", "ends_on"),
    ),
    Table(
        "pauses",
        "Breaks",
        "Planned breaks from your weekly places.",
        training.Pause,
        rows.over(training.Pause, "enrollment__client"),
        paper=("starts_on", "ends_on", "why", "resumed_on"),
    ),
    Table(
        "sessions",
        "Sessions",
        "Every session that was booked, and what became of it.",
        training.Visit,
        rows.over(training.Visit, "client"),
    ),
    Table(
        "supervisors",
        "Who supervised",
        "Who was planned or present in your classes.",
        training.Supervision,
        rows.supervised,
    ),
    Table(
        "sets",
        "Sets",
        "Every set, as it was asked for and as it was done.",
        training.SetEntry,
        rows.over(training.SetEntry, "visit__client"),
    ),
    Table(
        "notes",
        "Notes of sessions",
        "What the therapist wrote after a session.",
        training.SessionNote,
        rows.over(training.SessionNote, "visit__client"),
    ),
    Table(
        "floor_entries",
        "Entries on the floor",
        "Everything that was tapped or typed during your sessions.",
        training.Operation,
        rows.over(training.Operation, "visit__client"),
    ),
    Table(
        "held_entries",
        "Entries that waited",
        "Entries that somebody had to look at before they counted.",
        training.HeldOperation,
        rows.held,
    ),
    Table(
        "booking_changes",
        "Changes of bookings",
        "What became of each booking.",
        training.SeatChange,
        rows.over(training.SeatChange, "visit__client"),
    ),
    Table(
        "waiting",
        "Waiting lists",
        "When you waited for a place.",
        training.Waiting,
        rows.over(training.Waiting, "client"),
        paper=("slot", "asked_at", "offered_at", "outcome"),
    ),
)

FLAGS: tuple[Table, ...] = (
    Table(
        "flags",
        "What the program pointed out to your therapist",
        "Things that your therapist was asked to look at.",
        training.Flag,
        rows.over(training.Flag, "enrollment__client"),
        out={"evidence_key": rows.WORK},
        paper=("opened_at", "kind", "resolved_at", "resolution", "note"),
    ),
    Table(
        "flag_steps",
        "What was done about it",
        "Each step that somebody took.",
        training.FlagStep,
        rows.over(training.FlagStep, "flag__enrollment__client"),
    ),
    Table(
        "letters",
        "Letters to your doctor",
        "Letters about your progress. Signed ones are in the folder files.",
        training.ProgressLetter,
        rows.over(training.ProgressLetter, "client"),
        paper=("made_at", "addressee", "first_day", "last_day", "signed_at", "signed_by"),
    ),
)
