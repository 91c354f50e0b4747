"""Fidelity once more, in plain Python from protocol sheet 5.4 and the words of each item."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from bonefit.clinics.models import Credential
from programs.models import Enrollment, Exercise, RuleSet, Track
from sessions.models import SessionNote, SetEntry, Supervision, Visit

CAME = ("attended", "attended_partial")


def second_sessions(clinics, first, last, as_at):
    """Each attended session within the dates with its items, its class and its note."""
    found = []
    slugs = dict(Exercise.objects.values_list("id", "slug"))
    for clinic in clinics:
        zone = ZoneInfo(clinic.timezone)
        numbers = rules(clinic, as_at)
        enrolled = Enrollment.objects.filter(clinic=clinic).values_list("id", flat=True)
        visits = Visit.objects.filter(enrollment__in=list(enrolled), status__in=CAME)
        for pk, during, enrollment, slot, by, told in visits.values_list(
            "id", "during", "enrollment_id", "slot_id", "completed_by_id", "prescription"
        ):
            day = during.lower.astimezone(zone).date()
            if not first <= day <= last or during.lower >= as_at:
                continue
            sets = [
                one
                for one in SetEntry.objects.filter(visit_id=pk).values(
                    *("lift", "exercise_id", "kind", "prescribed_load", "load", "clean"),
                    *("effort_low", "rpe", "voided"),
                )
                if not one["voided"]
            ]
            clients, supervisors = class_of(slot)
            items = {
                **of_sets(sets, told, slugs, numbers),
                "ratio": clients <= supervisors * numbers["group_block_above"],
                "supervisor": qualified(by, day, zone),
            }
            known = [value for value in items.values() if value is not None]
            due_at = during.upper + timedelta(hours=int(numbers["note_hours"]))
            signed = SessionNote.objects.filter(visit_id=pk, signed_at__lte=as_at)
            times = sorted(signed.values_list("signed_at", flat=True))
            in_time = bool(times) and times[0] <= due_at
            found.append(
                {
                    "id": pk,
                    "items": items,
                    "score": Fraction(sum(known), len(known)),
                    "whole": all(known),
                    "in_time": in_time,
                    "note_due": in_time or due_at <= as_at,
                    "slot": slot,
                    "clients": clients,
                    "over_warn": clients > supervisors * numbers["group_warn_above"],
                    "over_block": clients > supervisors * numbers["group_block_above"],
                    "therapist": str(by),
                    "clinic": str(clinic.pk),
                    "program": str(program(enrollment, day)),
                    "month": day.strftime("%Y-%m"),
                }
            )
    return found


def rules(clinic, as_at):
    numbers = {}
    for number, begins, values in RuleSet.objects.filter(clinic=clinic).values_list(
        "number", "effective_from", "values"
    ):
        if begins <= as_at or number == 1:
            numbers = values
    names = ("group_warn_above", "group_block_above", "note_hours", "confirm_over_percent")
    usual = dict(zip(names, (6, 8, 24, 10), strict=True))
    return {name: Decimal(numbers.get(name, usual[name])) for name in names}


def of_sets(sets, told, slugs, numbers):
    targets = {one["lift"]: one for one in told["targets"]} if told else {}
    real = [one for one in sets if one["kind"] != "warm_up"]
    working = [one for one in sets if one["kind"] == "working"]
    items = dict.fromkeys(("exercises", "technique", "load", "effort", "sets"))
    if targets and real:
        items["exercises"] = all(
            targets.get(one["lift"], {}).get("exercise") == slugs[one["exercise_id"]]
            for one in real
        )
    lifts = {one["lift"] for one in working}
    if lifts:
        passed = {one["lift"] for one in working if one["clean"]}
        items["technique"] = passed == lifts and all(one["clean"] is not False for one in working)
    loaded = [
        (one["prescribed_load"], one["load"])
        for one in working
        if one["prescribed_load"] is not None and one["load"] is not None
    ]
    if loaded:
        band = numbers["confirm_over_percent"] / 100
        items["load"] = all(abs(done - asked) <= asked * band for asked, done in loaded)
    asked_of = {one["lift"] for one in working if one["effort_low"] is not None}
    if asked_of:
        said = {one["lift"] for one in working if one["rpe"] is not None}
        items["effort"] = asked_of <= said
    if any(one["sets"] > 0 for one in targets.values()):
        items["sets"] = all(
            sum(each["lift"] == lift for each in real) == one["sets"]
            for lift, one in targets.items()
        )
    return items


def class_of(slot):
    here = Visit.objects.filter(slot_id=slot, status__in=("checked_in", *CAME))
    rows = list(here.values_list("client_id", "completed_by_id", "slot__ends_at"))
    clients = {client for client, _, _ in rows}
    signed = {by for _, by, _ in rows if by is not None}
    named = [
        left
        for begins, left in Supervision.objects.filter(slot_id=slot).values_list(
            "named_at", "left_at"
        )
        if begins is not None and (left is None or left >= rows[0][2])
    ]
    return len(clients), len(named) or len(signed)


def qualified(member, day, zone):
    over = datetime.combine(day + timedelta(days=1), time.min, zone)
    rows = Credential.objects.filter(member_id=member, recorded_at__lt=over).order_by("-id")
    newest = rows.values_list("expires_on", "first_aid_until", "trained_on").first()
    if newest is None:
        return None
    licence, aid, trained = newest
    return (
        licence >= day and (aid is None or aid >= day) and (trained is not None and trained <= day)
    )


def program(enrollment, day):
    """The main program on a day: the last one begun by then, else the first."""
    rows = list(
        Track.objects.filter(enrollment_id=enrollment, version__program__kind="main")
        .order_by("starts_on", "id")
        .values_list("starts_on", "version__program_id")
    )
    begun = [which for starts, which in rows if starts <= day]
    return begun[-1] if begun else rows[0][1]
