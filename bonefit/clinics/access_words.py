"""The matrix of rights in words: a sentence for each ``Can``, one for each ``Role``.

The page in the app and docs/access.md are both made from here and from ``access``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .access import GRANTS, ORGANISATION_GRANTS, READ_ONLY_ROLES, Can, Role

#: What each role is, as its column is headed.
ROLE_SAYS: Mapping[str, str] = {
    Role.ADMIN: "Settings, people, figures and what is kept. No lifting, and no flag is answered.",
    Role.LEAD: "All that a therapist may, the whole clinic’s figures, and cover for colleagues.",
    Role.THERAPIST: "Screens, prescribes, stands beside the bar, measures, and answers flags.",
    Role.DESK: "Books seats. Nothing of what is lifted, measured or found.",
    Role.AUDITOR: "Reads records, flags, figures and the log of looks. Changes nothing.",
    Role.CLIENT: "Her own sessions, and her own record to take along.",
    Role.COMPANION: "The page of one client who agreed to it. Changes nothing.",
}
ORGANISATION_ADMIN = "Organisation admin"
ORGANISATION_SAYS = (
    "Figures across the clinics of an organisation, without a client’s name; no page inside one."
)

#: What each right lets somebody do, in groups as the page shows them.
GROUPS: tuple[tuple[str, Mapping[Can, str]], ...] = (
    (
        "Clients and their records",
        {
            Can.SEE_CLIENTS: "See the clients of the clinic and their records",
            Can.SEE_HISTORY: "Read everything that became of a visit",
            Can.ENROLL: "Enroll clients, edit what is known of them, record clearances and papers",
            Can.RECORD_OUTCOMES: "Record tests and scans",
            Can.EXPORT_RECORD: "Take out everything that is kept about one client",
            Can.ANSWER_CORRECTIONS: "Answer when a client says that something is wrong",
            Can.DECIDE_RETENTION: "Decide what becomes of records that are past their time",
            Can.IMPORT: "Import clients and measurements from another system",
        },
    ),
    (
        "Training",
        {
            Can.SEE_TODAY: "See today’s classes",
            Can.PRESCRIBE: "Assign programs and decide what is lifted",
            Can.EDIT_PROGRAMS: "Read, edit and publish the clinic’s programs",
            Can.LOG_SETS: "Supervise: check in, log sets, report events, sign notes",
            Can.RELEASE_LOCKS: "Let a client be loaded again after a clinician’s word",
            Can.DECIDE_HELD: "Decide on entries of somebody who may not log any more",
        },
    ),
    (
        "Flags",
        {
            Can.SEE_FLAGS: "See flags and what they were raised on",
            Can.WORK_FLAGS: "Answer flags, put them off, hand them over",
        },
    ),
    (
        "Booking",
        {
            Can.BOOK: "See the week, book and cancel seats, and see how a client is reached",
            Can.RUN_TIMETABLE: "Change classes, rooms, closed days and leave",
        },
    ),
    (
        "Figures",
        {
            Can.RUN_REPORTS: "Run reports and take figures out, about those whose figures are hers",
            Can.REPORT_ON_CLINIC: "Run reports about the whole clinic, whatever its settings say",
            Can.KEEP_REPORTS: "Keep a report under a name, and have it mailed each month",
        },
    ),
    (
        "The clinic and its people",
        {
            Can.CHANGE_SETTINGS: "Change the clinic’s settings, papers of staff, lost log-ins",
            Can.SEE_PEOPLE: "See who works here, in which roles, and this page",
            Can.GIVE_ROLES: "Give and take roles, never her own",
            Can.ARRANGE_COVER: "Hand her clients to a colleague for a while",
            Can.COVER_ANYBODY: "Arrange cover for anybody who treats, and end it",
            Can.READ_LOG: "Read who has looked at which record",
        },
    ),
    (
        "Her own",
        {
            Can.SEE_OWN_SCHEDULE: "See her own sessions, or those of whom she accompanies",
            Can.CHANGE_OWN_SCHEDULE: "Say that she cannot come, book a make-up, set reminders",
            Can.TAKE_OWN_RECORD: "Take everything along that is kept about her",
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One right of one role."""

    column: str
    may: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One right: what it lets somebody do, and who has it."""

    right: Can
    says: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One role: its name, and what it is."""

    word: str
    says: str


def columns() -> tuple[Column, ...]:
    """Every role of a clinic, and the admin of an organisation."""
    roles = tuple(Column(role.label, ROLE_SAYS[role]) for role in Role)
    return (*roles, Column(ORGANISATION_ADMIN, ORGANISATION_SAYS))


def matrix() -> Iterator[tuple[str, tuple[Line, ...]]]:
    """The rights in their groups, each with who has it."""
    for title, rights in GROUPS:
        yield title, tuple(Line(right, says, _cells(right)) for right, says in rights.items())


def _cells(right: Can) -> tuple[Cell, ...]:
    of_roles = (Cell(role.label, right in GRANTS[role]) for role in Role)
    return (*of_roles, Cell(ORGANISATION_ADMIN, right in ORGANISATION_GRANTS))


def read_only() -> str:
    """The roles that change nothing, in words."""
    return " and ".join(Role(role).label for role in Role if role in READ_ONLY_ROLES)


def as_markdown() -> str:
    """docs/access.md. ``manage.py write_access_page`` writes it; a test compares."""
    heads = columns()
    lines = [
        "# Who may do what",
        "",
        "Written from `bonefit/clinics/access.py` and `access_words.py` by "
        "`python manage.py write_access_page`; change it there.",
        "",
        "A person has a set of roles in each clinic, and may do what any of them lets her. A "
        "role may have a last day; after it, by the clinic’s clock, it lets her do nothing. A page "
        "that she has no right to is answered with 403, and one of a clinic that she has no part "
        "in with 404, as if it were not there.",
        "",
        f"{read_only()}: every request that could change something is refused, whatever is in "
        "the table; only a search, and her own log-in, are hers. A companion sees one client’s "
        "page, by that client’s consent, until it is taken back.",
        "",
        "While somebody stands in for a colleague, that colleague’s clients count as hers in "
        "lists, mails and figures that are about “mine”. It gives no right that her own roles do "
        "not.",
        "",
        "## Roles",
        "",
        "| Role | What it is |",
        "| --- | --- |",
        *(f"| {one.word} | {one.says} |" for one in heads),
    ]
    for title, rows in matrix():
        lines += [
            "",
            f"## {title}",
            "",
            "| | " + " | ".join(one.word for one in heads) + " |",
            "| --- |" + " :-: |" * len(heads),
            *(
                f"| {row.says} (`{row.right}`) | "
                + " | ".join("yes" if cell.may else "" for cell in row.cells)
                + " |"
                for row in rows
            ),
        ]
    return "\n".join(lines) + "\n"
