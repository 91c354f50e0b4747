"""Operations once more, in plain Python from protocol sheet 5.2, 5.3, 5.8 and the definitions."""

from calendar import monthrange
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from zoneinfo import ZoneInfo

from bonefit.clients.models import Measurement
from programs.models import Enrollment
from sessions.models import Flag, Leave, Pause, Room, Slot, Supervision, Visit

CAME = {"attended", "attended_partial"}
FREED = {
    *("late_cancel", "cancelled_client", "excused"),
    *("clinic_cancelled", "holiday_closed", "released"),
}
OWED = {"no_show", *FREED} - {"released"}
DAY = timedelta(days=1)


def places(clinic, first, last, as_at, ratio=6, to_a_rack=2):
    """Each class that took place: its month, room, supervisors, places, who held one, who came."""
    zone = ZoneInfo(clinic.timezone)
    rooms = {room.name: room for room in Room.objects.filter(clinic=clinic)}
    found = []
    for slot in Slot.objects.filter(clinic=clinic, called_off_at=None):
        day = slot.starts_at.astimezone(zone).date()
        if not first <= day <= last or slot.starts_at >= as_at:
            continue
        there = set()
        for member, during, named in Supervision.objects.filter(slot=slot).values_list(
            "member_id", "during", "named_at"
        ):
            away = Leave.objects.filter(
                member=member, removed_at=None, starts_on__lte=day, ends_on__gte=day
            )
            if named is not None or (during is not None and not away.exists()):
                there.add(member)
        bounds = [len(there) * ratio]
        room = rooms.get(slot.room)
        if room is not None and room.places is not None:
            bounds.append(room.places)
        if room is not None and room.racks is not None:
            bounds.append(room.racks * to_a_rack)
        if slot.capacity is not None:
            bounds.append(slot.capacity)
        states = list(Visit.objects.filter(slot=slot).values_list("status", flat=True))
        found.append(
            {
                "month": day.strftime("%Y-%m"),
                "room": f"{clinic.pk}.{slot.room}",
                "therapists": there,
                "offered": min(bounds) if there else None,
                "held": sum(state not in FREED for state in states),
                "came": sum(state in CAME for state in states),
            }
        )
    return found


def in_row(classes):
    """classes, offered, held, came, and those without a supervisor."""
    with_places = [one for one in classes if one["offered"] is not None]
    return (
        len(with_places),
        sum(one["offered"] for one in with_places),
        sum(one["held"] for one in with_places),
        sum(one["came"] for one in with_places),
        len(classes) - len(with_places),
    )


def scheduled(clinic, first, last, as_at):
    """(visit, its day, how it ended) of every session that counts."""
    zone = ZoneInfo(clinic.timezone)
    enrolled = Enrollment.objects.filter(clinic=clinic)
    for one in Visit.objects.filter(enrollment__in=enrolled):
        day = one.during.lower.astimezone(zone).date()
        if not first <= day <= last or one.during.lower >= as_at or one.status == "released":
            continue
        state = one.status
        if state in ("planned", "checked_in"):
            if one.missed_after > as_at:
                continue
            state = "unrecorded"
        yield one, day, "attended" if state in CAME else state


def credits_of(clinic, first, last, as_at, days=14):
    """(how it ended, what became of it) of each session that is owed."""
    today = as_at.astimezone(ZoneInfo(clinic.timezone)).date()
    found = Counter()
    for one, day, state in scheduled(clinic, first, last, as_at):
        if one.purpose != "regular" or state not in OWED:
            continue
        if state == "excused" and by_pause(one, day):
            continue
        using = [
            (each.status, each.missed_after)
            for each in Visit.objects.filter(makes_up=one)
            if each.status not in FREED
        ]
        if any(status in CAME for status, _ in using):
            became = "taken"
        elif any(status in ("planned", "checked_in") and end > as_at for status, end in using):
            became = "booked"
        elif not using and day + days * DAY >= today:
            became = "open"
        else:
            became = "lapsed"
        found[state, became] += 1
    return found


def by_pause(one, day):
    for pause in Pause.objects.filter(enrollment=one.enrollment_id):
        until = pause.ends_on
        if pause.resumed_on is not None:
            until = min(until, pause.resumed_on - DAY)
        said_first = one.said_at is not None and one.said_at < pause.added_at
        if pause.starts_on <= day <= until and not said_first:
            return True
    return False


def flags(clinics, first, last, as_at):
    """By kind and severity: opened, still open, closed, by a person, not useful, median days."""
    found = {}
    for flag in Flag.objects.exclude(severity="good"):
        clinic = next((one for one in clinics if one.pk == flag.clinic_id), None)
        if clinic is None:
            continue
        zone = ZoneInfo(clinic.timezone)
        if flag.enrollment is not None and not asked_about(flag.enrollment, first, last, as_at):
            continue

        def within(at, zone=zone):
            return at and first <= at.astimezone(zone).date() <= last and at < as_at

        opened, closed = within(flag.opened_at), within(flag.resolved_at)
        if not (opened or closed):
            continue
        for key in ((flag.kind, flag.severity), None):
            numbers = found.setdefault(key, [0, 0, 0, 0, 0, []])
            numbers[0] += bool(opened)
            numbers[1] += bool(opened and (not flag.resolved_at or flag.resolved_at > as_at))
            numbers[2] += bool(closed)
            if closed and flag.resolution != "by_itself":
                numbers[3] += 1
                numbers[4] += flag.resolution == "not_useful"
                numbers[5].append(flag.resolved_at - flag.opened_at)
    return {key: (*numbers[:5], middle(numbers[5])) for key, numbers in found.items()}


def asked_about(one, first, last, as_at):
    """Whether she was in training on one of the days, or had a session in them."""
    today = as_at.astimezone(ZoneInfo(one.clinic.timezone)).date()
    begun = one.starts_on <= min(last, today)
    if begun and (one.ended_on is None or one.ended_on >= max(first, one.starts_on)):
        return True
    theirs = scheduled(one.clinic, first, last, as_at)
    return any(
        visit.enrollment_id == one.pk and visit.status not in ("planned", "checked_in")
        for visit, _, _ in theirs
    )


def middle(spans):
    if not spans:
        return None
    seconds = Decimal(str(median(span.total_seconds() for span in spans)))
    return (seconds / 86_400).quantize(Decimal("0.1"), ROUND_HALF_UP)


# --- scans and tests ------------------------------------------------------------------------------


def measured(clinic, as_at):
    """Days of scans and of rounds of tests of each client that stand today."""
    today = as_at.astimezone(ZoneInfo(clinic.timezone)).date()
    scans, tests = defaultdict(set), defaultdict(set)
    replaced = set(Measurement.objects.exclude(replaces=None).values_list("replaces", flat=True))
    for one in Measurement.objects.filter(clinic=clinic, taken_on__lte=today):
        if one.pk in replaced or one.amount is None:
            continue
        if one.battery is None:
            scans[one.client_id].add(one.taken_on)
        else:
            tests[one.client_id].add(one.battery.taken_on)
    return scans, tests


def later(day, months):
    """The same day so many months later, or the month's last."""
    month = day.year * 12 + day.month - 1 + months
    year, month = divmod(month, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def checks(clinic, first, last, as_at):
    """(what, came due, in time, late) of the clinic, by the usual numbers of its settings."""
    today = as_at.astimezone(ZoneInfo(clinic.timezone)).date()
    scans, tests = measured(clinic, as_at)
    found = defaultdict(lambda: [0, 0, 0])
    for one in Enrollment.objects.filter(clinic=clinic):
        until = min(last, today, one.ended_on or last)
        if not (one.starts_on <= min(last, today)) or (
            one.ended_on and one.ended_on < max(first, one.starts_on)
        ):
            continue
        start, by = one.starts_on, one.starts_on + timedelta(weeks=4) - DAY
        mine = sorted(day for day in scans[one.client_id] if day >= later(start, -12))
        rows = [("First scan", by, by, mine[0] if mine else None)]
        for number, day in enumerate(mine):
            since = max(day, start)
            done = mine[number + 1] if number + 1 < len(mine) else None
            rows.append(("Scan", later(since, 12), later(since, 13) - DAY, done))
        rounds = [later(start, -4)] + [later(start, 4 * k) - 28 * DAY for k in range(1, 40)]
        for number, begins in enumerate(rounds[:-1]):
            day = by if number == 0 else later(start, 4 * number)
            done = [each for each in tests[one.client_id] if begins <= each < rounds[number + 1]]
            name = "Tests" if number else "First tests"
            rows.append((name, day, day, min(done, default=None)))
        for name, day, good_until, done in rows:
            if first <= day <= until:
                found[name][0] += 1
                found[name][1] += done is not None and done <= good_until
                found[name][2] += done is not None and done > good_until
    return {name: tuple(numbers) for name, numbers in found.items()}
