"""The numbers a target is computed under: each a clinic's setting with a default and its basis.

Standard library only. ``Rules`` is a value: two clinics, or one clinic before and after an edit,
have two of them, and a target keeps the one it was computed under.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import pairwise
from typing import Self

from programs.setting import Number, Setting, Value, plain
from programs.settings_clinic import CLINIC_SETTINGS
from programs.settings_flags import FLAG_SETTINGS
from programs.settings_intake import INTAKE_SETTINGS
from programs.settings_load import FORMULAS, LOAD_SETTINGS
from programs.settings_records import RECORD_SETTINGS

__all__ = [
    "DEFAULT_RULES",
    "FORMULAS",
    "SETTINGS",
    "Number",
    "Rules",
    "Setting",
    "Value",
    "plain",
    "setting",
]

SETTINGS: tuple[Setting, ...] = (
    *LOAD_SETTINGS,
    *CLINIC_SETTINGS,
    *INTAKE_SETTINGS,
    *FLAG_SETTINGS,
    *RECORD_SETTINGS,
)

_BY_KEY = {setting.key: setting for setting in SETTINGS}


def setting(key: str) -> Setting:
    """The setting of that key; ValueError for an unknown one."""
    try:
        return _BY_KEY[key]
    except KeyError:
        raise ValueError(f"There is no setting called {key!r}.") from None


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
    gate_sessions: int = 1
    formula: str = "kemmler"
    estimate_from_effort: int = 17
    estimate_window_days: int = 14
    estimate_stale_days: int = 56
    estimate_gap_days: int = 21
    ceiling_percent: Decimal = Decimal(100)
    low_intensity_percent: Decimal = Decimal(80)
    next_day_asked_to_raise: int = 1
    next_day_rise: int = 2
    next_day_drop_percent: Decimal = Decimal(10)
    gap_short_days: int = 7
    gap_medium_days: int = 14
    gap_long_days: int = 28
    gap_restart_days: int = 56
    gap_short_drop_percent: Decimal = Decimal(10)
    gap_medium_drop_percent: Decimal = Decimal(20)
    gap_long_drop_percent: Decimal = Decimal(30)
    gap_effort_cap: int = 15
    gap_short_visits: int = 1
    gap_long_visits: int = 2
    gap_impact_level: int = 2
    warm_up_first_percent: Decimal = Decimal(50)
    warm_up_second_percent: Decimal = Decimal(70)
    warm_up_later_percent: Decimal = Decimal(60)
    warm_up_reps: int = 5
    reopen_hours: int = 24
    tablet_wipe_hours: int = 16
    upload_days: int = 7
    rest_hours: int = 48
    makeup_days: int = 14
    offer_hours: int = 4
    reminder_hours: int = 24
    quiet_from_hour: int = 20
    quiet_until_hour: int = 8
    people_per_rack: int = 2
    newcomer_weight: Decimal = Decimal(1)
    test_every_months: int = 4
    scan_after_months: int = 12
    looks_kept_years: int = 6
    correction_days: int = 30
    record_kept_years: int = 7
    minor_kept_until_age: int = 25
    min_age: int = 58
    letter_from_t_score: Decimal = Decimal("-3.5")
    fracture_stop_months: int = 3
    fracture_letter_months: int = 12
    low_trauma_fractures: int = 2
    falls_a_year: int = 2
    landing_severe: int = 2
    landing_spine: int = 2
    landing_falls: int = 3
    landing_pelvic_floor: int = 2
    landing_eyes: int = 1
    landing_joints: int = 2
    landing_arthritis: int = 3
    landing_balance: int = 1
    landing_bleeding: int = 3
    steroid_mg: Decimal = Decimal(5)
    steroid_months: int = 3
    highest_systolic: int = 180
    highest_diastolic: int = 110
    height_loss_recalled_cm: Decimal = Decimal(4)
    height_loss_cm: Decimal = Decimal(2)
    letter_months: int = 12
    screening_months: int = 12
    reconsent_days: int = 30
    start_without_intake: int = 0
    start_without_days: int = 14
    expiry_warn_days: int = 30
    credential_warn_days: int = 60
    baseline_by_weeks: int = 4
    scan_baseline_months: int = 12
    scan_overdue_months: int = 13
    ask_about_falls: int = 1
    no_show_days: int = 14
    no_show_again: int = 2
    interrupted_after: int = 3
    attendance_weeks: int = 4
    attendance_due: int = 4
    attendance_good_percent: Decimal = Decimal(80)
    attendance_low_percent: Decimal = Decimal(60)
    attendance_very_low_percent: Decimal = Decimal(40)
    lapsed_days: int = 21
    stall_days: int = 28
    plateau_effort: int = 17
    regression_percent: Decimal = Decimal(10)
    regression_days: int = 28
    regression_sessions: int = 2
    intensity_sessions: int = 4
    intensity_sets_percent: Decimal = Decimal(50)
    hard_sessions: int = 2
    note_hours: int = 24
    phase_lag_weeks: int = 4
    hold_limit_days: int = 28
    clean_weeks: int = 5
    attendance_run: int = 8
    digest_hour: int = 7
    red_unread_hours: int = 4
    snooze_days: int = 28

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
        _ascending(self, "fracture_stop_months", "fracture_letter_months")
        _ascending(self, "scan_after_months", "scan_overdue_months")
        _ascending(self, "attendance_very_low_percent", "attendance_low_percent")
        _ascending(self, "gap_short_days", "gap_medium_days", "gap_long_days", "gap_restart_days")
        _ascending(
            self, "gap_short_drop_percent", "gap_medium_drop_percent", "gap_long_drop_percent"
        )

    @classmethod
    def from_values(cls, values: Mapping[str, str | int]) -> Self:
        """Rules from stored text or numbers; missing keys take their defaults.

        Raises ValueError, naming the key and its range, for an unknown key or a value out of range.
        """
        read: dict[str, Value] = {key: setting(key).read(value) for key, value in values.items()}
        return cls(**read)  # type: ignore[arg-type]  # read() gives the type of each default

    def values(self) -> dict[str, str]:
        """Every setting as text, for storing; ``from_values`` reads it back."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}


def _ascending(rules: Rules, *keys: str) -> None:
    """A longer absence never asks for less care than a shorter one."""
    for less, more in pairwise(keys):
        if getattr(rules, more) < getattr(rules, less):
            raise ValueError(f"{more} must be at least {less} ({plain(getattr(rules, less))}).")


DEFAULT_RULES = Rules()
