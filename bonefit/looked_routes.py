"""Whose record each route shows: the access log's table, read by ``looking``.

Every route that belongs to a clinic, an organisation, or a link of a client stands here once:
``about`` one client, a ``listing`` of several, or ``nothing`` of any, with the reason. A test walks
all addresses, and looks for names where there should be none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bonefit.clients.models import Look
from bonefit.looked_ways import Route

Kind, How = Look.Kind, Look.How
HOUR, DAY = 3600, 24 * 3600


# --- the table ------------------------------------------------------------------------------------


def about(space: str, kind: Look.Kind, names: str, **more: Any) -> Iterator[tuple[str, Route]]:
    """Routes that show the record of one client; by her number, where nothing else is said."""
    route = Route(kind, **{"client": "client", **more})
    yield from ((f"{space}{name}", route) for name in names.split())


def listing(
    space: str, kind: Look.Kind, names: str, reason: str, **more: Any
) -> Iterator[tuple[str, Route]]:
    """Routes that show something of several clients: one row, which names none of them."""
    route = Route(kind, reason=reason, **more)
    yield from ((f"{space}{name}", route) for name in names.split())


def nothing(space: str, names: str, reason: str) -> Iterator[tuple[str, Route]]:
    """Routes that show nothing of any client: no row, unless somebody was refused."""
    route = Route(Kind.OTHER, shows=False, reason=reason)
    yield from ((f"{space}{name}", route) for name in names.split())


def _clients() -> Iterator[tuple[str, Route]]:
    yield from about("clients:", Kind.RECORD, "client edit away invite send-login release")
    yield from about("clients:", Kind.OUTCOMES, "outcomes chart battery measurement")
    yield from about(
        "clients:",
        Kind.INTAKE,
        "intake start-without start-without-end landing landing-end clear screening-new screening "
        "screening-confirm screening-link screening-drop",
    )
    yield from about(
        "clients:",
        Kind.PAPERS,
        "papers document-add document-remove consent consent-signed consent-withdraw",
    )
    yield from about("clients:", Kind.PAPERS, "document", exports=True, how=How.FILE)
    yield from about("clients:", Kind.LOOKS, "looked")
    yield from about("clients:", Kind.COPY, "copy")
    yield from about("clients:", Kind.RECORD, "client-corrections correction")
    yield from about("clients:", Kind.RECORD, "retention-decide")
    yield from listing("clients:", Kind.LIST, "corrections", "Who waits for an answer.")
    yield from listing("clients:", Kind.LIST, "retention", "Whose record is past its time.")
    yield from about("clients:", Kind.COPY, "copy-file", exports=True, how=How.FILE)
    yield from listing("clients:", Kind.LIST, "list", "All clients by name.")
    yield from listing("clients:", Kind.LIST, "imports import", "A file of clients on its way in.")
    yield from listing(
        "clients:",
        Kind.LIST,
        "import-problems",
        "Rows of a file that could not be read.",
        exports=True,
        how=How.FILE,
    )
    yield from nothing("clients:", "enroll", "An empty form; whom it made stands on her own page.")
    yield from nothing(
        "clients:", "import-take-in import-change import-give-up", "Leads back to the import."
    )
    yield from nothing(
        "clients:",
        "devices device device-moved device-retired measure-numbers measure-number consent-texts "
        "consent-text",
        "Numbers, scanners and wordings of the clinic.",
    )


def _programs() -> Iterator[tuple[str, Route]]:
    yield from about(
        "programs:",
        Kind.PLAN,
        "assign phase load exercise hold hold_all release_all override estimate release take_back "
        "end move add_block end_block resume",
    )
    yield from nothing(
        "editor:",
        "list program version copy start edit compare publish discard",
        "Programs as they are for everybody.",
    )


def _floor() -> Iterator[tuple[str, Route]]:
    yield from about(
        "sessions:",
        Kind.SESSION,
        "visit visit-history check-in release stop report report-review rescreen log-set "
        "correct-set confirm-set void-set complete say reopen note",
        client="visit",
    )
    yield from listing("sessions:", Kind.LIST, "today notes", "The classes of a day.")
    yield from listing("sessions:", Kind.LIST, "person-end", "Clients of somebody who leaves.")
    yield from listing(
        "sessions:",
        Kind.BOARD,
        "board-day",
        "A day's lanes, read anew every minute: one row an hour.",
        how=How.BOARD,
        within=HOUR,
    )
    yield from listing(
        "sessions:", Kind.BOARD, "people plates", "Who may join a class.", how=How.BOARD
    )
    yield from nothing("sessions:", "board", "The frame of the board, without anybody in it.")
    yield from nothing(
        "sessions:",
        "board-send walk-in board-prepare",
        "What is done stands in the log of operations with its author; the answer brings what "
        "board-day has shown.",
    )
    yield from listing("sessions:", Kind.LIST, "held", "Entries that wait for a decision.")


def _flags() -> Iterator[tuple[str, Route]]:
    yield from about(
        "sessions:",
        Kind.FLAG,
        "flag flag-answer flag-resolve flag-put-off flag-take-up flag-hand-over",
        client="flag",
    )
    yield from listing("sessions:", Kind.LIST, "flags", "All open flags.")
    yield from listing(
        "sessions:", Kind.LIST, "flag-settings", "Its preview names who would have had a flag."
    )
    yield from listing("sessions:", Kind.LIST, "due-list", "Whose tests and scans are due.")
    yield from nothing("sessions:", "flag-read", "A note that a flag was read; its page has a row.")
    yield from nothing("sessions:", "flag-rules", "When a flag is raised.")


def _plans_and_letters() -> Iterator[tuple[str, Route]]:
    yield from about("sessions:", Kind.PLAN, "timeline timeline-chart preview preview-chart")
    yield from about(
        "sessions:",
        Kind.EVENTS,
        "events event-new event-review falls fall-new fall falls-asked",
    )
    yield from about("sessions:", Kind.LETTER, "letters")
    yield from about(
        "sessions:",
        Kind.LETTER,
        "letter letter-sign letter-renew letter-drop",
        client="letter",
    )
    yield from about(
        "sessions:", Kind.LETTER, "letter-pdf", client="letter", exports=True, how=How.FILE
    )


def _desk() -> Iterator[tuple[str, Route]]:
    yield from about(
        "sessions:",
        Kind.BOOKINGS,
        "bookings seat-history make-up place-end pause pause-resume contact reminders "
        "companion-give companion-end",
    )
    yield from about(
        "sessions:",
        Kind.BOOKINGS,
        "seat seat-cancel seat-move seat-following seat-restore seat-undo",
        client="visit",
    )
    yield from about(
        "sessions:",
        Kind.BOOKINGS,
        "waiting-offer waiting-accept waiting-remove",
        client="waiting",
    )
    yield from about("sessions:", Kind.BOOKINGS, "notice-seen notice-again", client="notice")
    yield from listing(
        "sessions:",
        Kind.LIST,
        "week slot seat-book slot-call-off slot-hold desk-people notices",
        "Who is booked, who waits, who could not be written to.",
    )
    yield from listing(
        "sessions:",
        Kind.LIST,
        "slot-change weekly weekly-end season closures leave room",
        "Names whose sessions a change would touch.",
    )
    yield from nothing(
        "sessions:",
        "timetable season-add season-copy weekly-add rooms closure-reopen leave-end",
        "Classes, rooms and days, without who comes.",
    )
    yield from nothing(
        "sessions:", "own-calendar room-calendar", "An address of a calendar; what it shows is not."
    )


def _reports() -> Iterator[tuple[str, Route]]:
    # One client's figures where the question is about one enrollment, else everybody's.
    yield from about(
        "sessions:",
        Kind.REPORT,
        "adherence safety figures figures-picture figures-table figures-behind",
        client="asked",
        reason="The figures of many clients, unless the question names one.",
    )
    yield from nothing(
        "sessions:",
        "figures-csv figures-xlsx figures-pdf report-make",
        "Each file has a row of its own among the files that were taken, written before it leaves.",
    )
    yield from listing(
        "sessions:",
        Kind.REPORT,
        "report-export-file",
        "A file that a worker has written, each time it is fetched.",
        exports=True,
        how=How.FILE,
    )
    yield from nothing(
        "sessions:",
        "reports report-save report-saved report-remove report-stop report-exports report-export",
        "Questions and files by name, without a figure.",
    )
    yield from listing(
        "organisation:",
        Kind.REPORT,
        "reports figures figures-picture figures-table",
        "Figures of the clinics; no client is named or can be made out.",
    )
    yield from listing(
        "organisation:",
        Kind.REPORT,
        "report-export-file",
        "A file that a worker has written, each time it is fetched.",
        exports=True,
        how=How.FILE,
    )
    yield from nothing(
        "organisation:",
        "figures-csv figures-xlsx figures-pdf report-list report-save report-saved report-remove "
        "report-stop report-exports report-export",
        "Files have rows of their own; the rest names questions only.",
    )


def _portal() -> Iterator[tuple[str, Route]]:
    yield from about(
        "sessions:",
        Kind.OWN,
        "portal portal-growth portal-growth-chart portal-calendar portal-calendar-renew "
        "portal-calendar-stop portal-reminders portal-looked portal-copy "
        "portal-correction",
        client="herself",
        how=How.PORTAL,
    )
    yield from about(
        "sessions:",
        Kind.OWN,
        "portal-of portal-growth-of portal-growth-chart-of portal-looked-of portal-correction-of",
        how=How.PORTAL,
    )
    yield from about(
        "sessions:",
        Kind.OWN,
        "portal-cannot-come portal-come portal-make-up",
        client="visit",
        how=How.PORTAL,
    )
    yield from about("sessions:", Kind.OWN, "portal-offer", client="offer", how=How.PORTAL)
    yield from about(
        "sessions:",
        Kind.COPY,
        "portal-copy-file",
        client="herself",
        exports=True,
        how=How.FILE,
    )
    yield from nothing("sessions:", "portal-why", "The same words for everybody.")


def _clinic() -> Iterator[tuple[str, Route]]:
    yield from about(
        "clinics:",
        Kind.LOOKS,
        "looks",
        client="looked",
        reason="Everybody's, unless the question names one.",
    )
    yield from about(
        "clinics:",
        Kind.LOOKS,
        "looks-csv",
        client="looked",
        exports=True,
        how=How.FILE,
        reason="Everybody's, unless the question names one.",
    )
    yield from nothing("", "clinic_home", "Leads each to where her day begins.")
    yield from nothing(
        "clinics:",
        "settings settings-emergency settings-bring settings-reports credentials credential "
        "log-ins log-in-reset log-ins-anew log-ins-end tablet-pin people person access cover "
        "cover-end invite invitation-withdraw",
        "The clinic's numbers, its supervisors' papers, its staff with roles, log-ins and cover.",
    )


def _links() -> Iterator[tuple[str, Route]]:
    yield from about("", Kind.CALENDAR, "calendar", client="feed", how=How.LINK, within=DAY)
    yield from about(
        "", Kind.INTAKE, "answer-questions", client="questions", how=How.LINK, within=60
    )


def _table() -> dict[str, Route]:
    families = (
        *(_clients, _programs, _floor, _flags, _plans_and_letters, _desk, _reports),
        *(_portal, _clinic, _links),
    )
    found: dict[str, Route] = {}
    for family in families:
        for name, route in family():
            if name in found:
                raise ValueError(f"{name} stands twice in the table of what routes show.")
            found[name] = route
    return found


#: By the name of the route.
ROUTES: dict[str, Route] = _table()
#: Routes outside of clinics and organisations that show nothing of a client's record.
OUTSIDE: dict[str, str] = {
    "reminders": "Turns reminders off; no name is on it.",
    "falls-month": "An empty question; it names the month and the clinic only.",
    "upload": "It takes in and answers what became of it.",
}
