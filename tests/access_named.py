"""What stands in the addresses of the routes: of a visitor's own clinic, and of nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from bonefit.clients import answer_links
from bonefit.clinics.forms_passkeys import passkeys_of
from bonefit.clinics.login_links import address_of
from bonefit.clinics.models import Invitation
from sessions.calendars import token_of
from sessions.mails import reminders_token
from tests.doors import Things
from tests.taken_in_people import invitation_token

NAMED: dict[str, Callable[[Things], Any]] = {
    "clinic": lambda things: things.clinic.slug,
    "pk": lambda things: things.client.pk,
    "uid": lambda things: things.visit.uid,
    "lift": lambda things: "hinge",
    "measure": lambda things: "tug",
    "entry": lambda things: things.entry.uid,
    "decision": lambda things: things.held.pk,
    "event": lambda things: things.event.uid,
    "track": lambda things: things.block.pk,
    "token": lambda things: token_of(things.feed),
    "number": lambda things: 1,
    "series": lambda things: "tug",
    "asked": lambda things: things.screening.draft.pk,
    "taken": lambda things: things.measured.pk,
    "fall": lambda things: things.falls.fall.pk,
    "month": lambda things: things.falls.month.pk,
    "waits": lambda things: things.booked.asks.pk,
    "place": lambda things: things.enrollment.places.first().pk,
    "pause": lambda things: things.booked.pause.pk,
    "companion": lambda things: things.booked.companion.pk,
    "change": lambda things: things.booked.given_up.seat_changes.get().pk,
    "kind": lambda things: "photos",
    "agreed": lambda things: things.papers.consent.pk,
    "report": lambda things: "adherence",
    "key": lambda things: "funnel",
}
#: Where an address names something else than the usual.
NAMED_BY_ROUTE: dict[str, dict[str, Callable[[Things], Any]]] = {
    "login_link": {"token": lambda things: address_of(things.link).rstrip("/").rpartition("/")[2]},
    "invitation": {"token": lambda things: invitation_token(things.clinic)},
    "clinics:invitation-withdraw": {
        "pk": lambda things: Invitation.objects.get(clinic=things.clinic).pk
    },
    "sessions:person-end": {"pk": lambda things: things.papers.credential.member_id},
    "clients:release": {"pk": lambda things: things.locked.client_id},
    "sessions:release": {"uid": lambda things: things.locked.visits.first().uid},
    "clients:start-without": {"pk": lambda things: things.unready.pk},
    **{
        f"clients:{name}": {"pk": lambda things: things.scanner.pk}
        for name in ("device", "device-moved", "device-retired")
    },
    "clients:landing": {"pk": lambda things: things.unready.pk},
    **{
        f"clients:{name}": {"pk": lambda things: things.imports.fresh.pk}
        for name in ("import", "import-give-up", "import-problems")
    },
    **{
        f"clients:{name}": {"pk": lambda things: things.imports.ready.pk}
        for name in ("import-take-in", "import-change")
    },
    "clients:document": {"uid": lambda things: things.papers.document.uid},
    "clients:retention-decide": {"pk": lambda things: things.rights.old.pk},
    "clients:correction": {"asked": lambda things: things.rights.asked.pk},
    "clients:copy-file": {"uid": lambda things: things.rights.copy.uid},
    "sessions:portal-copy-file": {"uid": lambda things: things.rights.own.uid},
    "clients:document-remove": {"uid": lambda things: things.papers.document.uid},
    "passkey_remove": {
        "pk": lambda things: passkeys_of(things.papers.credential.member.user)[0].pk
    },
    "clinics:log-in-reset": {"pk": lambda things: things.papers.credential.member_id},
    "clinics:log-ins-anew": {"pk": lambda things: things.papers.credential.member_id},
    "clinics:log-ins-end": {"pk": lambda things: things.papers.credential.member_id},
    "clinics:credential": {"pk": lambda things: things.papers.credential.member_id},
    "clinics:person": {"pk": lambda things: things.papers.credential.member_id},
    "clinics:cover-end": {"pk": lambda things: things.cover.pk},
    "programs:assign": {"pk": lambda things: things.waiting.pk},
    "programs:end_block": {"pk": lambda things: things.block.enrollment.client_id},
    "programs:resume": {"pk": lambda things: things.stopped.pk},
    "sessions:flag-answer": {"pk": lambda things: things.missed.pk},
    "sessions:flag-take-up": {"pk": lambda things: things.missed.pk},
    **{
        f"sessions:{name}": {"pk": lambda things: things.outside.pk}
        for name in ("flag", "flag-resolve", "flag-put-off", "flag-hand-over")
    },
    **{
        f"sessions:{name}": {"pk": lambda things: things.booked.season.pk}
        for name in ("season", "season-copy", "weekly-add")
    },
    **{
        f"sessions:{name}": {"pk": lambda things: things.booked.weekly.pk}
        for name in ("weekly", "weekly-end")
    },
    "sessions:slot-change": {"pk": lambda things: things.booked.coming.slot_id},
    "sessions:room": {"pk": lambda things: things.booked.room.pk},
    "sessions:closure-reopen": {"pk": lambda things: things.booked.closure.pk},
    "sessions:leave-end": {"pk": lambda things: things.booked.leave.pk},
    "reminders": {"token": lambda things: reminders_token(things.client)},
    "clients:screening-new": {"pk": lambda things: things.screening.draft.client_id},
    **{
        f"clients:{name}": {
            "pk": lambda things: things.screening.draft.client_id,
            "asked": lambda things: things.screening.draft.pk,
        }
        for name in ("screening", "screening-confirm", "screening-link", "screening-drop")
    },
    "answer-questions": {
        "token": lambda things: (
            answer_links.address_of(things.screening.link).rstrip("/").rpartition("/")[2]
        )
    },
    "falls-month": {
        "token": lambda things: (
            answer_links.address_of(things.falls.link).rstrip("/").rpartition("/")[2]
        )
    },
    "sessions:report-make": {"report": lambda things: "research"},
    **{
        f"sessions:{name}": {"pk": lambda things: things.kept.saved.pk}
        for name in ("report-saved", "report-remove", "report-stop")
    },
    **{
        f"sessions:{name}": {"uid": lambda things: things.kept.export.uid}
        for name in ("report-export", "report-export-file")
    },
    "sessions:event-review": {"event": lambda things: things.falls.event.uid},
    **{
        f"sessions:{name}": {"pk": lambda things: things.falls.letter.pk}
        for name in ("letter", "letter-pdf", "letter-sign", "letter-renew", "letter-drop")
    },
    "sessions:notice-seen": {"pk": lambda things: things.booked.notice.pk},
    "sessions:notice-again": {"pk": lambda things: things.booked.notice.pk},
    "sessions:say": {"uid": lambda things: things.silent.uid},
    "sessions:portal-cannot-come": {"uid": lambda things: things.booked.coming.uid},
    "sessions:portal-come": {"uid": lambda things: things.booked.freed.uid},
    "sessions:portal-make-up": {"uid": lambda things: things.booked.freed.uid},
    "sessions:portal-offer": {"pk": lambda things: things.booked.offer.pk},
    "sessions:room-calendar": {"pk": lambda things: things.booked.room.pk},
    **{
        f"sessions:{name}": {"pk": lambda things: things.booked.coming.slot_id}
        for name in ("slot", "seat-book", "slot-call-off")
    },
    "sessions:slot-hold": {"pk": lambda things: things.booked.off.pk},
    **{
        f"sessions:{name}": {"uid": lambda things: things.booked.coming.uid}
        for name in ("seat", "seat-cancel", "seat-move", "seat-following")
    },
    **{
        f"sessions:{name}": {"uid": lambda things: things.booked.given_up.uid}
        for name in ("seat-restore", "seat-undo")
    },
    "sessions:waiting-accept": {"waits": lambda things: things.booked.asked.pk},
    "sessions:pause-resume": {"pk": lambda things: things.booked.pause.enrollment.client_id},
    **{
        f"editor:{name}": {"pk": lambda things: things.program.pk}
        for name in ("program", "version", "copy", "start")
    },
    **{
        f"editor:{name}": {"pk": lambda things: things.drafted.pk}
        for name in ("edit", "compare", "publish", "discard")
    },
}
NO_SUCH: dict[str, Any] = {
    "pk": 10**9,
    "uid": UUID(int=1),
    "entry": UUID(int=2),
    "decision": 10**9,
    "event": UUID(int=3),
    "track": 10**9,
    "waits": 10**9,
    "place": 10**9,
    "pause": 10**9,
    "companion": 10**9,
    "change": 10**9,
    "fall": 10**9,
    "asked": 10**9,
    "taken": 10**9,
    "month": 10**9,
    "agreed": 10**9,
}
SHARED = {"clinic", "lift", "token", "number", "kind", "measure", "series", "report", "key"}
