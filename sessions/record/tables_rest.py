"""The tables of messages, of who looked, and of what she asked of her record."""

from __future__ import annotations

from bonefit.clients import models as clients
from sessions import models as training

from . import rows
from .table import Table

REST: tuple[Table, ...] = (
    Table(
        "messages",
        "Messages to you",
        "Mails that were sent to you. They hold no health data.",
        training.Notice,
        rows.over(training.Notice, "client"),
        out={"key": rows.WORK, "claimed_at": rows.WORK, "tries": rows.WORK},
        paper=("created_at", "kind", "to", "sent_at", "failed_at"),
    ),
    Table(
        "calendars",
        "Calendar links",
        "Links that put your sessions into a calendar.",
        training.CalendarFeed,
        rows.over(training.CalendarFeed, "client"),
        out={
            "nonce": rows.SECRET,
            "token_hash": rows.SECRET,
            "member": "Always blank in a client’s row.",
            "room": "Always blank in a client’s row.",
        },
        paper=("created_at", "revoked_at"),
    ),
    Table(
        "looks",
        "Who has looked",
        "Every time somebody opened your record, took a file, or was refused.",
        clients.Look,
        rows.over(clients.Look, "client"),
        out={
            "user": "Somebody who does not work here; who it is, is for whoever runs the site.",
            "address": "The network address of other people.",
            "route": "The page’s name inside the program; the column kind says what it shows.",
        },
    ),
    Table(
        "report_files",
        "Figures about you that were taken",
        "Files of figures that were about you alone.",
        training.ReportExport,
        rows.files,
        out={
            "member": "Stands in the column user.",
            "organiser": "Stands in the column user.",
            "cohort": "Whom a research file is about: other people.",
            "file": "The file has expired, or soon will.",
            "claimed_at": rows.WORK,
            "definitions": rows.WORK,
            "expected": rows.WORK,
            "failure": rows.WORK,
        },
    ),
    Table(
        "corrections",
        "Corrections that you asked for",
        "What you, or somebody for you, said is wrong, and what the clinic answered.",
        clients.CorrectionRequest,
        rows.over(clients.CorrectionRequest, "client"),
        paper=("asked_at", "wrong", "right", "answer", "words", "answered_by"),
    ),
    Table(
        "retention",
        "How long the record is kept",
        "What was decided when the time to keep the record was over.",
        clients.RetentionDecision,
        rows.over(clients.RetentionDecision, "client"),
        paper=("decided_at", "kind", "until", "reason", "decided_by"),
    ),
    Table(
        "copies",
        "Copies of this record",
        "Each time somebody asked for a copy like this one.",
        clients.RecordCopy,
        rows.over(clients.RecordCopy, "client"),
        out={
            "file": "A copy holds no copies.",
            "claimed_at": rows.WORK,
            "steps": rows.WORK,
            "done": rows.WORK,
        },
        paper=("asked_at", "member", "status", "fetched_at"),
    ),
)
