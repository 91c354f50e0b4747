"""Who gets in where, as a table, and what is sent: read by ``test_access_routes``."""

from __future__ import annotations

#: Ana and Tess treat at Northside, Ada administers it, Dee is at its desk, Cal and Cam train there,
#: Con is Cal's companion. Otto treats and Olga trains at Harbor. Lea has left Northside, Nobody is
#: in no clinic. "login": to that page.
TABLE = """
route                        method   ana  tess   ada   dee   cal   cam   con  otto  olga   lea nobody anonymous
home                         GET    302   302   302   302   302   302   302   302   302   403    403     login
clinic_home                  GET    302   302   302   302   302   302   302   404   404   404    404     login
account_login                GET  login login login login login login login login login login  login     login
account_request_login_code   GET    302   302   302   302   302   302   302   302   302   302    302       200
account_request_login_code   POST   302   302   302   302   302   302   302   302   302   302    302       302
account_confirm_login_code   GET    302   302   302   302   302   302   302   302   302   302    302     login
account_confirm_login_code   POST   302   302   302   302   302   302   302   302   302   302    302     login
account_inactive             GET    200   200   200   200   200   200   200   200   200   200    200       200
account_logout               GET    200   200   200   200   200   200   200   200   200   200    200       302
account_logout               POST   302   302   302   302   302   302   302   302   302   302    302       302
login_link                   GET    200   200   200   200   302   200   200   200   200   200    200       200
login_link                   POST   302   302   302   302   302   302   302   302   302   302    302       302
passkey_login                GET    302   302   302   302   302   302   302   302   302   302    302       200
passkey_login                POST   302   302   302   302   302   302   302   302   302   302    302     login
log_in_again                 GET    200   200   200   200   200   200   200   200   200   200    200     login
log_in_again                 POST   302   302   302   302   302   302   302   302   302   302    302     login
passkeys                     GET    200   200   200   200   200   200   200   200   200   200    200     login
passkey_add                  GET    302   302   302   302   302   302   302   302   302   302    302     login
passkey_add                  POST   302   302   302   302   302   302   302   302   302   302    302     login
passkey_remove               GET    302   302   302   302   302   302   302   302   302   302    302     login
passkey_remove               POST   302   302   302   302   302   302   302   302   302   302    302     login
calendar                     GET    200   200   200   200   200   200   200   200   200   200    200       200
reminders                    GET    200   200   200   200   200   200   200   200   200   200    200       200
reminders                    POST   302   302   302   302   302   302   302   302   302   302    302       302
upload                       POST   401   401   401   401   401   401   401   401   401   401    401       401
service-worker               GET    200   200   200   200   200   200   200   200   200   200    200       200
manifest                     GET    200   200   200   200   200   200   200   200   200   200    200       200
healthz                      GET    200   200   200   200   200   200   200   200   200   200    200       200
readyz                       GET    200   200   200   200   200   200   200   200   200   200    200       200
beats                        GET    200   200   200   200   200   200   200   200   200   200    200       200
admin                        GET  login login login login login login login login login login  login     login

sessions:today               GET    200   200   403   403   403   403   403   404   404   404    404     login
sessions:visit               GET    200   200   403   403   403   403   403   404   404   404    404     login
sessions:visit-history       GET    200   200   403   403   403   403   403   404   404   404    404     login
sessions:check-in            POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:release             POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:stop                POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:report              GET    200   200   403   403   403   403   403   404   404   404    404     login
sessions:report              POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:report-review       POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:rescreen            POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:log-set             POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:correct-set         POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:confirm-set         POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:void-set            POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:complete            POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:say                 POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:reopen              POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:note                GET    200   200   403   403   403   403   403   404   404   404    404     login
sessions:note                POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:notes               GET    200   200   403   403   403   403   403   404   404   404    404     login
sessions:notes               POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:board               GET    200   200   403   403   403   403   403   404   404   404    404     login
sessions:board-day           GET    200   200   403   403   403   403   403   404   404   404    404     login
sessions:board-send          POST   400   400   403   403   403   403   403   404   404   404    404     login
sessions:people              GET    400   400   403   403   403   403   403   404   404   404    404     login
sessions:walk-in             POST   400   400   403   403   403   403   403   404   404   404    404     login
sessions:plates              GET    200   200   403   403   403   403   403   404   404   404    404     login
sessions:board-prepare       POST   400   400   403   403   403   403   403   404   404   404    404     login
sessions:flags               GET    200   200   403   403   403   403   403   404   404   404    404     login
sessions:flag-answer         POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:flag-resolve        POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:timeline            GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:timeline-chart      GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:preview             GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:preview-chart       GET    200   200   200   403   403   403   403   404   404   404    404     login

clients:list                 GET    200   200   200   403   403   403   403   404   404   404    404     login
clients:list                 POST   200   200   200   403   403   403   403   404   404   404    404     login
clients:client               GET    200   200   200   403   403   403   403   404   404   404    404     login
clients:enroll               GET    200   200   403   403   403   403   403   404   404   404    404     login
clients:enroll               POST   302   302   403   403   403   403   403   404   404   404    404     login
clients:edit                 GET    200   200   403   403   403   403   403   404   404   404    404     login
clients:edit                 POST   302   302   403   403   403   403   403   404   404   404    404     login
clients:clear                GET    200   200   403   403   403   403   403   404   404   404    404     login
clients:clear                POST   302   302   403   403   403   403   403   404   404   404    404     login
clients:release              POST   302   302   403   403   403   403   403   404   404   404    404     login
clients:away                 POST   302   302   403   403   403   403   403   404   404   404    404     login
clients:invite               POST   302   302   403   403   403   403   403   404   404   404    404     login
clients:send-login           POST   302   302   302   302   403   403   403   404   404   404    404     login

programs:assign              GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:assign              POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:phase               GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:phase               POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:load                GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:load                POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:exercise            GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:exercise            POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:hold                GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:hold                POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:hold_all            GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:hold_all            POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:release_all         GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:release_all         POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:override            GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:override            POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:estimate            GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:estimate            POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:release             GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:release             POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:take_back           GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:take_back           POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:end                 GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:end                 POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:move                GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:move                POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:add_block           GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:add_block           POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:end_block           GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:end_block           POST   302   302   403   403   403   403   403   404   404   404    404     login
programs:resume              GET    200   200   403   403   403   403   403   404   404   404    404     login
programs:resume              POST   302   302   403   403   403   403   403   404   404   404    404     login

editor:list                  GET    200   200   200   403   403   403   403   404   404   404    404     login
editor:program               GET    200   200   200   403   403   403   403   404   404   404    404     login
editor:version               GET    200   200   200   403   403   403   403   404   404   404    404     login
editor:copy                  POST   302   302   302   403   403   403   403   404   404   404    404     login
editor:start                 POST   302   302   302   403   403   403   403   404   404   404    404     login
editor:edit                  GET    200   200   200   403   403   403   403   404   404   404    404     login
editor:edit                  POST   302   302   302   403   403   403   403   404   404   404    404     login
editor:compare               GET    200   200   200   403   403   403   403   404   404   404    404     login
editor:publish               POST   302   302   302   403   403   403   403   404   404   404    404     login
editor:discard               POST   302   302   302   403   403   403   403   404   404   404    404     login

sessions:adherence           GET    403   403   200   403   403   403   403   404   404   404    404     login
sessions:adherence-csv       GET    403   403   200   403   403   403   403   404   404   404    404     login
sessions:held                GET    403   403   200   403   403   403   403   404   404   404    404     login
sessions:held                POST   403   403   302   403   403   403   403   404   404   404    404     login
clinics:settings             GET    403   403   200   403   403   403   403   404   404   404    404     login
clinics:settings             POST   403   403   302   403   403   403   403   404   404   404    404     login
clinics:settings-emergency   POST   403   403   302   403   403   403   403   404   404   404    404     login

sessions:week                GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:timetable           GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:season-add          GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:season-add          POST   302   302   302   403   403   403   403   404   404   404    404     login
sessions:season              GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:season              POST   302   302   302   403   403   403   403   404   404   404    404     login
sessions:season-copy         GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:season-copy         POST   302   302   302   403   403   403   403   404   404   404    404     login
sessions:weekly-add          GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:weekly-add          POST   302   302   302   403   403   403   403   404   404   404    404     login
sessions:weekly              GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:weekly              POST   302   302   302   403   403   403   403   404   404   404    404     login
sessions:weekly-end          GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:weekly-end          POST   302   302   302   403   403   403   403   404   404   404    404     login
sessions:slot-change         GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:slot-change         POST   302   302   302   403   403   403   403   404   404   404    404     login
sessions:rooms               GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:rooms               POST   302   302   302   403   403   403   403   404   404   404    404     login
sessions:room                GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:room                POST   302   302   302   403   403   403   403   404   404   404    404     login
sessions:closures            GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:closures            POST   302   302   302   403   403   403   403   404   404   404    404     login
sessions:leave               GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:leave               POST   302   302   302   403   403   403   403   404   404   404    404     login
sessions:closure-reopen      POST   302   302   302   403   403   403   403   404   404   404    404     login
sessions:leave-end           POST   302   302   302   403   403   403   403   404   404   404    404     login

sessions:notices             GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:notice-seen         POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:notice-again        POST   302   302   302   302   403   403   403   404   404   404    404     login

sessions:slot                GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:seat-book           GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:seat-book           POST   200   200   200   200   403   403   403   404   404   404    404     login
sessions:slot-call-off       GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:slot-call-off       POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:slot-hold           POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:seat                GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:seat-cancel         GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:seat-cancel         POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:seat-move           GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:seat-move           POST   422   422   422   422   403   403   403   404   404   404    404     login
sessions:seat-following      GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:seat-following      POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:seat-restore        POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:seat-undo           POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:waiting-offer       GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:waiting-offer       POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:waiting-accept      POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:waiting-remove      POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:desk-people         GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:desk-people         POST   200   200   200   200   403   403   403   404   404   404    404     login
sessions:bookings            GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:seat-history        GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:make-up             GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:make-up             POST   422   422   422   422   403   403   403   404   404   404    404     login
sessions:place-end           GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:place-end           POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:pause               GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:pause               POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:pause-resume        GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:pause-resume        POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:contact             GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:reminders           POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:companion-give      GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:companion-give      POST   302   302   302   302   403   403   403   404   404   404    404     login
sessions:companion-end       GET    200   200   200   200   403   403   403   404   404   404    404     login
sessions:companion-end       POST   302   302   302   302   403   403   403   404   404   404    404     login

sessions:portal              GET    403   403   403   403   200   200   302   404   404   404    404     login
sessions:portal-calendar     GET    403   403   403   403   200   200   403   404   404   404    404     login
sessions:portal-calendar     POST   403   403   403   403   302   302   403   404   404   404    404     login
sessions:portal-calendar-renew GET    403   403   403   403   200   200   403   404   404   404    404     login
sessions:portal-calendar-renew POST   403   403   403   403   302   302   403   404   404   404    404     login
sessions:portal-calendar-stop GET    403   403   403   403   200   200   403   404   404   404    404     login
sessions:portal-calendar-stop POST   403   403   403   403   302   302   403   404   404   404    404     login
sessions:portal-why          GET    403   403   403   403   200   200   200   404   404   404    404     login
sessions:portal-of           GET    403   403   403   403   404   404   200   404   404   404    404     login
sessions:portal-growth       GET    403   403   403   403   200   200   404   404   404   404    404     login
sessions:portal-growth-chart GET    403   403   403   403   200   404   404   404   404   404    404     login
sessions:portal-growth-of    GET    403   403   403   403   404   404   200   404   404   404    404     login
sessions:portal-growth-chart-of GET    403   403   403   403   404   404   200   404   404   404    404     login
sessions:portal-cannot-come  GET    403   403   403   403   200   404   403   404   404   404    404     login
sessions:portal-cannot-come  POST   403   403   403   403   302   404   403   404   404   404    404     login
sessions:portal-come         POST   403   403   403   403   302   404   403   404   404   404    404     login
sessions:portal-reminders    POST   403   403   403   403   302   302   403   404   404   404    404     login
sessions:portal-make-up      GET    403   403   403   403   200   404   403   404   404   404    404     login
sessions:portal-make-up      POST   403   403   403   403   422   404   403   404   404   404    404     login
sessions:portal-offer        GET    403   403   403   403   200   404   403   404   404   404    404     login
sessions:portal-offer        POST   403   403   403   403   302   404   403   404   404   404    404     login
sessions:own-calendar        GET    200   200   403   403   403   403   403   404   404   404    404     login
sessions:own-calendar        POST   302   302   403   403   403   403   403   404   404   404    404     login
sessions:room-calendar       GET    200   200   200   403   403   403   403   404   404   404    404     login
sessions:room-calendar       POST   302   302   302   403   403   403   403   404   404   404    404     login
clinics:settings-bring       POST   403   403   302   403   403   403   403   404   404   404    404     login
"""

#: What is typed where a request is sent with a body, beyond what the page has filled in already.
TYPED: dict[str, dict[str, str]] = {
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
    "programs:end": {"status": "withdrawn", "reason": "Moved away"},
    "programs:move": {"reason": "Fewer lifts"},
    "programs:add_block": {"reason": "Two falls"},
    "programs:end_block": {"reason": "Steady"},
    "programs:resume": {"reason": "Typed for another client"},
    "editor:edit": {"summary": "In our own words"},
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
    "clinics:settings": {"usual_step_kg": "2", "reason": "Smaller plates"},
    "sessions:slot-call-off": {"why": "Nobody to supervise"},
    "sessions:seat-cancel": {"cause": "client"},
    "sessions:seat-following": {"at": "11:00", "why": "The bus"},
    "sessions:place-end": {"why": "Works on Mondays"},
    "sessions:pause": {"starts_on": "6 April 2026", "ends_on": "9 April 2026", "why": "Holiday"},
    "sessions:pause-resume": {},
    "sessions:companion-give": {
        "name": "Dora P.",
        "email": "dora@example.org",
        "consent": "Agreed at the desk.",
    },
}
SENT: dict[str, dict[str, str]] = {
    "account_request_login_code": {"login": "ana@example.org", "email": "ana@example.org"},
    "clients:list": {"q": "cal", "show": "all"},
    "sessions:log-set": {"done": "5", "load": "40", "number": "2"},
    "sessions:correct-set": {"load": "37.5", "reps": "4", "revision": "1"},
    "sessions:check-in": {"well": "1"},
    "clinics:settings-emergency": {"emergency_plan": "Call 000.", "phone": "07 5550 0100"},
    "reminders": {"reminders": "off"},
    "sessions:portal-reminders": {"reminders": "off"},
    "clinics:settings-bring": {"what_to_bring": "Flat shoes."},
    "sessions:portal-offer": {"answer": "decline"},
    "sessions:own-calendar": {"link": "make"},
    "sessions:room-calendar": {"link": "make"},
    "sessions:report": {"what": "dizzy", "severity": "mild"},
    "sessions:release": {"clinician": "Dr L. H.", "finding": "No fracture."},
    "clients:release": {"clinician": "Dr L. H.", "finding": "No fracture."},
    "clients:away": {"away": "fall"},
    "sessions:rescreen": {"found": "No change."},
    "sessions:say": {"status": "excused"},
    "editor:copy": {"name": "Another"},
    "editor:publish": {"revision": "1"},
    "sessions:flag-answer": {"status": "late_cancel"},
    "sessions:flag-resolve": {"resolution": "called"},
    "sessions:seat-book": {"q": "cal"},
    "sessions:desk-people": {"q": "cal"},
    "sessions:reminders": {"wanted": "no"},
}
#: POST that writes nothing, on purpose: a search is posted so that no name stands in an address,
#: and a form is no list of operations, no walk-in and no number of a tablet (those are in
#: tests/sessions/test_board_operations.py, test_walk_ins.py and test_upload_tokens.py).
WRITES_NOTHING = {
    *("sessions:desk-people", "sessions:seat-book"),
    *("clients:list", "sessions:board-send", "sessions:walk-in", "sessions:board-prepare"),
}
#: Who has nothing to do there: Cal has a calendar link already, and Cam has none to turn off.
#: Cal is locked, so no seat is given back to him; which place is tapped is in tests/portal.
#: And which of the free places is tapped is in tests/portal/test_a_make_up.py and tests/desk; there
#: is the booking of who was found, too. Ana gave the seat up, so only she undoes that.
IDLE = {
    "sessions:portal-come": ["cal"],
    "sessions:portal-calendar": ["cal"],
    "sessions:portal-calendar-stop": ["cam"],
    "sessions:portal-make-up": ["cal"],
    "sessions:seat-move": ["ana", "tess", "ada", "dee"],
    "sessions:make-up": ["ana", "tess", "ada", "dee"],
    "sessions:seat-undo": ["tess", "ada", "dee"],
}
