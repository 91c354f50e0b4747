"""Estimates of a best single (1RM, the load that goes up once) from a set of a few reps.

Standard library only. All arithmetic is decimal in a context of its own, so that an estimate is
the same number on every machine; powers and exponents too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import lru_cache

from programs.setting import decimal_of

MOST_REPS = 10  # with the reserve; beyond it the formulas diverge (protocol sheet 4.1)

_ARITHMETIC = Context(prec=28, rounding=ROUND_HALF_EVEN)
_STORED = Decimal("0.0001")  # kg; what a column of loads keeps


@dataclass(frozen=True, slots=True)
class Formula:
    """A published formula: who made it, where, and the edition of it that stands here.

    ``version`` is stored with each estimate; a changed coefficient is another version.
    ``tag`` says where its coefficients were read, as in ``programs.setting.Setting``.
    """

    key: str
    name: str
    version: str
    tag: str
    citation: str
    one_rm: Callable[[Decimal, Decimal], Decimal]


def _kemmler(load: Decimal, reps: Decimal) -> Decimal:
    return load * (
        Decimal("0.988")
        + Decimal("0.0104") * reps
        + Decimal("0.00190") * reps**2
        - Decimal("0.0000584") * reps**3
    )


def _brzycki(load: Decimal, reps: Decimal) -> Decimal:
    return load * 36 / (37 - reps)


def _oconner(load: Decimal, reps: Decimal) -> Decimal:
    return load * (1 + Decimal("0.025") * reps)


def _lander(load: Decimal, reps: Decimal) -> Decimal:
    return 100 * load / (Decimal("101.3") - Decimal("2.67123") * reps)


def _wathan(load: Decimal, reps: Decimal) -> Decimal:
    falling = (Decimal("-0.075") * reps).exp()
    return 100 * load / (Decimal("48.8") + Decimal("53.8") * falling)


def _epley(load: Decimal, reps: Decimal) -> Decimal:
    return load * (30 + reps) / 30


def _lombardi(load: Decimal, reps: Decimal) -> Decimal:
    return load * reps ** Decimal("0.10")


def _mayhew(load: Decimal, reps: Decimal) -> Decimal:
    falling = (Decimal("-0.055") * reps).exp()
    return 100 * load / (Decimal("52.2") + Decimal("41.9") * falling)


#: The registry, the most cautious at five reps first. A new formula is a function and a row, and
#: its key in ``programs.settings_load.FORMULAS``, from which a clinic chooses.
FORMULAS: dict[str, Formula] = {
    formula.key: formula
    for formula in (
        Formula(
            "kemmler",
            "Kemmler",
            "kemmler-1",
            "V",
            "Kemmler WK, Lauber D, Wassermann A, Mayhew JL. Predicting maximal strength in trained "
            "postmenopausal woman. J Strength Cond Res 2006;20:838-842.",
            _kemmler,
        ),
        Formula(
            "brzycki",
            "Brzycki",
            "brzycki-1",
            "V2",
            "Brzycki M. Strength testing: predicting a one-rep max from reps-to-fatigue. "
            "J Phys Educ Recreat Dance 1993;64(1):88-90.",
            _brzycki,
        ),
        Formula(
            "oconner",
            "O’Conner",
            "oconner-1",
            "V2",
            "O’Conner B, Simmons J, O’Shea P. Weight training today. West, 1989.",
            _oconner,
        ),
        Formula(
            "lander",
            "Lander",
            "lander-1",
            "V2",
            "Lander J. Maximums based on reps. NSCA Journal 1984;6(6):60-61.",
            _lander,
        ),
        Formula(
            "wathan",
            "Wathan",
            "wathan-1",
            "V2",
            "Wathan D. Load assignment. In: Baechle TR, ed. Essentials of strength training and "
            "conditioning. Human Kinetics, 1994.",
            _wathan,
        ),
        Formula(
            "epley",
            "Epley",
            "epley-1",
            "V2",
            "Epley B. Poundage chart. In: Boyd Epley workout. Body Enterprises, 1985.",
            _epley,
        ),
        Formula(
            "lombardi",
            "Lombardi",
            "lombardi-1",
            "V2",
            "Lombardi VP. Beginning weight training. Brown, 1989.",
            _lombardi,
        ),
        Formula(
            "mayhew",
            "Mayhew",
            "mayhew-1",
            "V2",
            "Mayhew JL, Ball TE, Arnold MD, Bowen JC. Relative muscular endurance performance as a "
            "predictor of bench press strength in college men and women. "
            "J Appl Sport Sci Res 1992;6:200-206.",
            _mayhew,
        ),
    )
}


def estimate_one_rm(
    load: Decimal | float | str,
    reps: int,
    *,
    formula: str = "kemmler",
    reps_in_reserve: int = 0,
) -> Decimal:
    """The estimated best single in kg, to 0.0001 kg, from ``reps`` with ``load`` kg.

    ``reps_in_reserve`` are those that were left: 5 reps with 2 in reserve count as 7 (protocol
    sheet 4.3). One rep with none in reserve is no estimate: it is the load itself, whatever the
    formula makes of it. Raises ValueError, as a sentence, for a load that is not above 0, reps
    below 1, a reserve below 0, more than 10 of both together, and an unknown formula.
    """
    if not (isinstance(reps, int) and isinstance(reps_in_reserve, int)):
        raise ValueError("Reps, and reps in reserve, are whole numbers.")
    return _estimate(decimal_of(load), reps, formula, reps_in_reserve)


@lru_cache(maxsize=8192)  # asked for after every hard set of every visit that is folded
def _estimate(load: Decimal, reps: int, formula: str, reserve: int) -> Decimal:
    chosen = formula_of(formula)
    if not load.is_finite() or load <= 0:
        raise ValueError("An estimate needs a load above 0 kg.")
    if reps < 1:
        raise ValueError("An estimate needs a set of at least 1 rep.")
    if reserve < 0:
        raise ValueError("Reps in reserve cannot be below 0.")
    if reps + reserve > MOST_REPS:
        raise ValueError(
            f"An estimate is valid up to {MOST_REPS} reps, those in reserve included, "
            f"not for {reps + reserve}."
        )
    if reps + reserve == 1:
        return load
    with localcontext(_ARITHMETIC):
        return chosen.one_rm(load, Decimal(reps + reserve)).quantize(_STORED)


def formula_of(key: str) -> Formula:
    """The formula of that key, with its citation and version; ValueError for an unknown one."""
    try:
        return FORMULAS[key]
    except KeyError:
        raise ValueError(
            f"There is no formula {key!r}. There are: {', '.join(FORMULAS)}."
        ) from None


def percent_of(load: Decimal, one_rm: Decimal) -> Decimal:
    """``load`` as % of a best single, not rounded: 55.09 of 64.812 is 85.0. ValueError at 0."""
    if one_rm <= 0:
        raise ValueError("A share needs a best single above 0 kg.")
    with localcontext(_ARITHMETIC):
        return load * 100 / one_rm
