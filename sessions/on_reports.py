"""Something untoward is reported of a visit: an adverse event, and what it locks.

A report is never changed. A correction is a further one that takes the place of the one before,
which stays readable.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from bonefit.clients.models import Client, Lock
from bonefit.clinics.models import Clinic, Membership
from programs.models import Lift

from . import alarms, falls
from .desk import Desk
from .entries import LAST_NUMBER, YES_NO, BadSet
from .models import AdverseEvent, Site, Visit
from .operations import APPLIED, REFUSED, Op, Result

What = AdverseEvent.What
#: After these nothing is lifted until a named clinician releases her (protocol sheet 2.5).
LOCKING = {
    What.BACK: Lock.Why.PAIN,
    What.RADIATING: Lock.Why.PAIN,
    What.CRACK: Lock.Why.FRACTURE,
    What.BLADDER: Lock.Why.OTHER,
    What.CHEST: Lock.Why.OTHER,
}
WHAT_NEEDED = "Choose what happened."
SEVERITY_NEEDED = "Say how severe it is: mild, moderate or severe."
NOT_IN_THE_LIST = "Choose one from the list."
LONGEST_LINE = 400
LONGEST_TEXT = 4000
#: An onset longer ago than this is a slip of the year.
LONGEST_AGO = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Reported:
    """What was said of an adverse event. A blank is what nobody said."""

    what: str
    severity: str
    onset_at: datetime
    lift: str = ""
    set_number: int | None = None
    site: str = ""
    serious: bool | None = None
    related: str = ""
    action: str = ""
    outcome: str = ""
    described: str = ""

    @property
    def locks(self) -> str:
        """The kind of lock that it asks for; empty for none."""
        if self.what in LOCKING:
            return str(LOCKING[What(self.what)])
        return str(Lock.Why.OTHER) if self.serious else ""

    @property
    def words(self) -> str:
        """It in a few words: "felt a crack, severe"."""
        severity = AdverseEvent.Severity(self.severity).label.lower()
        return f"{What(self.what).label.lower()}, {severity}"


def report(desk: Desk, op: Op) -> Result:
    """Report an adverse event; named by ``entry``, one that is there already is corrected."""
    visit = desk.visit
    uid = op.entry or op.uid
    there = AdverseEvent.objects.filter(clinic_id=visit.clinic_id, uid=uid).first()
    if there is not None and there.visit_id != visit.pk:
        return Result(op.uid, REFUSED, reason="That report is one of another visit.")
    newest = None if there is None else in_force(there)
    onset_at = min(op.made_at, desk.now) if newest is None else newest.onset_at
    said = read_report(op.payload, clinic=visit.clinic, now=desk.now, onset_at=onset_at)
    if newest is not None and said_of(newest) == said:
        return Result(op.uid, APPLIED, newest.uid)
    event = keep(
        said,
        uid=op.uid if newest else uid,
        client=visit.client,
        visit=visit,
        replaces=newest,
        by=desk.by,
        now=desk.now,
    )
    if said.locks and all(one.released_at for one in alarms.locks_from(visit)):
        desk.lock(f"reported, {said.words}", kind=said.locks)
    return Result(op.uid, APPLIED, event.uid, before=None if newest is None else _kept(newest))


def keep(
    said: Reported,
    *,
    uid: uuid.UUID,
    client: Client,
    visit: Visit | None,
    replaces: AdverseEvent | None,
    by: Membership,
    now: datetime,
) -> AdverseEvent:
    """Write a report, or with ``replaces`` the correction of one; it locks nothing."""
    event = AdverseEvent.objects.create(
        uid=uid,
        clinic_id=client.clinic_id,
        client=client,
        visit=visit,
        reported_by=by,
        reported_at=now,
        replaces=replaces,
        **asdict(said),
    )
    if said.what == What.FALL and (replaces is None or replaces.what != What.FALL):
        falls.from_event(event, by=by, now=now)
    return event


def in_force(event: AdverseEvent) -> AdverseEvent:
    """The report that stands now in the place of one; itself where nothing has replaced it."""
    while (later := AdverseEvent.objects.filter(replaces=event).first()) is not None:
        event = later
    return event


def review(event: AdverseEvent, *, by: Membership, now: datetime) -> bool:
    """Put a therapist's name under a report; False where it has one or is replaced already."""
    fresh = AdverseEvent.objects.filter(pk=event.pk, reviewed_at=None, replaced_by=None)
    return bool(fresh.update(reviewed_by=by, reviewed_at=now))


def said_of(event: AdverseEvent) -> Reported:
    """What a report says, as values."""
    return Reported(**{one.name: getattr(event, one.name) for one in fields(Reported)})


def _kept(event: AdverseEvent) -> dict[str, Any]:
    said = asdict(said_of(event))
    return {**said, "onset_at": event.onset_at.isoformat()}


def read_report(
    payload: Mapping[str, Any], *, clinic: Clinic, now: datetime, onset_at: datetime
) -> Reported:
    """Clean values of a report, from text; BadSet has a sentence for each field that is wrong.

    ``onset_at`` is when it began where nobody says another time.
    """
    reader = _Reader(payload)
    said = Reported(
        what=reader.one_of("what", What.values, needed=WHAT_NEEDED),
        severity=reader.one_of("severity", AdverseEvent.Severity.values, needed=SEVERITY_NEEDED),
        onset_at=reader.onset(clinic, now) or onset_at,
        lift=reader.one_of("lift", Lift.values),
        set_number=reader.number(),
        site=reader.one_of("site", Site.values),
        serious=reader.serious(),
        related=reader.one_of("related", AdverseEvent.Related.values),
        action=reader.text("action", LONGEST_LINE),
        outcome=reader.text("outcome", LONGEST_LINE),
        described=reader.text("described", LONGEST_TEXT),
    )
    if reader.errors:
        raise BadSet(reader.errors)
    return said


class _Reader:
    """Reads one field at a time and collects what is wrong, so that all of it is said at once."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self.payload = payload
        self.errors: dict[str, str] = {}

    def text(self, name: str, most: int) -> str:
        value = self.payload.get(name)
        typed = "" if value is None else str(value).replace("\x00", "").strip()
        if len(typed) > most:
            self.errors[name] = f"At most {most} characters; this has {len(typed)}."
        return typed

    def one_of(self, name: str, values: Sequence[str], *, needed: str = "") -> str:
        typed = self.text(name, LONGEST_LINE)
        if not typed and needed:
            self.errors[name] = needed
        elif typed and typed not in values:
            self.errors[name] = NOT_IN_THE_LIST
            return ""
        return typed

    def number(self) -> int | None:
        typed = self.text("set_number", LONGEST_LINE)
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:6]) <= LAST_NUMBER):
            self.errors["set_number"] = f"The number of a set, 1 to {LAST_NUMBER}."
            return None
        return int(typed)

    def serious(self) -> bool | None:
        typed = self.text("serious", LONGEST_LINE)
        if typed and typed not in YES_NO:
            self.errors["serious"] = "Answer yes or no: is it serious?"
        return YES_NO.get(typed)

    def onset(self, clinic: Clinic, now: datetime) -> datetime | None:
        """A moment of the clinic's clock; it cannot be still to come."""
        typed = self.text("onset_at", LONGEST_LINE)
        if not typed:
            return None
        try:
            at = datetime.fromisoformat(typed)
        except ValueError:
            self.errors["onset_at"] = "Write the day and the time, as 2026-03-05 09:20."
            return None
        at = at if at.tzinfo else at.replace(tzinfo=clinic.tz)
        if at > now:
            self.errors["onset_at"] = "This time is still to come. Check the day and the time."
            return None
        if now - at > LONGEST_AGO:
            self.errors["onset_at"] = "That is more than a year ago. Check the year."
            return None
        return at
