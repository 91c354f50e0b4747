"""Who trains in the demo clinics, and what happens to each of them. Invented people, all of them.

A story names only what is particular. Attendance, effort and the rest are drawn with a seed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from bonefit.demo.lifting import Strength
from bonefit.demo.people import ANA, HARBOUR, HILL, INES, JANA, LEA, MIRA, NELL, SAM, SARA

MIRA_K, SAM_D, JO_W, JANA_W, LEA_N = MIRA.name, SAM.name, "Jo W.", JANA.name, LEA.name


@dataclass(frozen=True, slots=True)
class Away:
    """Weeks of the program, both included, in which somebody does not come, and how that ends.

    ``how``: "excused" (told ahead), "no_show" (the therapist says so the day after), or "silent"
    (nobody has said anything yet).
    """

    first: int
    last: int
    how: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A therapist's hold of a lift from the beginning of a week to that of another."""

    lift: str
    first: int
    until: int
    why: str


@dataclass(frozen=True, slots=True)
class Today:
    """What has happened in the class that is on: a check-in, and so many sets.

    ``over``: kilograms above target in the last of them, which then waits to be confirmed.
    """

    sets: int = 0
    over: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """One client. Weeks are weeks of her program.

    ``week`` is the one she is in today: 1 began this week, 0 begins next week, None has no program
    yet. ``start`` is the first load in kg of hinge, squat and press; None starts with body weight.
    ``impact`` is the level that she gets cleared for in time. ``last_time`` and ``today`` say what
    became of the visit before today's, and of today's, where that is particular.
    """

    name: str
    sex: str
    born: int
    therapist: str
    seat: str
    week: int | None
    strength: Strength = field(default_factory=Strength)
    start: tuple[str, str, str] | None = ("12.5", "12", "10")
    impact: int = 2
    ends: tuple[int, str, str, str] | None = None  # the week, status, kind and reason
    away: tuple[Away, ...] = ()
    held: tuple[Held, ...] = ()
    sore: Mapping[tuple[str, int], int] = field(default_factory=dict)
    unclean: frozenset[tuple[str, int]] = frozenset()
    pain_not_asked: tuple[str, int] | None = None
    lands_higher_in: int | None = None
    dizzy_in: int | None = None  # a week in which she was, once, and it was reported
    late_cancels: float = 0.03
    misses: float = 0.03
    last_time: str = ""
    today: Today | None = None
    cancels_today: bool = False
    email: str = ""


STRONG = Strength(hinge=(55, 100), squat=(45, 80), press=(26, 46))
USUAL = Strength(hinge=(42, 78), squat=(36, 66), press=(20, 33))
LIGHT = Strength(hinge=(34, 62), squat=(28, 52), press=(16, 26))
BEGINNER = None  # body weight first


HARBOUR_STORIES: tuple[Story, ...] = (
    # --- the class that is on ---------------------------------------------------------------------
    Story(
        ANA.name,
        "female",
        1957,
        MIRA_K,
        "now",
        27,
        USUAL,
        impact=4,
        away=(Away(13, 14, "excused", "Holiday, told ahead"),),
        held=(Held("hinge", 20, 23, "sore back after gardening"),),
        today=Today(sets=8),
        email=ANA.email,
    ),
    Story(
        "Joan P.",
        "female",
        1951,
        MIRA_K,
        "now",
        20,
        LIGHT,
        today=Today(sets=6),
        email="joan@harbour.example",
    ),
    Story(
        "Mei L.",
        "female",
        1955,
        MIRA_K,
        "now",
        22,
        USUAL,
        sore={("press", 20): 4, ("press", 21): 4, ("press", 22): 4},
        dizzy_in=9,
        last_time="here",
        today=Today(sets=5),
    ),
    Story(
        "Tom B.",
        "male",
        1953,
        MIRA_K,
        "now",
        25,
        STRONG,
        ("20", "20", "15"),
        impact=5,
        unclean=frozenset({("hinge", 24), ("hinge", 25)}),
        today=Today(sets=9),
    ),
    Story(
        "Ruth K.", "female", 1949, MIRA_K, "now", 18, USUAL, impact=3, today=Today(sets=7, over=10)
    ),
    Story("Vera S.", "female", 1946, MIRA_K, "now", 12, LIGHT, impact=1, today=Today()),
    # --- the class before it ----------------------------------------------------------------------
    Story("Nora F.", "female", 1960, MIRA_K, "earlier", 14, USUAL, late_cancels=0, misses=0),
    Story(
        "Wim Z.",
        "male",
        1948,
        MIRA_K,
        "earlier",
        16,
        STRONG,
        ("20", "17.5", "15"),
        late_cancels=0.2,
        cancels_today=True,
    ),
    Story("Rosa V.", "female", 1959, MIRA_K, "earlier", 11, USUAL, impact=1, lands_higher_in=11),
    Story("Gwen I.", "female", 1954, MIRA_K, "earlier", 37, USUAL, impact=5),
    # --- those after it ---------------------------------------------------------------------------
    Story("Carl D.", "male", 1958, MIRA_K, "soon", 5, STRONG, BEGINNER),
    Story("Luis A.", "male", 1956, MIRA_K, "soon", 15, STRONG, ("20", "20", "15"), impact=3),
    Story("Edie W.", "female", 1952, MIRA_K, "soon", 7, LIGHT, impact=1),
    Story(
        "Dora E.",
        "female",
        1961,
        MIRA_K,
        "soon",
        14,
        USUAL,
        away=(
            Away(6, 7, "excused", "Holiday, told ahead"),
            Away(16, 16, "excused", "Daughter’s wedding"),
        ),
    ),
    Story(
        "Hugh N.",
        "male",
        1950,
        SAM_D,
        "later",
        21,
        Strength(hinge=(80, 110), squat=(50, 84), press=(28, 48)),
        ("20", "20", "15"),
        pain_not_asked=("hinge", 14),
    ),
    Story("Olga T.", "female", 1963, SAM_D, "later", 19, USUAL, impact=4),
    Story(
        "Ines M.",
        "female",
        1947,
        SAM_D,
        "later",
        16,
        LIGHT,
        away=(Away(14, 14, "no_show"), Away(15, 16, "silent")),
    ),
    Story("Greta H.", "female", 1962, JO_W, "newcomers", 3, LIGHT, BEGINNER, impact=0),
    Story("Bea C.", "female", 1968, JO_W, "newcomers", 2, USUAL, BEGINNER, impact=0),
    Story("Peter G.", "male", 1944, JO_W, "newcomers", 1, LIGHT, BEGINNER, impact=0),
    Story("Ida J.", "female", 1965, JO_W, "newcomers", 0, USUAL, BEGINNER, impact=0),
    # --- those who do not come any more, or not yet -----------------------------------------------
    Story(
        "Elsa O.",
        "female",
        1942,
        SAM_D,
        "other",
        15,
        LIGHT,
        impact=1,
        misses=0.12,
        ends=(10, "withdrawn", "transfer", "Moved to another town"),
    ),
    Story(
        "Frank Y.",
        "male",
        1955,
        SAM_D,
        "another",
        38,
        STRONG,
        ("20", "20", "15"),
        impact=5,
        ends=(36, "finished", "", "All 35 weeks done"),
    ),
    Story("Klara U.", "female", 1966, MIRA_K, "newcomers", None),
)

HILL_STORIES: tuple[Story, ...] = (
    Story("Heidi S.", "female", 1958, JANA_W, "now", 12, USUAL, today=Today(sets=3)),
    Story("Karl M.", "male", 1949, JANA_W, "earlier", 6, STRONG, ("20", "17.5", "15")),
    Story("Uta F.", "female", 1964, JANA_W, "soon", 2, LIGHT, BEGINNER, impact=0),
)


@dataclass(frozen=True, slots=True)
class House:
    """One demo clinic: its staff as (name, e-mail, role), and its clients' stories.

    ``companions`` are (name, e-mail, the client who agreed).
    """

    name: str
    slug: str
    timezone: str
    phone: str
    address: str
    emergency_plan: str
    staff: tuple[tuple[str, str, str], ...]
    stories: tuple[Story, ...]
    companions: tuple[tuple[str, str, str], ...] = ()


HOUSES: tuple[House, ...] = (
    House(
        HARBOUR,
        "harbour",
        "Australia/Brisbane",
        "07 5550 0100",
        "4 Wharf Street, Brisbane",
        "Clear the bar, keep her still, one of us stays with her.\n"
        "Call 000 and say: 4 Wharf Street, ground floor, the door on the river side.\n"
        "Defibrillator and first-aid box: on the wall beside the reception.\n"
        "Nobody moves her after a fall or with back pain before the ambulance is here.\n"
        "Then call her emergency contact, and Lea on 07 5550 0101.",
        (
            (LEA_N, LEA.email, "admin"),
            (MIRA_K, MIRA.email, "therapist"),
            (SAM_D, SAM.email, "lead"),
            (JO_W, "jo@harbour.example", "therapist"),
            (NELL.name, NELL.email, "desk"),
            (INES.name, INES.email, "auditor"),
        ),
        HARBOUR_STORIES,
        ((SARA.name, SARA.email, ANA.name),),
    ),
    House(
        HILL,
        "hill",
        "Europe/Berlin",
        "030 5550 0100",
        "Am Berg 7, Berlin",
        "Stay with her, keep her still and warm.\n"
        "Call 112: Am Berg 7, first floor; somebody waits at the street door.\n"
        "The nearest defibrillator is in the pharmacy at Am Berg 3.\n"
        "Then call her emergency contact.",
        ((JANA_W, JANA.email, "therapist"),),
        HILL_STORIES,
    ),
)


def houses_in(zone: str | None) -> tuple[House, ...]:
    """The clinics, the first one in this time zone; None where its story says."""
    first, *others = HOUSES
    return (first if zone is None else replace(first, timezone=zone), *others)


def chosen(
    stories: Iterable[Story], names: Collection[str] | None, weeks: int | None
) -> list[Story]:
    """The stories of these people (None: of all), none begun longer ago than so many weeks."""
    told = [story for story in stories if names is None or story.name in names]
    if weeks is None:
        return told
    return [replace(story, week=min(story.week, weeks)) if story.week else story for story in told]
