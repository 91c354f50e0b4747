"""What a clinic decides of a screening: thresholds, and how high one may land after a finding.

Standard library only. Each is a setting of the clinic with its default and basis.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Protocol


class EligibilityRules(Protocol):
    """The clinic's numbers; its ``Rules`` has them all."""

    @property
    def min_age(self) -> int: ...
    @property
    def letter_from_t_score(self) -> Decimal: ...
    @property
    def fracture_stop_months(self) -> int: ...
    @property
    def fracture_letter_months(self) -> int: ...
    @property
    def low_trauma_fractures(self) -> int: ...
    @property
    def falls_a_year(self) -> int: ...
    @property
    def steroid_mg(self) -> Decimal: ...
    @property
    def steroid_months(self) -> int: ...
    @property
    def highest_systolic(self) -> int: ...
    @property
    def highest_diastolic(self) -> int: ...
    @property
    def height_loss_recalled_cm(self) -> Decimal: ...
    @property
    def pain_hold_from(self) -> int: ...
    @property
    def pain_stop_over(self) -> int: ...
    @property
    def landing_severe(self) -> int: ...
    @property
    def landing_spine(self) -> int: ...
    @property
    def landing_falls(self) -> int: ...
    @property
    def landing_pelvic_floor(self) -> int: ...
    @property
    def landing_eyes(self) -> int: ...
    @property
    def landing_joints(self) -> int: ...
    @property
    def landing_arthritis(self) -> int: ...
    @property
    def landing_balance(self) -> int: ...
    @property
    def landing_bleeding(self) -> int: ...


#: Names of all of them, so that a screening can keep those it was judged under.
THRESHOLDS = tuple(name for name in vars(EligibilityRules) if not name.startswith("_"))

#: Rule of a finding → the setting that says how high she may land. A rule that is not here allows
#: every landing, or, where the sheet says so, none but heel raises.
LANDINGS: Mapping[str, str] = MappingProxyType(
    {
        "E15": "landing_falls",
        "E16": "landing_spine",
        "E17": "landing_spine",
        "E20": "landing_severe",
        "E22": "landing_severe",
        "E23": "landing_severe",
        "E70": "landing_pelvic_floor",
        "E71": "landing_pelvic_floor",
        "E73": "landing_eyes",
        "E81": "landing_joints",
        "E84": "landing_arthritis",
        "E85": "landing_balance",
        "E86": "landing_bleeding",
    }
)
