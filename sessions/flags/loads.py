"""Rules about loads: falling, too light, too hard, an old estimate.

Standard library only, and no clock. Protocol sheet 6.2, F08 to F11.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from programs.rules import Rules, plain

from .finding import Asked, Finding, Severity
from .lifted import (
    Lift,
    Lifted,
    LiftSession,
    as_json,
    lines_of,
    said_day,
)
from .rule import Action, Rule

REGRESSION_RULE = "F08.1"
INTENSITY_RULE = "F09.1"
HARD_RULE = "F10.1"
ESTIMATE_RULE = "F11.1"

#: The phase whose loads have the published intensity; the facts call every heavy phase so.
LOAD_PHASE = "LOAD"
#: A load that is lower for a reason that a rule or a therapist gave is not falling.
STEPPED_DOWN = frozenset(
    {
        "away_down",
        "away_kept",
        "away_restart",
        "climbing",
        "dropped",
        "dropped_next_day",
        "set_load",
        "change_rung",
        "entry",
        "start",
        "started",
    }
)


def regression(facts: Lifted, asked: Asked) -> Iterator[Finding]:
    """F08: what is lifted falls by more than so many % below the best of the weeks before."""
    rules = asked.rules
    for lift in facts.trained(asked):
        rung = lift.rung
        last = rung[-rules.regression_sessions :]
        if len(last) < rules.regression_sessions or len(rung) == len(last):
            continue
        since = last[0].day - timedelta(days=rules.regression_days)
        before = [one for one in rung[: -len(last)] if one.day >= since and one.done is not None]
        best = max((one.done for one in before if one.done is not None), default=None)
        if best is None:
            continue
        # Whatever lowered it since the best explains it, also while the load stays there.
        at_best = max(index for index, one in enumerate(rung) if one.done == best)
        if any(STEPPED_DOWN & set(one.reasons) for one in rung[at_best + 1 :]):
            continue
        limit = best * (100 - rules.regression_percent) / 100
        if any(one.done is None or one.done >= limit for one in last):
            continue
        now = last[-1]
        yield Finding(
            now.exercise,
            {
                "headline": f"{now.name.lower()} fell from {plain(best)} to {_kg(now.done)}",
                "detail": f"More than {plain(rules.regression_percent)} % below the best of "
                f"{rules.regression_days} days, {len(last)} visits in a row, and no rule or word "
                "asked for less.",
                "lines": lines_of(last),
                "exercise": now.exercise,
                "lift": lift.lift,
                "best": plain(best),
                "sessions": as_json(last),
            },
            f"{REGRESSION_RULE}|{now.exercise}|{plain(best)}|{_run_of_low(rung, limit)}",
        )


def _run_of_low(rung: Sequence[LiftSession], limit: Decimal) -> str:
    """The key of the visit at which the load fell below the limit and stayed there."""
    first = rung[-1]
    for one in reversed(rung):
        if one.done is None or one.done >= limit:
            break
        first = one
    return first.key


def low_intensity(facts: Lifted, asked: Asked) -> Iterator[Finding]:
    """F09: in the loading phase, too many sets below so many % of the estimated best single."""
    rules = asked.rules
    if facts.phase != LOAD_PHASE:
        return
    for lift in facts.trained(asked):
        rung = lift.rung
        window = rung[-rules.intensity_sessions :]
        estimate = current_estimate(lift, asked.today, rules)
        if estimate is None or len(window) < rules.intensity_sessions or not window[-1].base:
            continue
        sets = [load for one in window for load in one.loads if load is not None]
        limit = estimate * rules.low_intensity_percent / 100
        low = [load for load in sets if load < limit]
        if not sets or 100 * len(low) <= len(sets) * rules.intensity_sets_percent:
            continue
        now = window[-1]
        yield Finding(
            now.exercise,
            {
                "headline": f"{now.name.lower()} is lighter than the phase asks for",
                "detail": f"{len(low)} of {len(sets)} sets in {len(window)} visits are below "
                f"{plain(rules.low_intensity_percent)} % of {_kg(round(estimate, 1))}, the "
                "estimated best single.",
                "lines": lines_of(window),
                "exercise": now.exercise,
                "lift": lift.lift,
                "estimate": plain(estimate),
                "sessions": as_json(window),
            },
            f"{INTENSITY_RULE}|{now.exercise}",
            since=window[0].at,
        )


def current_estimate(lift: Lift, today: date, rules: Rules) -> Decimal | None:
    """The estimated best single in kg, as ``programs.strength`` carries it from visit to visit.

    A technical 5RM takes the place of any other; after an absence none says anything.
    """
    rung, value = lift.rung, None
    day = came = rung[0].day
    tests = [(at, None, kg) for at, slug, kg in lift.tested if slug == rung[-1].exercise]
    events = sorted([*tests, *((one.at, one, one.estimate) for one in rung)], key=_when)
    for at, one, kg in events:
        if one is not None:
            if (one.day - came).days > rules.estimate_gap_days:
                value = None
            came = one.day
        if kg is None:
            continue
        old = (at.date() - day).days > rules.estimate_window_days
        if one is None or value is None or kg >= value or old:
            value, day = kg, at.date()
    return value if (today - day).days <= rules.estimate_stale_days else None


def estimate_settled(rung: Sequence[LiftSession], rules: Rules) -> bool:
    """Whether ``current_estimate`` is the same whatever was lifted before the first session.

    It is from an estimate on that would take the place of any other: long after the first session,
    and not below those shortly before it; and where none was made since the first session that
    could count, for none counts that was before it.
    """
    window = rules.estimate_window_days
    made = [(one.day, one.estimate) for one in rung if one.estimate is not None]
    if not made:
        return True
    for number, (day, kg) in enumerate(made):
        near = (other for on, other in made[:number] if (day - on).days <= window)
        if (day - rung[0].day).days > window and all(kg >= other for other in near):
            return True
    return False


def _when(event: tuple[datetime, LiftSession | None, Decimal | None]) -> datetime:
    return event[0]


def too_hard(facts: Lifted, asked: Asked) -> Iterator[Finding]:
    """F10: so many visits in a row with an effort that is too high, or with missed reps."""
    rules = asked.rules
    for lift in facts.trained(asked):
        rung = lift.rung
        run = run_of_hard(rung, rules)
        if len(run) < rules.hard_sessions:
            continue
        now = run[-1]
        yield Finding(
            now.exercise,
            {
                "headline": f"{now.name.lower()} is too hard{_at(now)}",
                "detail": f"{len(run)} visits in a row: {_too_much(run, rules)}. Hold the load.",
                "lines": lines_of(run),
                "exercise": now.exercise,
                "lift": lift.lift,
                "sessions": as_json(run),
            },
            f"{HARD_RULE}|{now.exercise}",
            since=run[-rules.hard_sessions].at,
        )


def run_of_hard(rung: Sequence[LiftSession], rules: Rules) -> list[LiftSession]:
    """The last sessions in a row that were too hard, or with missed reps."""
    run: list[LiftSession] = []
    for one in reversed(rung):
        hard = one.hardest is not None and one.hardest >= rules.effort_too_high
        if not (hard or one.missed):
            break
        run.insert(0, one)
    return run


def _too_much(run: Sequence[LiftSession], rules: Rules) -> str:
    """What of it was too much: "reps missed in 2, RPE up to 19"."""
    missed = sum(one.missed for one in run)
    hardest = max((one.hardest for one in run if one.hardest is not None), default=0)
    said = [f"reps missed in {missed}"] if missed else []
    if hardest >= rules.effort_too_high:
        said.append(f"RPE up to {hardest}")
    return ", ".join(said)


def estimate_stale(facts: Lifted, asked: Asked) -> Iterator[Finding]:
    """F11: the last set that says what a best single is was long ago, or before an absence.

    Only of what is being lifted with a load and had an estimate once. After an absence it is amber.
    """
    rules = asked.rules
    for lift in facts.trained(asked):
        rung = lift.rung
        now = rung[-1]
        last = lift.estimated
        if last is None or not now.base:
            continue
        gap = _gap_since(lift, last, asked)
        days = (asked.today - last).days
        if not gap and days <= rules.estimate_stale_days:
            continue
        severity = Severity.AMBER if gap else Severity.INFO
        why = f"She was away for {gap} days since." if gap else "It is too old to go by."
        yield Finding(
            now.exercise,
            {
                "headline": f"{now.name.lower()}: the estimate is old",
                "detail": f"The last hard set that said what a best single is was on "
                f"{said_day(last)}, {days} days ago. {why}",
                "lines": [],
                "exercise": now.exercise,
                "lift": lift.lift,
                "estimated_on": last.isoformat(),
            },
            f"{ESTIMATE_RULE}|{now.exercise}|{severity}|{last.isoformat()}",
            severity,
        )


def _gap_since(lift: Lift, last: date, asked: Asked) -> int:
    """The longest absence between visits since a day, where it is longer than the limit; else 0."""
    rules = asked.rules
    # What was longer ago than an estimate counts makes no difference, and is not always known here.
    first = max(last, asked.today - timedelta(days=rules.estimate_stale_days))
    longest, after = 0, None
    # From the last one back, as far as it matters: a past is asked day by day.
    for one in reversed(lift.sessions):
        day = one.day
        if day < first:
            break
        if after is not None:
            longest = max(longest, (after - day).days)
        after = day
    if first == last and after is not None:
        longest = max(longest, (after - last).days)
    return longest if longest > rules.estimate_gap_days else 0


def _kg(load: Decimal | None) -> str:
    return "no load" if load is None else f"{plain(load)} kg"


def _at(one: LiftSession) -> str:
    return "" if one.load is None else f" at {plain(one.load)} kg"


RULES: tuple[Rule, ...] = (
    Rule(
        "F08",
        1,
        "regression",
        "Falling load",
        "What is lifted is more than {regression_percent} % below the best of {regression_days} "
        "days, {regression_sessions} visits in a row, and no rule or word asked for less.",
        (Severity.AMBER,),
        "hold",
        "lifts",
        regression,
        (Action.CALL, Action.ADJUST, Action.LATER),
        ("regression_percent", "regression_days", "regression_sessions"),
        "Per cent, days and visits are a design default.",
    ),
    Rule(
        "F09",
        1,
        "low_intensity",
        "Below the target intensity",
        "In a phase that begins at 80 % of the estimated best single or more, as the loading phase "
        "does, more than {intensity_sets_percent} % of the sets of "
        "{intensity_sessions} visits are below {low_intensity_percent} % of the estimated best "
        "single.",
        (Severity.AMBER,),
        "hold",
        "lifts",
        low_intensity,
        (Action.ADJUST, Action.LATER),
        (
            "intensity_sets_percent",
            "intensity_sessions",
            "low_intensity_percent",
            "formula",
            "estimate_from_effort",
            "estimate_window_days",
            "estimate_stale_days",
            "estimate_gap_days",
        ),
        "The target is published; how many sets and visits is a design default.",
        "V",
        "MXA1",
    ),
    Rule(
        "F10",
        1,
        "too_hard",
        "Too hard",
        "RPE {effort_too_high} or more, or missed reps, {hard_sessions} visits in a row. Hold the "
        "load.",
        (Severity.AMBER,),
        "hold",
        "lifts",
        too_hard,
        (Action.ADJUST, Action.LATER),
        ("effort_too_high", "hard_sessions"),
        "Effort and visits are a design default.",
    ),
    Rule(
        "F11",
        1,
        "estimate_stale",
        "Old estimate",
        "No set has said what a best single is for more than {estimate_stale_days} days; or she "
        "was away for more than {estimate_gap_days} days since.",
        (Severity.AMBER, Severity.INFO),
        "hold",
        "lifts",
        estimate_stale,
        (Action.ADJUST, Action.LATER),
        ("estimate_stale_days", "estimate_gap_days", "estimate_from_effort"),
        "The days are a design default.",
    ),
)
