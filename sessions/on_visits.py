"""What is said of a visit as a whole: here, asked, stopped, or did not come."""

from __future__ import annotations

from typing import Any

from bonefit.clients.models import Lock
from programs.pain import FALL, Answers, more_cautious

from . import alarms, changing, falls, on_slots
from .barring import Speaker, why_barred
from .desk import Desk
from .entries import BadSet, read_answers
from .models import AdverseEvent, Flag, Visit
from .operations import APPLIED, EXCUSED_WHY, REFUSED, SAYABLE, Op, Result


def check_in(desk: Desk, op: Op) -> Result:
    """She is here; what was asked of her comes before what is asked for.

    Checked in twice, as on two tablets, the more cautious answer to each question counts.
    """
    answers = read_answers(op.payload, at=desk.now)
    if (lock := alarms.open_lock_of(desk.visit.client_id)) is not None:
        why = lock.evidence.get("why", "")
        return Result(op.uid, REFUSED, reason=f"Locked: {why}. {alarms.WHO_RELEASES}")
    today = desk.now.astimezone(desk.visit.clinic.tz).date()
    why = why_barred(desk.visit.client, desk.day, who=Speaker.CLINICIAN, today=today)
    if why:
        return Result(op.uid, REFUSED, reason=why)
    if full := on_slots.no_room(desk):
        return Result(op.uid, REFUSED, reason=full)
    visit, before = desk.visit, None
    if answers is not None:
        if visit.answers and visit.status != Visit.Status.PLANNED:
            before = {"answers": visit.answers}
            known, said = Answers.from_json(visit.answers), Answers.from_json(answers)
            answers = more_cautious(known, said, desk.rules).to_json()
        _answered(desk, answers)
    desk.prescription()
    desk.arrive()
    return Result(op.uid, APPLIED, before=before)


def answer(desk: Desk, op: Op) -> Result:
    """The questions of the day, asked after the check-in or again."""
    before = {"answers": desk.visit.answers}
    answers = read_answers(op.payload, at=desk.now)
    if answers is None:
        raise BadSet({"next_day": "Answer at least one of the questions."})
    _answered(desk, answers)
    return Result(op.uid, APPLIED, before=before)


def _answered(desk: Desk, answers: dict[str, Any]) -> None:
    """Kept with the moment of the first answer; what is still to lift is asked for anew."""
    visit = desk.visit
    before = Answers.from_json(visit.answers)
    if visit.answers:
        answers = {**answers, "at": visit.answers["at"]}
    visit.answers = answers
    desk.visit_fields.add("answers")
    if visit.prescription is not None:
        desk.ask_anew()
        if not visit.took_place:
            desk.prescription()
    desk.asked_anew = desk.pain_asked = True
    said = Answers.from_json(answers)
    if said.away == FALL and before.away != FALL:
        falls.at_check_in(visit, said, by=desk.by, now=desk.now)
    locks = alarms.asked_locks(said, desk.rules, before)
    if locks:
        visit.save(update_fields=["answers"])  # the lock's targets are asked for with them
    for kind, why in locks:
        desk.lock(why, kind=kind)


def stop(desk: Desk, op: Op) -> Result:
    """Somebody stopped her: nothing more is lifted, and a named clinician releases her.

    No reason is needed. Stopped again, as on another tablet, she is locked once.
    """
    before = desk.visit_before()
    why = str(op.payload.get("why", "")).strip()[:120]
    if why in AdverseEvent.What.values:
        why = AdverseEvent.What(why).label.lower()
    words = f"stopped on the floor, {why}" if why else "stopped on the floor"
    desk.lock(words, kind=Lock.Why.STOP)
    desk.arrive()
    return Result(op.uid, APPLIED, before=before)


def say(desk: Desk, op: Op) -> Result:
    """Nobody lifted: a person says what happened. Silence never says it for her."""
    visit, before, seen = desk.visit, desk.visit_before(), changing.state_of(desk.visit)
    status = str(op.payload.get("status", ""))
    if status not in SAYABLE:
        return Result(op.uid, REFUSED, reason="That is nothing that can be said of a visit.")
    if desk.standing() or visit.took_place:
        why = "Sets are logged in this visit, so somebody came. Complete it instead."
        return Result(op.uid, REFUSED, reason=why)
    if status == Visit.Status.NO_SHOW and desk.now < visit.starts_at:
        return Result(op.uid, REFUSED, reason="The visit has not begun yet.")
    why = str(op.payload.get("why", "")).strip()[:200]
    if status == Visit.Status.EXCUSED and not why:
        why = EXCUSED_WHY
    visit.status = status
    visit.said_at, visit.said_by, visit.said_why = desk.now, desk.by, why
    desk.visit_fields |= {"status", "said_at", "said_by", "said_why", *changing.FIELDS}
    desk.seat(seen, why=why)
    if status != Visit.Status.PLANNED:
        desk.answered = Flag.Resolution.ANSWERED
    return Result(op.uid, APPLIED, before=before)
