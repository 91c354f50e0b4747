"""One setting of a clinic: its default, its range, and the basis that is shown where it is edited.

Standard library only.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

Number = Decimal | int
Value = Decimal | int | str


@dataclass(frozen=True, slots=True)
class Setting:
    """One editable number, or one choice. Whole numbers have an ``int`` default, other numbers a
    ``Decimal``, a choice a ``str`` that is one of ``choices``.

    ``tag`` is V (read in the source), V2 (secondary page), K (own knowledge), U (unsettled),
    C (calculated) or D (design default); ``source`` is a code of ``catalogue/sources.json`` or "".
    """

    key: str
    label: str
    unit: str
    default: Value
    low: Number
    high: Number
    tag: str
    basis: str
    source: str
    choices: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return isinstance(self.default, int)

    @property
    def range(self) -> str:
        if self.choices:
            return ", ".join(self.choices)
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.low} to {self.high}{unit}"

    def read(self, value: str | int | Decimal) -> Value:
        """The value as this setting has it; ValueError names the key and the range."""
        if self.choices:
            if str(value) not in self.choices:
                raise ValueError(f"{self.key} is one of {self.range}, not {value!r}.")
            return str(value)
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


def decimal_of(number: Decimal | float | str) -> Decimal:
    """The number exactly as it is written: 57.5 is 57.5, also from a binary float.

    Raises ValueError for what is no number.
    """
    if isinstance(number, Decimal):
        return number
    try:
        return Decimal(str(number))
    except InvalidOperation:
        raise ValueError(f"{number!r} is not a number.") from None


def plain(number: Value) -> str:
    """A number as a person writes it: no exponent, no trailing zeros (57.5, 60, 0.25)."""
    if not isinstance(number, Decimal):
        return str(number)
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
