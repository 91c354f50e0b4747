"""The numbers a target is computed under: each a clinic's setting with a default and its basis.

Standard library only. ``Rules`` is a value: two clinics, or one clinic before and after an edit,
have two of them, and a target keeps the one it was computed under.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Self

Number = Decimal | int


@dataclass(frozen=True, slots=True)
class Setting:
    """One editable number. Whole numbers have an ``int`` default, all others a ``Decimal``.

    ``tag`` is V (read in the source), V2 (secondary page), K (own knowledge), U (unsettled),
    C (calculated) or D (design default); ``source`` is a code of ``catalogue/sources.json`` or "".
    """

    key: str
    label: str
    unit: str
    default: Number
    low: Number
    high: Number
    tag: str
    basis: str
    source: str

    @property
    def whole(self) -> bool:
        return isinstance(self.default, int)

    @property
    def range(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.low} to {self.high}{unit}"

    def read(self, value: str | int | Decimal) -> Number:
        """The value as a number of this setting; ValueError names the key and the range."""
        refusal = f"{self.key} must be a number from {self.range}, not {value!r}."
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            raise ValueError(refusal) from None
        if not number.is_finite() or not self.low <= number <= self.high:
            raise ValueError(refusal)
        if not self.whole:
            return number
        if number != number.to_integral_value():
            raise ValueError(f"{self.key} must be a whole number from {self.range}.")
        return int(number)


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "raise_cap_percent",
        "Largest raise of a load in one step",
        "%",
        Decimal(10),
        Decimal(1),
        Decimal(10),
        "V",
        "ACSM: raise by 2 to 10 % once the target is exceeded. Never set above 10.",
        "ACSM09",
    ),
    Setting(
        "big_raise_percent",
        "A raise above this counts as big: at most one base lift a visit",
        "%",
        Decimal(5),
        Decimal(1),
        Decimal(10),
        "D",
        "At most one base lift may rise more than 5 % in one visit (design default).",
        "",
    ),
    Setting(
        "usual_step_kg",
        "Usual raise, where it stays under the largest raise",
        "kg",
        Decimal("2.5"),
        Decimal("0.5"),
        Decimal(10),
        "C",
        "Two 1.25 kg plates. Smaller plates are used when this would pass the largest raise.",
        "",
    ),
    Setting(
        "raise_after_sessions",
        "Clean visits inside the effort band before a raise",
        "visits",
        2,
        1,
        8,
        "D",
        "RPE 16 to 17: hold, or raise after 2 visits (design default).",
        "",
    ),
    Setting(
        "effort_too_high",
        "Effort that is too high",
        "RPE (Borg 6 to 20)",
        19,
        15,
        20,
        "D",
        "RPE 19 is very, very hard: hold, and drop when it repeats (design default).",
        "",
    ),
    Setting(
        "drop_percent",
        "Drop of a load after misses",
        "%",
        Decimal(5),
        Decimal(1),
        Decimal(30),
        "D",
        "RPE 19 or a missed rep: hold and, if repeated, drop 5 % (design default).",
        "",
    ),
    Setting(
        "confirm_over_percent",
        "Ask to confirm a load this far above target",
        "%",
        Decimal(10),
        Decimal(1),
        Decimal(50),
        "D",
        "A load further above target is more often a typing error than a lift (design default).",
        "",
    ),
    Setting(
        "confirm_over_kg",
        "Ask to confirm a load this many kilograms above target",
        "kg",
        Decimal(5),
        Decimal("0.5"),
        Decimal(50),
        "D",
        "A load further above target is more often a typing error than a lift (design default).",
        "",
    ),
    Setting(
        "pain_hold_from",
        "Pain that holds a load",
        "of 10",
        3,
        1,
        10,
        "D",
        "Pain 0 to 2 proceed, 3 to 5 modify (design default; the zones differ between sources).",
        "",
    ),
    Setting(
        "pain_stop_over",
        "Pain above this stops the exercise",
        "of 10",
        5,
        1,
        9,
        "D",
        "Pain over 5 stops the exercise (design default; the zones differ between sources).",
        "",
    ),
    Setting(
        "pain_asked_to_raise",
        "Pain must have been asked before a load rises (1 yes, 0 no)",
        "",
        1,
        0,
        1,
        "D",
        "What nobody entered never raises a load (design default).",
        "",
    ),
    Setting(
        "missed_grace_minutes",
        "Wait after the end of a visit with nothing recorded",
        "minutes",
        60,
        0,
        1440,
        "D",
        "Time to finish the notes of a class before a visit becomes unrecorded (design default).",
        "",
    ),
    Setting(
        "stall_sessions",
        "Attended visits without a raise before a lift is called stalled",
        "visits",
        6,
        3,
        30,
        "D",
        "F06: six attended visits, all reps done, effort under the target (design default).",
        "",
    ),
    Setting(
        "weeks_ahead",
        "Weeks planned ahead",
        "weeks",
        4,
        4,
        26,
        "D",
        "A client sees at least the next four weeks (design default).",
        "",
    ),
    Setting(
        "late_cancel_hours",
        "Notice shorter than this is a late cancel",
        "hours",
        24,
        0,
        168,
        "V2",
        "24 hours in one clinic's terms, 48 in another's.",
        "OSTEO1",
    ),
    Setting(
        "group_warn_above",
        "Warn above this many clients for each supervisor",
        "clients",
        6,
        1,
        20,
        "V",
        "The LIFTMOR registration names groups of up to 6.",
        "L18R",
    ),
    Setting(
        "group_block_above",
        "Refuse above this many clients for each supervisor",
        "clients",
        8,
        1,
        20,
        "K",
        "The LIFTMOR paper, as recalled: at most 8 for each instructor. Confirm in the full text.",
        "L18",
    ),
    Setting(
        "heaviest_load_kg",
        "A load above this is refused as a typing error",
        "kg",
        Decimal(300),
        Decimal(50),
        Decimal(500),
        "D",
        "Far above the plausible bounds of the sheet: 1.5 x body weight (design default).",
        "",
    ),
    Setting(
        "most_reps",
        "More repetitions in one set than this are refused as a typing error",
        "reps",
        30,
        10,
        100,
        "D",
        "Sets have 5 repetitions; the substitutes of the ladder seldom over 20 (design default).",
        "",
    ),
    Setting(
        "partial_below_percent",
        "Below this share of the prescribed sets a visit counts as attended in part",
        "%",
        Decimal(50),
        Decimal(1),
        Decimal(100),
        "D",
        "Ended early, or below 50 % of the prescribed sets (design default).",
        "",
    ),
    Setting(
        "default_rest_seconds",
        "Rest between sets",
        "seconds",
        60,
        15,
        300,
        "D",
        "Twenty sets in 30 minutes leave about 90 s a set; the trial's own rest was not found.",
        "KJA",
    ),
)

_BY_KEY = {setting.key: setting for setting in SETTINGS}


def setting(key: str) -> Setting:
    """The setting of that key; ValueError for an unknown one."""
    try:
        return _BY_KEY[key]
    except KeyError:
        raise ValueError(f"There is no setting called {key!r}.") from None


def plain(number: Number) -> str:
    """A number as a person writes it: no exponent, no trailing zeros (57.5, 60, 0.25)."""
    if isinstance(number, int):
        return str(number)
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


@dataclass(frozen=True, slots=True)
class Rules:
    """One clinic's numbers at one moment. The fields are the keys of ``SETTINGS``."""

    raise_cap_percent: Decimal = Decimal(10)
    big_raise_percent: Decimal = Decimal(5)
    usual_step_kg: Decimal = Decimal("2.5")
    raise_after_sessions: int = 2
    effort_too_high: int = 19
    drop_percent: Decimal = Decimal(5)
    confirm_over_percent: Decimal = Decimal(10)
    confirm_over_kg: Decimal = Decimal(5)
    pain_hold_from: int = 3
    pain_stop_over: int = 5
    pain_asked_to_raise: int = 1
    missed_grace_minutes: int = 60
    stall_sessions: int = 6
    weeks_ahead: int = 4
    late_cancel_hours: int = 24
    group_warn_above: int = 6
    group_block_above: int = 8
    heaviest_load_kg: Decimal = Decimal(300)
    most_reps: int = 30
    partial_below_percent: Decimal = Decimal(50)
    default_rest_seconds: int = 60

    def __post_init__(self) -> None:
        for entry in SETTINGS:
            object.__setattr__(self, entry.key, entry.read(getattr(self, entry.key)))
        if self.group_block_above < self.group_warn_above:
            raise ValueError(
                f"group_block_above must be at least group_warn_above ({self.group_warn_above})."
            )
        if self.pain_stop_over < self.pain_hold_from - 1:
            raise ValueError(
                f"pain_stop_over must be at least {self.pain_hold_from - 1}, "
                "so that no pain score lies between hold and stop."
            )

    @classmethod
    def from_values(cls, values: Mapping[str, str | int]) -> Self:
        """Rules from stored text or numbers; missing keys take their defaults.

        Raises ValueError, naming the key and its range, for an unknown key or a value out of range.
        """
        read: dict[str, Number] = {key: setting(key).read(value) for key, value in values.items()}
        return cls(**read)  # type: ignore[arg-type]  # read() gives the type of each default

    def values(self) -> dict[str, str]:
        """Every number as text, for storing; ``from_values`` reads it back."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}


DEFAULT_RULES = Rules()
