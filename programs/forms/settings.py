"""The clinic's numbers, as the settings page reads them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from programs import catalogue
from programs.estimates import FORMULAS, estimate_one_rm
from programs.rules import SETTINGS, Rules, Setting, Value, plain

#: Which numbers stand together on the page. What is in none of these stands at the end.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "When a load goes up or down",
        (
            "raise_cap_percent",
            "big_raise_percent",
            "usual_step_kg",
            "raise_after_sessions",
            "effort_too_high",
            "drop_percent",
        ),
    ),
    ("Technique gate", ("gate_sessions",)),
    (
        "Estimate of a best single",
        (
            "formula",
            "estimate_from_effort",
            "estimate_window_days",
            "estimate_stale_days",
            "estimate_gap_days",
            "ceiling_percent",
            "low_intensity_percent",
        ),
    ),
    (
        "Warm-up",
        (
            "warm_up_first_percent",
            "warm_up_second_percent",
            "warm_up_later_percent",
            "warm_up_reps",
        ),
    ),
    (
        "Return after an absence",
        (
            "gap_short_days",
            "gap_medium_days",
            "gap_long_days",
            "gap_restart_days",
            "gap_short_drop_percent",
            "gap_medium_drop_percent",
            "gap_long_drop_percent",
            "gap_effort_cap",
            "gap_short_visits",
            "gap_long_visits",
            "gap_impact_level",
        ),
    ),
    (
        "Pain",
        (
            "pain_hold_from",
            "pain_stop_over",
            "pain_asked_to_raise",
            "next_day_asked_to_raise",
            "next_day_rise",
            "next_day_drop_percent",
        ),
    ),
    (
        "Typing errors",
        ("confirm_over_percent", "confirm_over_kg", "heaviest_load_kg", "most_reps"),
    ),
    (
        "Visits",
        (
            "missed_grace_minutes",
            "weeks_ahead",
            "late_cancel_hours",
            "partial_below_percent",
            "default_rest_seconds",
            "reopen_hours",
        ),
    ),
    (
        "Groups",
        ("group_warn_above", "group_block_above", "people_per_rack", "newcomer_weight"),
    ),
    ("Booking", ("rest_hours", "makeup_days", "offer_hours")),
    ("Messages to clients", ("reminder_hours", "quiet_from_hour", "quiet_until_hour")),
    (
        "Intake",
        (
            "min_age",
            "letter_from_t_score",
            "fracture_stop_months",
            "fracture_letter_months",
            "low_trauma_fractures",
            "falls_a_year",
            "steroid_mg",
            "steroid_months",
            "highest_systolic",
            "highest_diastolic",
            "height_loss_recalled_cm",
            "height_loss_cm",
        ),
    ),
    (
        "Landings after a screening",
        (
            "landing_severe",
            "landing_spine",
            "landing_falls",
            "landing_pelvic_floor",
            "landing_eyes",
            "landing_joints",
            "landing_arthritis",
            "landing_balance",
            "landing_bleeding",
        ),
    ),
    (
        "Papers",
        (
            "letter_months",
            "screening_months",
            "reconsent_days",
            "expiry_warn_days",
            "start_without_intake",
            "start_without_days",
            "credential_warn_days",
        ),
    ),
    (
        "Tests",
        (
            "baseline_by_weeks",
            "test_every_months",
            "scan_baseline_months",
            "scan_after_months",
            "scan_overdue_months",
            "ask_about_falls",
        ),
    ),
    ("Tablets", ("tablet_wipe_hours", "upload_days")),
    ("Access log", ("looks_kept_years",)),
    ("Requests of clients", ("correction_days",)),
    ("How long records are kept", ("record_kept_years", "minor_kept_until_age")),
    (
        "Flags: who does not come",
        (
            "no_show_days",
            "no_show_again",
            "interrupted_after",
            "attendance_weeks",
            "attendance_due",
            "attendance_good_percent",
            "attendance_low_percent",
            "attendance_very_low_percent",
            "lapsed_days",
        ),
    ),
    (
        "Flags: what does not move",
        (
            "stall_sessions",
            "stall_days",
            "plateau_effort",
            "hold_limit_days",
            "regression_percent",
            "regression_days",
            "regression_sessions",
            "intensity_sessions",
            "intensity_sets_percent",
            "hard_sessions",
            "phase_lag_weeks",
        ),
    ),
    (
        "Flags: good news, and when who is told",
        (
            "clean_weeks",
            "attendance_run",
            "note_hours",
            "digest_hour",
            "red_unread_hours",
            "snooze_days",
        ),
    ),
)

TAGS = {
    "V": "read in the source",
    "V2": "from a secondary page",
    "K": "from own knowledge, to be confirmed",
    "U": "unsettled, sources differ",
    "C": "calculated",
    "D": "design default, no published value",
}
YES_NO = "(1 yes, 0 no)"

#: A longer absence never asks for less care than a shorter one.
ASCENDING = (
    ("gap_short_days", "gap_medium_days", "gap_long_days", "gap_restart_days"),
    ("gap_short_drop_percent", "gap_medium_drop_percent", "gap_long_drop_percent"),
    ("fracture_stop_months", "fracture_letter_months"),
    ("scan_after_months", "scan_overdue_months"),
    ("attendance_very_low_percent", "attendance_low_percent"),
)


class NumberField(forms.CharField):
    """One setting: its range is checked by the setting itself."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(
            label=setting.label.replace(YES_NO, "").strip(),
            max_length=12,
            error_messages={"required": f"Write a number from {setting.range}."},
        )
        self.setting = setting
        self.widget.attrs.update(
            {"inputmode": "numeric" if setting.whole else "decimal", "autocomplete": "off"}
        )

    def clean(self, value: Any) -> Value:
        text = super().clean(value)
        try:
            return self.setting.read(text.replace(",", "."))
        except ValueError as error:
            kind = "whole number" if self.setting.whole else "number"
            raise ValidationError(f"Write a {kind} from {self.setting.range}.") from error


class YesNoField(forms.TypedChoiceField):
    """A setting that is on or off."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(
            label=setting.label.replace(YES_NO, "").strip(),
            choices=[("1", "Yes"), ("0", "No")],
            coerce=int,
            widget=forms.RadioSelect,
        )
        self.setting = setting


class OneOfField(forms.ChoiceField):
    """A setting that is one of a few words."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(
            label=setting.label, choices=[(key, choice_name(key)) for key in setting.choices]
        )
        self.setting = setting


def choice_name(key: str) -> str:
    """A choice as a person reads it: a formula by its author."""
    return FORMULAS[key].name if key in FORMULAS else key


def _field_of(setting: Setting) -> forms.Field:
    if setting.choices:
        return OneOfField(setting)
    return YesNoField(setting) if YES_NO in setting.label else NumberField(setting)


class RulesForm(forms.Form):
    """Every number of the clinic, and why it is changed."""

    edition = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None, *, rules: Rules, number: int) -> None:
        super().__init__(data, initial=rules.values())
        #: The RuleSet that is in force; what was typed must have been typed over this one.
        self.number = number
        for setting in SETTINGS:
            self.fields[setting.key] = _field_of(setting)
        self.fields["reason"] = forms.CharField(
            label="Why",
            max_length=200,
            help_text="One line. It stays in the history below",
            error_messages={"required": "Write why, in one line."},
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("edition") != self.number:
            self.add_error(
                None,
                "Somebody saved other settings while you were typing; the history below has them. "
                "Look through the numbers, then save again.",
            )
        warn, block = cleaned.get("group_warn_above"), cleaned.get("group_block_above")
        if warn is not None and block is not None and block < warn:
            self.add_error("group_block_above", f"At least {warn}, where the warning begins.")
        hold, stop = cleaned.get("pain_hold_from"), cleaned.get("pain_stop_over")
        if hold is not None and stop is not None and stop < hold - 1:
            self.add_error(
                "pain_stop_over",
                f"At least {hold - 1}, so that no pain lies between holding and stopping.",
            )
        for keys in ASCENDING:
            for shorter, longer in pairwise(keys):
                less, more = cleaned.get(shorter), cleaned.get(longer)
                if less is not None and more is not None and more < less:
                    self.add_error(
                        longer, f"At least {plain(less)}: a longer absence never asks for less."
                    )
        if not self.errors:
            try:
                self.rules()
            except ValueError as error:  # numbers that do not go together, without a field above
                self.add_error(None, str(error))
        return cleaned

    def rules(self) -> Rules:
        """The numbers as typed."""
        return Rules.from_values({entry.key: self.cleaned_data[entry.key] for entry in SETTINGS})

    @staticmethod
    def titles() -> list[tuple[str, tuple[str, ...]]]:
        """Titles with the keys below them; each setting exactly once."""
        grouped = {key for _, keys in GROUPS for key in keys}
        rest = tuple(entry.key for entry in SETTINGS if entry.key not in grouped)
        return [*GROUPS, ("Other", rest)]

    def groups(self) -> list[tuple[str, list[Any]]]:
        """Titles with their fields; each setting exactly once."""
        return [(title, [self.row(key) for key in keys]) for title, keys in self.titles() if keys]

    def row(self, key: str) -> dict[str, Any]:
        """A field with what stands beside it."""
        return _row(self, key)


def _row(form: RulesForm, key: str) -> dict[str, Any]:
    """A field with what stands beside it: default, range, how sure, and where it is from."""
    bound = form[key]
    setting: Setting = bound.field.setting  # type: ignore[attr-defined]
    yes_no = isinstance(bound.field, YesNoField)
    return {
        "field": bound,
        "unit": setting.unit,
        "yes_no": yes_no,
        "default": _default(setting, yes_no),
        "range": ""
        if yes_no or setting.choices
        else f"{plain(setting.low)} to {plain(setting.high)}",
        "basis": setting.basis,
        "tag": setting.tag,
        "certainty": TAGS[setting.tag],
        "source": catalogue.read("sources").get(setting.source, ""),
        "formulas": _formulas() if key == "formula" else [],
    }


def _default(setting: Setting, yes_no: bool) -> str:
    if yes_no:
        return "Yes" if setting.default else "No"
    return choice_name(str(setting.default)) if setting.choices else plain(setting.default)


def _formulas() -> list[dict[str, str]]:
    """Each formula with its citation and what it makes of one set, so that they can be compared."""
    return [
        {
            "name": formula.name,
            "version": formula.version,
            "citation": formula.citation,
            "tag": formula.tag,
            "certainty": TAGS[formula.tag],
            "example": f"{estimate_one_rm(Decimal(60), 5, formula=key):.1f}",
        }
        for key, formula in FORMULAS.items()
    ]
