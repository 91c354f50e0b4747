"""Rules about days without a session: lapsed, and away.

Standard library only, and no clock. Protocol sheet 6.2, F04 and F05, and 6.4.
"""

from collections.abc import Iterator

from programs.returning import band_of
from programs.rules import Rules, plain

from .coming import Attendance, gap_limits
from .days import counted, day_words, weekday_words
from .finding import Asked, Finding, Severity
from .rule import Action, Rule


def lapsed(facts: Attendance, asked: Asked) -> Iterator[Finding]:
    """F04: long without a session, and nothing booked. Before the first session, since the start.

    No such flag while a planned pause covers the day.
    """
    gap = facts.gap()
    if gap < asked.rules.lapsed_days or facts.over or facts.paused:
        return
    if facts.booked() is not None:
        return
    last = facts.last_came
    yield Finding(
        "",
        {
            "headline": _headline(facts, f"has lapsed: {gap} days without a session"),
            "detail": f"{last_here_words(facts)} Nothing booked.",
            "lines": [],
            "days": gap,
        },
        f"F04.1|{last.key if last else facts.base.isoformat()}|{gap // asked.rules.lapsed_days}",
        Severity.RED,
    )


def _headline(facts: Attendance, words: str) -> str:
    """These words; others for somebody who has not been here yet."""
    if facts.last_came is not None:
        return words
    return f"has not come yet, {facts.gap()} days after her start"


def last_here_words(facts: Attendance) -> str:
    """When she was last here, or when her program began."""
    last = facts.last_came
    if last is None:
        return f"Began on {day_words(facts.base, facts.today)}."
    return f"Last here {day_words(last.day, facts.today)}."


def away(facts: Attendance, asked: Asked) -> Iterator[Finding]:
    """F05: days away, for any reason, and what the next visit will ask (protocol sheet 6.4).

    Before the first session they count from the first day of the program.
    """
    rules = asked.rules
    gap = facts.gap()
    if gap <= rules.gap_short_days or facts.over or facts.paused:
        return
    number = band_number(gap, rules)
    severity = Severity.INFO if number == 1 else Severity.AMBER
    last, seat = facts.last_came, facts.booked()
    asks = ""
    if last is not None:
        asks = next_visit_words((seat.day - last.day).days if seat else gap, rules)
    coming = "Nothing booked"
    if seat is not None:
        coming = f"Next booked {weekday_words(seat.day, asked.today)}"
        coming += f": {asks}" if asks else ""
    elif asks:
        coming += f". On her return: {asks}"
    yield Finding(
        "",
        {
            "headline": _headline(facts, f"away for {gap} days"),
            "detail": f"{last_here_words(facts)} {coming}.",
            "lines": [],
            "days": gap,
            "asks": asks,
        },
        f"F05.1|{severity}|{last.key if last else facts.base.isoformat()}|{number}",
        severity,
    )


def band_number(days: int, rules: Rules) -> int:
    """Which band of days away: 0 for none, 4 for the longest."""
    return sum(days > limit for limit in gap_limits(rules))


def next_visit_words(days: int, rules: Rules) -> str:
    """What a visit after so many days away asks: "20 % less, two gentle visits"."""
    band = band_of(days, rules)
    if band.restart:
        return "re-screen first, then from the first phase on again"
    first = "re-screen first, " if band.rescreen else ""
    less = f"{plain(band.drop_percent)} % less"
    return f"{first}{less}, {counted(band.capped_visits, 'gentle visit')}"


RULES: tuple[Rule, ...] = (
    Rule(
        id="F04",
        version=1,
        kind="lapsed",
        name="Lapsed",
        says="{lapsed_days} days without a session, and nothing is booked. Not while a planned "
        "pause covers the day.",
        severities=(Severity.RED,),
        mark="wrong",
        family="attendance",
        judge=lapsed,
        actions=(Action.CALL, Action.MAKE_UP, Action.LATER),
        settings=("lapsed_days",),
        basis="21 days and nothing booked (design default).",
    ),
    Rule(
        id="F05",
        version=1,
        kind="away",
        name="Long away",
        says="More than {gap_short_days} days since she was last here, for any reason. After "
        "{gap_medium_days} days it is amber, and the next visit asks for less. Not while a planned "
        "pause covers the day, but its days count.",
        severities=(Severity.INFO, Severity.AMBER),
        mark="hold",
        family="attendance",
        judge=away,
        actions=(Action.CALL, Action.ADJUST, Action.LATER),
        settings=(
            "gap_short_days",
            "gap_medium_days",
            "gap_long_days",
            "gap_restart_days",
            "gap_short_drop_percent",
            "gap_medium_drop_percent",
            "gap_long_drop_percent",
            "gap_short_visits",
            "gap_long_visits",
        ),
        basis="Steps after days away: coaches’ rules for the first two, the rest design.",
        tag="V2",
        source="SFL",
    ),
)
