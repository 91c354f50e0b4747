"""Every page of the loop, in each of its states: who opens it, and what is done to get there."""

from __future__ import annotations

import re
from uuid import uuid4

from playwright.sync_api import Page

from tests.e2e import desk_pages as desk
from tests.e2e.flag_pages import FLAG_PAGES
from tests.e2e.import_pages import IMPORT_PAGES
from tests.e2e.log_in_pages import LOG_IN_PAGES
from tests.e2e.opening import Open, client_of, goes, sent_empty
from tests.e2e.outcome_pages import OUTCOME_PAGES
from tests.e2e.paper_pages import PAPER_PAGES
from tests.e2e.report_pages import REPORT_PAGES
from tests.e2e.screening_pages import SCREENING_PAGES


def visit_of(name: str, *, lift: str = "", then: Open | None = None) -> Open:
    """The visit of today of somebody who is on the floor now."""

    def open_it(page: Page) -> None:
        page.goto("/c/harbour/today/")
        page.locator(".slot-people a").filter(has_text=name).first.click()
        page.wait_for_load_state()
        if lift:
            page.goto(f"{page.url.split('?')[0]}?lift={lift}")
        if then:
            then(page)

    return open_it


def on_the_board(*taps: str) -> Open:
    """The class that is on now, drawn on the tablet; ``taps`` open something of it."""

    def open_it(page: Page) -> None:
        page.goto("/c/harbour/floor/")
        page.locator(".lane").first.wait_for()
        for tap in taps:
            page.locator(tap).first.click()

    return open_it


#: From the lanes of the class that is on: the class after it, and a stop that is not tapped.
NEXT_CLASS = ".tab[aria-current] + .tab"
PICK = '.lane-panel [data-name="{}"][data-value="{}"]'.format


def a_class_to_change(page: Page) -> None:
    page.goto("/c/harbour/week/leave/")
    page.get_by_role("link", name="Change").first.click()
    page.get_by_role("heading", name="Change ").wait_for()


def wrong_load(page: Page) -> None:
    page.locator('[name="load"]').first.fill("heavy")
    page.locator("button.done").first.click()
    page.locator("#load-wrong").wait_for()


def the_questions(page: Page) -> None:
    """Every question on arrival, with a pain whose kind nobody has said."""
    page.locator(".arrival summary").click()
    page.locator('.arrival label:has([name="now"][value="3"])').click()
    page.locator('[name="now_site"]').select_option("lower_back")


def the_questions_sent(page: Page) -> None:
    the_questions(page)
    page.get_by_role("button", name="Save the answers").click()
    page.locator(".arrival .wrong").first.wait_for()


def of_the_visit(name: str, part: str, *, then: Open | None = None) -> Open:
    """A page below the visit of today of somebody who is on the floor now."""

    def open_it(page: Page) -> None:
        visit_of(name)(page)
        page.goto(f"{page.url.split('?')[0]}{part}")
        if then:
            then(page)

    return open_it


def a_stop(page: Page) -> None:
    """The second tap would stop somebody whom the other tests want to see lift."""
    page.get_by_text(re.compile("^Stop ")).first.click()
    page.get_by_role("button", name="Stop now").wait_for()


def a_reported_visit(page: Page) -> None:
    client_of("Mei L.")(page)
    page.locator('[aria-labelledby="reports"] a').first.click()
    page.get_by_role("heading", name="Adverse events").first.wait_for()


def a_report_corrected(page: Page) -> None:
    a_reported_visit(page)
    page.get_by_role("link", name=re.compile("^Correct ?:")).first.click()
    page.get_by_role("button", name="Save the correction").wait_for()


def a_letter(page: Page) -> None:
    """A draft about the last months, made anew each time."""
    client_of("Mei L.", "letters/")(page)
    page.get_by_role("button", name="Draft the letter").click()
    page.get_by_role("heading", name="Edit the draft").wait_for()


def an_empty_letter(page: Page) -> None:
    a_letter(page)
    page.get_by_label("To", exact=True).fill("")
    page.get_by_role("button", name="Save the draft").click()
    page.locator(".wrong:visible").first.wait_for()


def a_correction(page: Page) -> None:
    page.get_by_role("link", name=re.compile("^Correct set")).first.click()
    page.get_by_role("button", name="Save the correction").wait_for()


def the_history(page: Page) -> None:
    page.get_by_role("link", name="All that became of this visit").click()
    page.locator("ol.story").first.wait_for()


def the_code(page: Page) -> None:
    """The page after the address, of nobody: codes for one address are few a minute."""
    page.goto("/login/")
    page.get_by_label("E-mail address").fill(f"nobody-{uuid4().hex}@harbour.example")
    page.get_by_role("button", name="Send me the code").click()
    page.get_by_label(re.compile("Code")).wait_for()


def a_wrong_code(page: Page) -> None:
    the_code(page)
    page.get_by_label(re.compile("Code")).fill("000000")
    page.get_by_role("button", name="Log in").click()
    page.locator(".wrong:visible").first.wait_for()


def a_calendar_link(page: Page) -> None:
    page.goto("/c/harbour/my/calendar/")
    page.get_by_role("button").filter(has_text=re.compile("link", re.I)).first.click()
    page.locator("#address").wait_for()


def cannot_come(page: Page) -> None:
    """What it means; the tap that does it would take the session from the other tests."""
    page.goto("/c/harbour/my/")
    page.get_by_role("link", name="I can’t come").last.click()
    page.get_by_role("button", name="Yes, I can’t come").wait_for()


def what_she_lifted(page: Page) -> None:
    page.goto("/c/harbour/my/growth/")
    page.locator("figure svg").wait_for()


def what_her_mother_lifted(page: Page) -> None:
    page.goto("/c/harbour/my/")
    page.get_by_role("link", name="What was lifted").click()
    page.locator("figure svg").wait_for()


def a_program(page: Page) -> None:
    page.goto("/c/harbour/programs/")
    page.locator(".shelf a").first.click()
    page.locator(".read-lines summary").first.click()


def the_notes(page: Page) -> None:
    """The notes of the class that is over, none of them signed yet."""
    page.goto("/c/harbour/floor/notes/")
    page.get_by_role("button", name=re.compile("^Sign all")).wait_for()


def an_empty_plan(page: Page) -> None:
    the_notes(page)
    page.locator('textarea[name$="-plan"]').first.fill("")
    page.get_by_role("button", name=re.compile("^Sign this note")).first.click()
    page.locator(".wrong").first.wait_for()


def note_of(name: str) -> Open:
    def open_it(page: Page) -> None:
        visit_of(name)(page)
        page.get_by_role("link", name="The note").click()
        page.get_by_role("heading", name=re.compile("note$")).wait_for()

    return open_it


def an_old_note(page: Page) -> None:
    """The last of a client's notes: a week or so ago, and signed."""
    client_of("Mei L.")(page)
    page.get_by_role("link", name=re.compile("^note")).last.click()
    page.locator("main details summary").first.click()
    page.get_by_label("Why is it changed").wait_for()


def an_old_visit(page: Page) -> None:
    """Something was lifted long ago, and a set of it is about to be taken back."""
    an_old_note(page)
    page.get_by_role("link", name="Back to the visit").click()
    page.locator(".take-back summary").first.click()


HILL = "/c/hill/"

#: (who, what) -> how to get there. "" is nobody in particular.
PAGES: dict[tuple[str, str], Open] = {
    ("", "the demo's people"): goes("/demo/"),
    ("", "the demo's mails"): goes("/demo/mail/"),
    ("", "log in"): goes("/login/"),
    ("", "log in, nothing typed"): sent_empty(goes("/login/"), "Send me the code"),
    ("", "the code"): the_code,
    ("", "a wrong code"): a_wrong_code,
    ("", "a link that does not work"): goes("/login/link/gone/"),
    ("Ana", "her passkeys"): goes("/passkeys/"),
    ("Ana", "a passkey where none can be made"): goes("/passkeys/add/"),
    ("Ana", "log in once more"): goes("/login/again/?next=/passkeys/add/"),
    ("Mira", "today"): goes("/c/harbour/today/"),
    ("Mira", "a day without classes"): goes("/c/harbour/today/?day=2031-01-05"),
    ("Mira", "a visit, the next set"): visit_of("Ana R."),
    ("Mira", "a visit, the questions on arrival"): visit_of("Ana R.", then=the_questions),
    ("Mira", "a visit, an answer without its kind"): visit_of("Ana R.", then=the_questions_sent),
    ("Mira", "a visit, a load to confirm"): visit_of("Ruth K."),
    ("Mira", "a visit, a lift that is done"): visit_of("Mei L.", lift="hinge"),
    ("Mira", "a visit, landings"): visit_of("Ana R.", lift="impact"),
    ("Mira", "a visit, a wrong load"): visit_of("Mei L.", lift="press", then=wrong_load),
    ("Mira", "a visit, a correction"): visit_of("Mei L.", lift="hinge", then=a_correction),
    ("Mira", "a visit that is over"): visit_of("Nora F."),
    ("Mira", "the history of a visit"): visit_of("Mei L.", then=the_history),
    ("Mira", "a visit to come"): visit_of("Hugh N."),
    ("Mira", "a visit, a stop"): visit_of("Mei L.", then=a_stop),
    ("Mira", "a visit with a report"): a_reported_visit,
    ("Mira", "a report"): of_the_visit("Mei L.", "report/"),
    ("Mira", "a report, nothing typed"): sent_empty(
        of_the_visit("Mei L.", "report/"), "Save the report"
    ),
    ("Mira", "a report, corrected"): a_report_corrected,
    ("", "a monthly question that does not work"): goes("/falls/gone/"),
    ("Mira", "the adverse events of a client"): client_of("Mei L.", "events/"),
    ("Mira", "an event by hand, nothing typed"): sent_empty(
        client_of("Mei L.", "events/new/"), "Save the report"
    ),
    ("Mira", "the falls of a client"): client_of("Mei L.", "falls/"),
    ("Mira", "a fall, nothing typed"): sent_empty(
        client_of("Mei L.", "falls/new/"), "Record the fall"
    ),
    ("Mira", "the letters about a client"): client_of("Mei L.", "letters/"),
    ("Mira", "a letter"): a_letter,
    ("Mira", "a letter to nobody"): an_empty_letter,
    ("Mira", "how often something happens"): goes("/c/harbour/reports/safety/"),
    ("Mira", "clients"): goes("/c/harbour/clients/"),
    ("Mira", "tests and scans due"): goes("/c/harbour/due/"),
    ("Mira", "enroll"): goes("/c/harbour/clients/enroll/"),
    ("Mira", "enroll, nothing typed"): sent_empty(goes("/c/harbour/clients/enroll/"), "Enroll"),
    ("Mira", "a client"): client_of("Mei L."),
    ("Mira", "a clearance"): client_of("Mei L.", "clearance/"),
    ("Mira", "an intake"): client_of("Mei L.", "intake/"),
    ("Mira", "an intake that lacks a letter"): client_of("Klara U.", "intake/"),
    ("Mira", "edit a client"): client_of("Mei L.", "edit/"),
    ("Mira", "the phase"): client_of("Mei L.", "plan/phase/"),
    ("Mira", "another load"): client_of("Mei L.", "plan/hinge/load/"),
    ("Mira", "another exercise"): client_of("Mei L.", "plan/hinge/exercise/"),
    ("Mira", "a hold"): client_of("Mei L.", "plan/hinge/hold/"),
    ("Mira", "a hold of every lift"): client_of("Mei L.", "plan/hold/"),
    ("Mira", "past the gate"): client_of("Mei L.", "plan/hinge/override/"),
    ("Mira", "a technical 5RM, nothing typed"): sent_empty(
        client_of("Mei L.", "plan/hinge/estimate/"), "Record it"
    ),
    ("Mira", "the floor board"): on_the_board(),
    ("Mira", "the sets of a lane"): on_the_board('[data-act="sets"]'),
    ("Mira", "another load on the board"): on_the_board('[data-act="other"]'),
    ("Mira", "a stop on the board"): on_the_board('[data-act="stop"]'),
    ("Mira", "the end of a class"): on_the_board('[data-sheet="finish"]'),
    ("Mira", "who is on the floor"): on_the_board('[data-sheet="people"]'),
    ("Mira", "the plates, on the board"): on_the_board('[data-sheet="plates"]'),
    ("Mira", "a class that nobody has come to"): on_the_board(NEXT_CLASS),
    ("Mira", "what is new, on the board"): on_the_board(
        NEXT_CLASS,
        '[data-act="ask"]',
        PICK("next_day", "3"),
        PICK("next_day_site", "lower_back"),
        PICK("dizzy", "yes"),
        '[data-act="arrived"]',
    ),
    ("Mira", "a report on the board, nothing chosen"): on_the_board(
        '[data-act="stop"]', '.lane-panel [data-act="report"]', '[data-act="report-now"]'
    ),
    ("Mira", "the plates of a class"): goes("/c/harbour/floor/plates/"),
    ("Mira", "the notes of a class"): the_notes,
    ("Mira", "a class, an empty part of a note"): an_empty_plan,
    ("Mira", "a note to sign"): note_of("Nora F."),
    ("Mira", "a signed note, to be amended"): an_old_note,
    ("Mira", "a visit that was signed long ago"): an_old_visit,
    ("Mira", "a page that is not there"): goes("/c/harbour/nothing/"),
    ("Mira", "a page that she may not see"): goes("/c/harbour/clients/devices/"),
    ("Mira", "the week"): goes("/c/harbour/week/"),
    ("Mira", "the timetable"): goes("/c/harbour/week/timetable/"),
    ("Mira", "a weekly class, nothing typed"): sent_empty(
        goes("/c/harbour/week/timetable/1/classes/add/"), "Add the class"
    ),
    ("Mira", "one class to change"): a_class_to_change,
    ("Mira", "the rooms"): goes("/c/harbour/week/rooms/"),
    ("Mira", "closed days, nothing typed"): sent_empty(
        goes("/c/harbour/week/closures/"), "Close these days"
    ),
    ("Mira", "leave"): goes("/c/harbour/week/leave/"),
    ("Jana", "a week without a timetable"): goes("/c/hill/week/?day=2031-01-05"),
    ("Lea", "the report"): goes("/c/harbour/reports/adherence/"),
    ("Lea", "a report of nothing"): goes(
        "/c/harbour/reports/adherence/?from=2015-01-01&to=2015-02-01"
    ),
    ("Lea", "a report of wrong days"): goes("/c/harbour/reports/adherence/?from=31+02+2026"),
    ("Lea", "the programs"): goes("/c/harbour/programs/"),
    ("Lea", "a program"): a_program,
    ("Lea", "settings"): goes("/c/harbour/settings/"),
    ("Lea", "bone scanners"): goes("/c/harbour/clients/devices/"),
    ("Lea", "numbers of the measures"): goes("/c/harbour/clients/measures/"),
    ("Lea", "numbers of one measure"): goes("/c/harbour/clients/measures/sts5/"),
    ("Nell", "a class of the week"): desk.a_class(),
    ("Nell", "somebody found for a class"): desk.somebody_found,
    ("Nell", "somebody booked into a class"): desk.somebody_chosen,
    ("Nell", "a class called off, nothing typed"): sent_empty(
        desk.a_class("call-off/"), "Call it off"
    ),
    ("Nell", "messages to clients"): goes("/c/harbour/messages/"),
    ("Nell", "find a client"): goes("/c/harbour/bookings/"),
    ("Nell", "the bookings of a client"): desk.bookings_of("Mei L."),
    ("Nell", "a session to make up"): desk.bookings_of("Carl D."),
    ("Nell", "a make-up"): desk.next_visit_of("Carl D.", desk.MISSED),
    ("Nell", "a seat"): desk.a_seat,
    ("Nell", "a seat to cancel"): desk.next_visit_of("Mei L.", "Cancel"),
    ("Nell", "a seat to cancel, nothing chosen"): sent_empty(
        desk.next_visit_of("Mei L.", "Cancel"), "Cancel this visit"
    ),
    ("Nell", "a seat to move"): desk.next_visit_of("Mei L.", "Move"),
    ("Nell", "a weekly place to move"): desk.a_weekly_place,
    ("Nell", "leave, nothing typed"): sent_empty(
        desk.bookings_of("Mei L.", "pause/"), "Plan the leave"
    ),
    ("Nell", "the messages of a client"): desk.bookings_of("Ana R.", "contact/"),
    ("Nell", "a companion, nothing typed"): sent_empty(
        desk.bookings_of("Mei L.", "companions/"), "Let her look"
    ),
    ("Nell", "what became of seats"): desk.bookings_of("Mei L.", "history/"),
    ("Ana", "the portal"): goes("/c/harbour/my/"),
    ("Ana", "her calendar"): goes("/c/harbour/my/calendar/"),
    ("Ana", "the link of her calendar"): a_calendar_link,
    ("Ana", "what she lifted"): what_she_lifted,
    ("Ana", "what she lifted, the picture"): goes("/c/harbour/my/growth/chart/"),
    ("Ana", "why heavy"): goes("/c/harbour/my/why/"),
    ("Ana", "can’t come"): cannot_come,
    ("Ana", "log out"): goes("/logout/"),
    ("Sara", "her mother’s page"): goes("/c/harbour/my/"),
    ("Sara", "what her mother lifted"): what_her_mother_lifted,
    ("Mira", "her classes in her calendar"): goes("/c/harbour/calendar/"),
    **OUTCOME_PAGES,
    **FLAG_PAGES,
    **IMPORT_PAGES,
    **LOG_IN_PAGES,
    **PAPER_PAGES,
    **REPORT_PAGES,
    **SCREENING_PAGES,
}
