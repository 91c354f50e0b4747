"""What is sent to each address, and what writes nothing: read by ``test_access_routes``."""

from __future__ import annotations

#: What is typed where a request is sent with a body, beyond what the page has filled in already.
TYPED: dict[str, dict[str, str]] = {
    "clients:battery": {"tug_1": "11.2"},
    "clients:measurement": {"why": "A typing error."},
    "clients:enroll": {
        "name": "Ned M.",
        "born_on": "2 April 1958",
        "sex": "male",
        "email": "ned@example.org",
        "emergency_contact": "Mia M., 07 5550 0199",
        "cleared_by": "Dr L. H.",
        "cleared_on": "20 February 2026",
        "invite": "on",
    },
    "clients:edit": {"phone": "07 5550 0111"},
    "clients:clear": {"cleared_by": "Dr L. H.", "cleared_on": "9 March 2026", "impact_level": "1"},
    "clients:consent": {"agree-film": "on", "signed_name": "Cal P."},
    "clients:consent-text": {"title": "Photos and films"},
    "clinics:credential": {"licence": "P 13"},
    "clinics:invite": {"email": "new@example.org", "name": "New N.", "roles": "all"},
    "sessions:person-end": {"reason": "Has moved away"},
    "clinics:person": {"roles": "all", "reason": "Leads while Tess is away"},
    "programs:assign": {
        "place1__weekday": "1",
        "place1__at": "14:00",
        "place1__room": "Room 1",
        "place2__weekday": "3",
        "place2__at": "14:00",
        "place2__room": "Room 1",
    },
    "programs:phase": {"phase": "other", "criteria": "all", "reason": "Ready"},
    "programs:load": {"load": "35", "reason": "Long absence"},
    "programs:exercise": {"exercise": "other", "reason": "Knee"},
    "programs:hold": {"reason": "Sore"},
    "programs:hold_all": {"reason": "Sore"},
    "programs:release_all": {"reason": "Well again"},
    "programs:override": {"reason": "Seen clean"},
    "programs:estimate": {"load": "40", "reps": "5", "reason": "Stopped in form"},
    "programs:release": {"reason": "Well again"},
    "programs:take_back": {"reason": "Typed for another client"},
    "programs:end": {"status": "withdrawn", "kind": "transfer", "reason": "Moved away"},
    "programs:move": {"reason": "Fewer lifts"},
    "programs:add_block": {"reason": "Two falls"},
    "programs:end_block": {"reason": "Steady"},
    "programs:resume": {"reason": "Typed for another client"},
    "editor:edit": {"summary": "In our own words"},
    "sessions:flag-settings": {"do": "save", "lapsed_days": "14", "reason": "Look sooner"},
    "sessions:note": {"assessment": "Steady, by what was seen."},
    "sessions:notes": {"sign": "class"},
    "sessions:held": {"decision": "set_aside", "reason": "Entered twice"},
    "sessions:season-add": {
        "name": "Spring",
        "starts_on": "1 March 2027",
        "ends_on": "30 May 2027",
    },
    "sessions:season": {"name": "Winter"},
    "sessions:season-copy": {
        "name": "Spring",
        "starts_on": "1 March 2027",
        "ends_on": "30 May 2027",
    },
    "sessions:weekly-add": {"weekday": "1", "at": "8:00", "minutes": "30", "room": "Room 3"},
    "sessions:weekly": {"at": "16:00", "why": "After school"},
    "sessions:weekly-end": {"why": "Too few"},
    "sessions:slot-change": {"at": "10:00", "why": "The room is painted"},
    "sessions:rooms": {"name": "Studio", "places": "8"},
    "sessions:room": {"racks": "3"},
    "sessions:closures": {"name": "Labour Day", "starts_on": "4 May 2026"},
    "sessions:leave": {"starts_on": "4 May 2026", "ends_on": "8 May 2026"},
    "clients:devices": {"name": "Prodigy"},
    "clients:device": {
        "site": "total_hip",
        "done_on": "9 March 2026",
        "repeats": "0,800 0,812\n0.9 0.894",
    },
    "clients:measure-number": {"mdc": "1,1", "basis": "The smaller one."},
    "clinics:settings": {"usual_step_kg": "2", "reason": "Smaller plates"},
    "sessions:slot-call-off": {"why": "Nobody to supervise"},
    "sessions:seat-cancel": {"cause": "client"},
    "sessions:seat-following": {"at": "11:00", "why": "The bus"},
    "sessions:place-end": {"why": "Works on Mondays"},
    "sessions:pause": {"starts_on": "6 April 2026", "ends_on": "9 April 2026", "why": "Holiday"},
    "sessions:pause-resume": {},
    "sessions:event-new": {
        "what": "dizzy",
        "severity": "mild",
        "onset_at": "2026-03-12T10:00",
    },
    "sessions:fall-new": {"fell_on": "3 March 2026"},
    "sessions:fall": {"fell_on": "4 March 2026"},
    "sessions:falls-asked": {"how_many": "0"},
    "sessions:letters": {"first": "5 March 2026", "last": "13 March 2026"},
    "sessions:letter": {"part__plan": "We go on."},
    "sessions:companion-give": {
        "name": "Dora P.",
        "email": "dora@example.org",
        "consent": "Agreed at the desk.",
    },
}
SENT: dict[str, dict[str, str]] = {
    "clients:import": {
        "step": "reading",
        "encoding": "utf-8",
        "separator": ",",
        "decimal": ".",
        "dates": "iso",
    },
    "account_request_login_code": {"login": "ana@example.org", "email": "ana@example.org"},
    "clients:list": {"q": "cal", "show": "all"},
    "clinics:looks": {"q": "cal"},
    "clinics:tablet-pin": {"pin": "8352", "again": "8352"},
    "log_ins": {"end": "others"},
    "clinics:log-in-reset": {"reason": "Telephone lost"},
    "clinics:cover": {
        "therapist": "therapist",
        "colleague": "lead",
        "starts_on": "4 May 2026",
        "ends_on": "8 May 2026",
        "reason": "On leave",
    },
    "sessions:log-set": {"done": "5", "load": "40", "number": "2"},
    "sessions:correct-set": {"load": "37.5", "reps": "4", "revision": "1"},
    "sessions:check-in": {"well": "1"},
    "clinics:settings-emergency": {"emergency_plan": "Call 000.", "phone": "07 5550 0100"},
    "reminders": {"reminders": "off"},
    "falls-month": {"how_many": "0"},
    "answer-questions": {"born_on": "2 April 1958"},
    "clients:screening-new": {"how": "send"},
    "clients:screening": {"revision": "1", "q_leak": "yes"},
    "clients:screening-confirm": {"revision": "1"},
    "sessions:letter-sign": {"revision": "0"},
    "sessions:portal-reminders": {"reminders": "off"},
    "clients:device-moved": {"why": "To another room."},
    "clinics:settings-bring": {"what_to_bring": "Flat shoes."},
    "clinics:settings-reports": {"headline": "A1", "therapists_see": "clinic"},
    "sessions:portal-offer": {"answer": "decline"},
    "sessions:own-calendar": {"link": "make"},
    "sessions:room-calendar": {"link": "make"},
    "sessions:report-save": {"report": "dose", "query": "", "name": "Board", "monthly": "on"},
    "sessions:report": {"what": "dizzy", "severity": "mild"},
    "sessions:release": {"clinician": "Dr L. H.", "finding": "No fracture."},
    "clients:start-without": {
        "clinician": "Dr L. H.",
        "reason": "The letter is on its way.",
        "until": "20 March 2026",
    },
    "clients:landing": {
        "level": "3",
        "clinician": "Dr L. H.",
        "reason": "Strong.",
    },
    "clients:release": {"clinician": "Dr L. H.", "finding": "No fracture."},
    "clients:away": {"away": "fall"},
    "clients:retention-decide": {
        "kind": "keep",
        "until": "1 March 2030",
        "reason": "A claim is open.",
    },
    "clients:correction": {"answer": "noted", "words": "It stands beside it now."},
    **{
        name: {"part": "tests", "wrong": "My height.", "right": "162 cm."}
        for name in ("sessions:portal-correction", "sessions:portal-correction-of")
    },
    "clients:document-remove": {"why": "Of another"},
    "clients:consent-withdraw": {"why": "Too much"},
    "sessions:rescreen": {"found": "No change."},
    "sessions:say": {"status": "excused"},
    "editor:copy": {"name": "Another"},
    "editor:publish": {"revision": "1"},
    "sessions:flag-answer": {"status": "late_cancel"},
    "sessions:flag-resolve": {"resolution": "called"},
    "sessions:flag-put-off": {"until": "20 March 2026", "why": "On holiday"},
    "sessions:flag-hand-over": {"to": "colleague", "word": "She is yours"},
    "sessions:seat-book": {"q": "cal"},
    "sessions:desk-people": {"q": "cal"},
    "sessions:reminders": {"wanted": "no"},
}
#: POST that writes nothing, on purpose: a search is posted so that no name stands in an address,
#: and a form is no list of operations, no walk-in and no number of a tablet (those are in
#: tests/sessions/test_board_operations.py, test_walk_ins.py and test_upload_tokens.py).
WRITES_NOTHING = {
    # Without a log-in of just now; tests/record/test_copies.py has one.
    *("clients:copy", "sessions:portal-copy"),
    "clinics:log-ins-anew",  # counters are no rows; tests/test_locks_nobody_out.py
    "clients:imports",  # tests/clients/imports send a file
    "answer-questions",
    *("sessions:desk-people", "sessions:seat-book", "clinics:looks"),
    "sessions:flag-read",  # without a flag; tests/sessions/test_flag_list.py reads one
    "clients:document-add",  # without a file, which is in tests/clients/test_documents.py
    *("clients:list", "sessions:board-send", "sessions:walk-in", "sessions:board-prepare"),
}
#: Who has nothing to do there: Cal has a calendar link already, and Cam has none to turn off.
#: Which of the free places is tapped is in tests/portal/test_a_make_up.py and tests/desk; there
#: is the booking of who was found, too. Ana gave the seat up, so only she undoes that.
IDLE = {
    "sessions:portal-calendar": ["cal"],
    "sessions:portal-calendar-stop": ["cam"],
    "sessions:portal-make-up": ["cal"],
    "sessions:seat-move": ["ana", "tess", "lin", "ada", "dee"],
    "sessions:make-up": ["ana", "tess", "lin", "ada", "dee"],
    "sessions:seat-undo": ["tess", "lin", "ada", "dee"],
    # Too few agreed to research in that clinic; tests/reports/test_exports.py has enough.
    "sessions:report-make": ["lin", "ada"],
}
#: What stands behind the question mark, where an address without it says nothing.
QUERIES = {
    "sessions:report-save": "?report=dose",
    "sessions:figures-behind": "?table=clients&row=total&column=planned",
}
#: A file is written down before its first byte leaves, by the GET that asks for it.
WRITTEN_BY_A_GET = {
    **{f"sessions:figures-{form}": ["training_reportexport"] for form in ("csv", "xlsx", "pdf")},
    "clients:copy-file": ["clients_recordcopy"],
    "sessions:portal-copy-file": ["clients_recordcopy"],
}
