"""Rules about who comes: missed, interrupted, at risk; and good news of it.

Standard library only, and no clock. Protocol sheet 6.1 and 6.2, F01 to F03. Late, missed,
interrupted, at risk and lapsed are different things; ``docs/flags.md`` has the definitions.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from operator import itemgetter

from programs.rules import Rules, plain

from .coming import NEWS, Attendance
from .days import counted, day_words, days_words, weekday_words
from .finding import Asked, Finding, Severity
from .gaps import last_here_words
from .history import CAME, MISSED_STATES, NO_SHOW, UNKNOWN, Session
from .rule import Action, Rule

# The version is part of every evidence key: a changed rule may raise a closed flag again.
MISSED_RULE = "F00.1"

_SAID = {
    NO_SHOW: "no-show",
    "late_cancel": "cancelled late",
    "cancelled_client": "cancelled",
}


def missed(visit_key: str, evidence: Mapping[str, object], deadline: str = "") -> Finding:
    """A visit with nothing recorded past its end and the clinic's grace.

    ``evidence`` has its "date", "time", "room", "therapist" and whether she was "checked_in". A
    visit that a person has opened again has a new ``deadline``, and may be silent again.
    """
    known = dict(evidence)
    if {"date", "time", "room", "therapist"} <= known.keys():
        day = date.fromisoformat(str(known["date"]))
        came = "Checked in, no sets. " if known.get("checked_in") else ""
        known |= {
            "headline": f"{day:%A} {day.day} {day:%B}, {known['time']} has nothing in it",
            "detail": f"With {known['therapist']} in {known['room']}. {came}"
            "Nobody has said what happened.",
            "lines": [],
        }
    key = f"{MISSED_RULE}|{visit_key}"
    return Finding(visit_key, known, f"{key}|{deadline}" if deadline else key)


def missed_runs(states: Iterable[str]) -> int:
    """The longest run of consecutive missed visits among final states, oldest first.

    Three or more are an interruption (protocol sheet F02, FAIR).
    """
    longest = run = 0
    for state in states:
        run = run + 1 if state in MISSED_STATES else 0
        longest = max(longest, run)
    return longest


# --- the judges ----------------------------------------------------------------------------------


def unrecorded(facts: Attendance, asked: Asked) -> Iterator[Finding]:
    """F00: each visit that nobody has said anything about."""
    for one in facts.history.silent:
        if one.day > asked.today or facts.over:
            continue
        evidence = {
            "date": one.day.isoformat(),
            "time": one.time,
            "room": one.room,
            "therapist": one.therapist,
            "checked_in": one.checked_in,
        }
        found = missed(one.uid, evidence, one.deadline)
        yield Finding(
            found.subject, found.evidence, found.key, Severity.AMBER, {"visit_id": one.key}
        )


def no_show(facts: Attendance, asked: Asked) -> Iterator[Finding]:
    """F01: she did not come and said nothing: for information until she is here again, amber where
    it happened as often as ``no_show_again`` within ``no_show_days``.
    """
    if facts.over:
        return
    days = timedelta(days=asked.rules.no_show_days)
    since = asked.today - days
    if "n" not in facts.letters(since):
        return
    found = [
        one
        for one in facts.backwards(since - days)
        if one.state == NO_SHOW and facts.missed(one, asked.rules)
    ]
    latest = [one for one in found if one.day > since]
    if not latest:
        return
    again = _most_within(found, latest, days)
    if len(again) >= asked.rules.no_show_again:
        times = counted(len(again), "time")
        headline = f"did not come {times} within {asked.rules.no_show_days} days"
        severity, named = Severity.AMBER, again
    else:
        last = facts.last_came
        if last is not None and last.day >= latest[0].day:
            return  # here again since
        headline, severity, named = "did not come", Severity.INFO, latest[:1]
    yield Finding(
        "",
        {
            "headline": headline,
            "detail": _detail(facts, named),
            "lines": [],
            "no_shows": [one.day.isoformat() for one in reversed(named)],
        },
        f"F01.1|{severity}|{latest[0].key}",
        severity,
        {"visit_id": latest[0].key},
    )


def _most_within(
    found: Sequence[Session], latest: Sequence[Session], days: timedelta
) -> list[Session]:
    """The most of these no-shows, newest first, that end with one of ``latest`` within ``days``."""
    groups = [[one for one in found if last.day - days < one.day <= last.day] for last in latest]
    return max(groups, key=len)


def interrupted(facts: Attendance, asked: Asked) -> Iterator[Finding]:
    """F02: so many sessions missed one after the other, and she has not been here since."""
    if facts.over:
        return
    run = _missed_run(facts, asked.rules)
    most = asked.rules.interrupted_after
    if len(run) < most:
        return
    yield Finding(
        "",
        {
            "headline": f"missed {len(run)} in a row",
            "detail": _detail(facts, run),
            "lines": [],
            "missed": [{"date": one.day.isoformat(), "state": one.state} for one in reversed(run)],
        },
        f"F02.1|{run[-1].key}|{len(run) // most}",
        Severity.RED,
        {"visit_id": run[0].key},
    )


def _missed_run(facts: Attendance, rules: Rules) -> list[Session]:
    """The sessions missed in a row since she was last here, newest first.

    A session of which nobody has said how it ended stands between two runs, and ends neither: the
    longer one counts. Excused, closed and made up ends it, and so does a session of any kind that
    she came to.
    """
    longest: list[Session] = []
    run: list[Session] = []
    for one in facts.backwards():
        if one.state == CAME:
            break
        if not one.regular:
            continue
        if one.state in UNKNOWN:
            longest, run = max(longest, run, key=len), []
        elif facts.missed(one, rules):
            run.append(one)
        else:
            break
    return max(longest, run, key=len)


def low_attendance(facts: Attendance, asked: Asked) -> Iterator[Finding]:
    """F03: at risk. A3 over the last weeks (protocol sheet 5.3), where enough sessions were due.

    A session that was made up counts as attended; one that nobody has recorded does not count.
    """
    if facts.over:
        return
    rules = asked.rules
    window = timedelta(weeks=rules.attendance_weeks)
    letters = facts.letters(asked.today - window)
    came = letters.count("a")
    most = sum(letters.count(letter) for letter in "nlc")
    if not most or 100 * came >= rules.attendance_low_percent * (came + most):
        return  # made up or excused, it is still fewer that she missed
    counting = _counting(facts, rules, facts.due - len(letters))
    gone = [one for one, here in reversed(counting) if not here]
    came = len(counting) - len(gone)
    due = came + len(gone)
    if due < rules.attendance_due or 100 * came >= rules.attendance_low_percent * due:
        return
    very = 100 * came < rules.attendance_very_low_percent * due
    severity = Severity.RED if very else Severity.AMBER
    limit = rules.attendance_very_low_percent if very else rules.attendance_low_percent
    share = (200 * came + due) // (2 * due)
    first = _low_since(facts, rules, window)
    times = (asked.today - first.day).days // window.days
    yield Finding(
        "",
        {
            "headline": f"came to {came} of {due} sessions in {rules.attendance_weeks} weeks",
            "detail": f"{share} %, below {plain(limit)} %. {_detail(facts, gone)}",
            "lines": [],
            "attended": came,
            "due": due,
            "percent": share,
        },
        f"F03.1|{severity}|{first.key}|{times}",
        severity,
    )


def _counting(facts: Attendance, rules: Rules, since: int) -> list[tuple[Session, bool]]:
    """The sessions that have been due from a number on that count, oldest first: did she come?

    One that was made up counts as attended.
    """
    known = facts.history.counting(rules.makeup_days)
    first = bisect_left(known, since, key=itemgetter(0))
    until = bisect_left(known, facts.due, key=itemgetter(0))
    today = facts.today
    counting = []
    for _, one, came, repaid, agreed in known[first:until]:
        here = came or (repaid is not None and repaid <= today)
        if here or not agreed:
            counting.append((one, here))
    return counting


def _low_since(facts: Attendance, rules: Rules, window: timedelta) -> Session:
    """The session with which the share fell below the limit, the last time that it did.

    The newest one where time alone did it: what she came to before has left the window.
    """
    counted_ = _counting(facts, rules, 0)
    since: Session | None = None
    first = came = 0
    for number, (one, here) in enumerate(counted_):
        came += here
        while counted_[first][0].day <= one.day - window:
            came -= counted_[first][1]
            first += 1
        due = number - first + 1
        low = due >= rules.attendance_due and 100 * came < rules.attendance_low_percent * due
        since = (since or one) if low else None
    return since or counted_[-1][0]


def attendance_run(facts: Attendance, asked: Asked) -> Iterator[Finding]:
    """G03: good news. She came more often in a row than ever before, and often enough to say so."""
    letters = facts.history.letters
    missed_last = max(letters.rfind(letter, 0, facts.due) for letter in "nlc")
    if letters.count("a", missed_last + 1, facts.due) < asked.rules.attendance_run or facts.over:
        return
    came, after = facts.history.runs()
    number, run, best = after[facts.due - 1]
    mark = max(asked.rules.attendance_run, best + 1)
    if run < mark:
        return
    first = facts.history.session(came[number - run])
    reached = facts.history.session(came[number - run + mark - 1])
    if reached.day <= asked.today - NEWS:
        return
    since = day_words(first.day, asked.today)
    yield Finding(
        "",
        {
            "headline": f"came {run} times in a row",
            "detail": f"Her longest run so far, since {since}.",
            "lines": [],
            "run": run,
            "best_before": best,
        },
        f"G03.1|{first.key}",
        Severity.GOOD,
    )


def _detail(facts: Attendance, gone: Sequence[Session]) -> str:
    """What she missed (newest first), when she was here last, and when she comes next."""
    today = facts.today
    said = []
    for state, word in _SAID.items():
        days = [one.day for one in reversed(gone) if one.state == state]
        if days:
            said.append(f"{word} on {days_words(days, today)}")
    words = "; ".join(said)
    seat = facts.booked()
    here = last_here_words(facts) if facts.last_came else "Not here yet."
    next_ = f"Next booked {weekday_words(seat.day, today)}." if seat else "Nothing booked."
    return f"{words[:1].upper()}{words[1:]}. {here} {next_}"


RULES: tuple[Rule, ...] = (
    Rule(
        id="F00",
        version=1,
        kind="missed",
        name="Unrecorded",
        says="A session has nothing in it {missed_grace_minutes} minutes after its end, and nobody "
        "has said what happened. It is not called missed before somebody does.",
        severities=(Severity.AMBER,),
        mark="late",
        family="attendance",
        judge=unrecorded,
        actions=(Action.ANSWER, Action.CALL),
        settings=("missed_grace_minutes",),
        basis="Absent is not the same as not recorded (design).",
    ),
    Rule(
        id="F01",
        version=1,
        kind="no_show",
        name="No-show",
        says="She did not come to a regular session and did not cancel. It ends when she is here "
        "again. {no_show_again} within {no_show_days} days are amber.",
        severities=(Severity.INFO, Severity.AMBER),
        mark="wrong",
        family="attendance",
        judge=no_show,
        actions=(Action.CALL, Action.MAKE_UP, Action.LATER),
        settings=("no_show_days", "no_show_again", "makeup_days"),
        basis="Two in 14 days ask for a call (design default).",
    ),
    Rule(
        id="F02",
        version=1,
        kind="interrupted",
        name="Interrupted",
        says="She missed {interrupted_after} or more regular sessions in a row and has not been "
        "here since. Excused, closed and made-up sessions end such a run.",
        severities=(Severity.RED,),
        mark="wrong",
        family="attendance",
        judge=interrupted,
        actions=(Action.CALL, Action.MAKE_UP, Action.LATER),
        settings=("interrupted_after", "makeup_days"),
        basis="Three or more consecutive missed sessions were an interruption.",
        tag="V",
        source="FAIR",
    ),
    Rule(
        id="F03",
        version=1,
        kind="low_attendance",
        name="At risk",
        says="She came to fewer than {attendance_low_percent} % of the sessions of the last "
        "{attendance_weeks} weeks; below {attendance_very_low_percent} % is red. Only where "
        "{attendance_due} or more were due. Excused, closed and unrecorded ones do not count.",
        severities=(Severity.AMBER, Severity.RED),
        mark="hold",
        family="attendance",
        judge=low_attendance,
        actions=(Action.CALL, Action.ADJUST, Action.LATER),
        settings=(
            "attendance_weeks",
            "attendance_due",
            "attendance_low_percent",
            "attendance_very_low_percent",
            "makeup_days",
        ),
        basis="A3 over four weeks, set against the 60 to 69 % of a large clinic (design default).",
        source="BC4",
    ),
    Rule(
        id="G03",
        version=1,
        kind="attendance_run",
        name="Longest run",
        says="She came {attendance_run} times or more in a row, and more often than ever before.",
        severities=(Severity.GOOD,),
        mark="done",
        family="attendance",
        judge=attendance_run,
        actions=(),
        settings=("attendance_run",),
        basis="Eight are a month of twice a week (design default).",
        once=True,
    ),
)
