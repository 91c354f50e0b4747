"""What the figures of safety mean."""

from __future__ import annotations

from sessions.falls import DEFINITION as FALL

from . import rates
from .define import Definition
from .table import Column, Kind

EVENTS_DEFINITION = (
    "An adverse event is anything untoward that is reported of a client within these dates, by the "
    "day on which it began, in or outside a session, whether or not the training had to do with "
    "it. A corrected report counts once, as it stands now."
)
HOME_DEFINITION = (
    "An event belongs to the enrollment in whose session it began, else to the one on whose days; "
    "where the filters leave that one out, it is not counted, though another one of hers is in."
)
SERIOUS_DEFINITION = "Serious: death, danger to life, a stay in hospital, or disability."
SESSIONS_DEFINITION = "Attended sessions: every session that was signed as attended, also in part."
YEARS_DEFINITION = (
    "Person-years of the events: the days within the dates, until today, on which a client was "
    f"enrolled, ÷ {rates.DAYS_A_YEAR}. A day of two enrollments is one day of hers."
)
FALLS_DEFINITION = (
    "Person-years of falls: whole calendar months within the dates about which a client has "
    "answered the monthly question, ÷ 12. No answer is not “no fall”: a month without one is in "
    "neither number, and stands beside them."
)
BOUND_DEFINITION = (
    "The range behind a rate is the exact 95 % interval of a count (Poisson). Where nothing was "
    "counted, “up to” is the exact one-sided 95 % bound: a true rate as high as that would still "
    "be compatible with none seen."
)
SHARE_OF = (
    "Events are counted of people in training on one of the days, falls of people who answered "
    "about a month. An event of somebody else, from before her first day or after her last, is in "
    "the rates alone."
)
SHARE_BOUND = (
    "Where nobody was counted, the upper end of a share is the exact one-sided 95 % bound, "
    "1 − 0.05^(1 ÷ people); beside it stands the rule of three, 3 ÷ people. None of 49 still "
    "allows 5.93 % (6.12 % by the rule of three)."
)

EVENT_RATE = Definition(
    code="AE",
    name="Adverse events",
    formula="events ÷ attended sessions × 1,000, and events ÷ person-years",
    notes=(
        EVENTS_DEFINITION,
        HOME_DEFINITION,
        SERIOUS_DEFINITION,
        SESSIONS_DEFINITION,
        YEARS_DEFINITION,
        BOUND_DEFINITION,
    ),
    source="Protocol sheet 5.6; fields after ICH E6.",
)
FALL_RATE = Definition(
    code="FALL",
    name="Falls",
    formula="falls in answered months ÷ (answered months ÷ 12)",
    notes=(FALL, FALLS_DEFINITION, BOUND_DEFINITION),
    source="Protocol sheet 5.7, ProFaNE: falls, fallers, who fell more than once, rate per "
    "person-year, confirmed fractures. Not adjusted for physical activity.",
)
PEOPLE = Definition(
    code="PEOPLE",
    name="Share of people",
    formula="people to whom it happened at least once ÷ people",
    notes=(SHARE_OF, SHARE_BOUND),
    source="Wilson 1927 for the interval; Hanley and Lippman-Hand 1983 for the rule of three.",
)
LOST = Definition(
    code="LOST",
    name="Sessions lost after an event",
    formula="regular sessions from the event on that were excused or missed, until she next "
    "attended one",
    notes=(
        "Excused, no-show, cancelled late and cancelled by the client; the session in which it "
        "happened is not in it. Nobody says of a session that an event was its cause, so this is "
        "what followed the event, not what it cost. Where two events have the same sessions after "
        "them, each has them.",
    ),
    source="Protocol sheet 5.6: LIFTMOR’s one event cost 2 of 70 sessions.",
)
DEFINITIONS = (EVENT_RATE, FALL_RATE, PEOPLE, LOST)

_RATE_ENDS = "of the exact 95 % interval; without an event the one-sided bound"
RATES = (
    Column("what", "What", Kind.TEXT, "What is counted."),
    Column("events", "Events", Kind.COUNT, "How many, within the dates."),
    Column("sessions", "Sessions", Kind.COUNT, "Attended sessions; blank for falls."),
    Column("per_session", "per 1,000", Kind.NUMBER, "Events per 1,000 attended sessions.", 2),
    Column("session_low", "from", Kind.NUMBER, f"Lower end {_RATE_ENDS} is 0.", 2, wide=True),
    Column("session_high", "up to", Kind.NUMBER, f"Upper end {_RATE_ENDS}.", 2, wide=True),
    Column("years", "Person-years", Kind.NUMBER, "Of the enrollments; of falls: answered.", 2),
    Column("per_year", "a year", Kind.NUMBER, "Events per person-year.", 3),
    Column("year_low", "from", Kind.NUMBER, f"Lower end {_RATE_ENDS} is 0.", 3, wide=True),
    Column("year_high", "up to", Kind.NUMBER, f"Upper end {_RATE_ENDS}.", 3, wide=True),
)
SHARES = (
    Column("what", "What", Kind.TEXT, "What happened to them at least once."),
    Column("people", "People", Kind.COUNT, "To whom it happened."),
    Column("of", "of", Kind.COUNT, "People in training; of falls: who answered a month."),
    Column("share", "Share %", Kind.PERCENT, "People ÷ of.", 2),
    Column("low", "from %", Kind.PERCENT, "Lower end of Wilson’s 95 % interval.", 2, wide=True),
    Column("high", "up to %", Kind.PERCENT, "Its upper end; of nobody the one-sided bound.", 2),
    Column("three", "3 ÷ n %", Kind.PERCENT, "Of nobody: the rule of three.", 2, wide=True),
)
KINDS = (
    Column("kind", "What", Kind.TEXT, "Kind of event."),
    Column("mild", "Mild", Kind.COUNT, "Mild events."),
    Column("moderate", "Moderate", Kind.COUNT, "Moderate events."),
    Column("severe", "Severe", Kind.COUNT, "Severe events."),
    Column("all", "All", Kind.COUNT, "Events of that kind."),
    Column("serious", "Serious", Kind.COUNT, SERIOUS_DEFINITION),
    Column("related", "Related", Kind.COUNT, "At least possibly related to the training."),
    Column("lost", "Sessions lost after", Kind.COUNT, "See sessions lost after an event."),
)
BY_MONTH = (
    Column("month", "Month", Kind.TEXT, "Of the clinic’s calendar, as far as it is in the dates."),
    Column("events", "Events", Kind.COUNT, "Adverse events that began in it."),
    Column("sessions", "Sessions", Kind.COUNT, "Attended sessions of the month."),
    Column("per_session", "per 1,000", Kind.NUMBER, "Events per 1,000 attended sessions.", 2),
    Column("low", "from", Kind.NUMBER, f"Lower end {_RATE_ENDS} is 0.", 2, wide=True),
    Column("high", "up to", Kind.NUMBER, f"Upper end {_RATE_ENDS}.", 2),
)
MONTHS = (
    Column("what", "Months", Kind.TEXT, "What became of the monthly question."),
    Column("number", "Number", Kind.COUNT, "Months of one client each; falls in the last row."),
)
CLINICS = (
    Column("clinic", "Clinic", Kind.TEXT, "Where."),
    Column("people", "People", Kind.COUNT, "In training on one of the days."),
    Column("sessions", "Sessions", Kind.COUNT, "Attended sessions."),
    Column("events", "Events", Kind.COUNT, "Adverse events."),
    Column("per_session", "per 1,000", Kind.NUMBER, "Events per 1,000 attended sessions.", 2),
    Column("years", "Person-years", Kind.NUMBER, "Of the enrollments.", 2),
    Column("per_year", "a year", Kind.NUMBER, "Events per person-year.", 3),
    Column("falls", "Falls", Kind.COUNT, "Falls in answered months."),
    Column("fall_years", "Answered years", Kind.NUMBER, "Answered months ÷ 12.", 2),
    Column("falls_a_year", "Falls a year", Kind.NUMBER, "Falls per person-year.", 3),
)
EVENTS_BEHIND = (
    Column("onset", "Began", Kind.MOMENT, "When it began."),
    Column("client", "Client", Kind.TEXT, "To whom."),
    Column("clinic", "Clinic", Kind.TEXT, "Where.", wide=True),
    Column("what", "What", Kind.TEXT, "Kind of event."),
    Column("severity", "Severity", Kind.TEXT, "Mild, moderate or severe."),
    Column("serious", "Serious", Kind.TEXT, "yes, no, or blank where nobody said."),
    Column("related", "Related", Kind.TEXT, "To the training; blank where nobody said."),
    Column("lost", "Sessions lost after", Kind.COUNT, "See sessions lost after an event."),
    Column("by", "Reported by", Kind.TEXT, "Who reported it."),
)
FALLS_BEHIND = (
    Column("day", "Day", Kind.DAY, "When she fell."),
    Column("client", "Client", Kind.TEXT, "Who fell."),
    Column("clinic", "Clinic", Kind.TEXT, "Where.", wide=True),
    Column("injured", "Injured", Kind.TEXT, "Hurt, or a fracture."),
    Column("fracture", "Fracture", Kind.TEXT, "Confirmed by an image, or said."),
    Column("told", "Told", Kind.TEXT, "How it came to be known."),
    Column("counted", "In the rate", Kind.TEXT, "Whether its month was answered."),
)
_WHO = EVENTS_BEHIND[1:3]
DAYS_BEHIND = (
    *_WHO,
    Column("days", "Days", Kind.COUNT, "In training within the dates, of all her enrollments."),
)
ANSWERS_BEHIND = (
    *_WHO,
    Column("months", "Months", Kind.COUNT, "Whole months within the dates that she answered."),
)
TIMES_BEHIND = (*_WHO, Column("times", "Times", Kind.COUNT, "How often it happened to her."))
SESSIONS_BEHIND = (Column("began", "Session", Kind.MOMENT, "When it began."), *_WHO)
MONTHS_BEHIND = (
    Column("month", "Month", Kind.DAY, "Its first day."),
    *_WHO,
    Column("asked", "Asked", Kind.MOMENT, "When; blank where nobody asked."),
    Column("answered", "Answered", Kind.MOMENT, "When; blank where she has not."),
)
RULES = (
    (
        "Whose",
        "Clients who are or were in a program, as far as the reader may see them and the filters "
        "leave them.",
    ),
    (
        "Nothing seen",
        "Nothing seen is not nothing there: every nought stands with its upper bound, and with "
        "what it was divided by.",
    ),
)
