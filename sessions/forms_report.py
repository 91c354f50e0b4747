"""The report of an adverse event as it is typed. ``on_reports.read_report`` says what is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from programs.models import Lift

from .forms import operation
from .models import AdverseEvent, Operation, Site, Visit
from .on_reports import (
    LONGEST_LINE,
    LONGEST_TEXT,
    NOT_IN_THE_LIST,
    SEVERITY_NEEDED,
    WHAT_NEEDED,
    Reported,
)
from .operations import Op, Result

FIELDS = tuple(Reported.__dataclass_fields__)
MOMENT = "%Y-%m-%dT%H:%M"
_YES_NO = {True: "yes", False: "no", None: ""}


def _one_of(label: str, choices: Sequence[tuple[str, str]], **more: Any) -> forms.ChoiceField:
    needed = more.pop("needed", "")
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=bool(needed),
        error_messages={"required": needed, "invalid_choice": NOT_IN_THE_LIST},
        **more,
    )


def _text(label: str, help_text: str, *, lines: int = 0) -> forms.CharField:
    most = LONGEST_TEXT if lines else LONGEST_LINE
    widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
    # Longer than it may be is said by ``read_report``; a browser would cut it off in silence.
    widget.attrs["autocomplete"] = "off"
    return forms.CharField(
        label=label,
        help_text=f"{help_text}, {most} characters at most",
        required=False,
        widget=widget,
    )


class ReportForm(forms.Form):
    """What happened and how severe it was are needed; the rest may be added later."""

    entry = forms.CharField(required=False, widget=forms.HiddenInput)
    op = forms.CharField(required=False, widget=forms.HiddenInput)
    what = _one_of(
        "What happened", AdverseEvent.What.choices, needed=WHAT_NEEDED, widget=forms.RadioSelect
    )
    severity = _one_of(
        "How severe",
        AdverseEvent.Severity.choices,
        needed=SEVERITY_NEEDED,
        widget=forms.RadioSelect,
    )
    described = _text("What was seen", "As it happened, in your words", lines=3)
    onset_at = forms.CharField(
        label="When it began",
        required=False,
        help_text="Blank is now",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    site = _one_of("Where on the body", [("", ""), *Site.choices])
    lift = _one_of("In which lift", [])
    set_number = forms.CharField(
        label="In which set",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    serious = _one_of(
        "Serious",
        [("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        help_text="Death, danger to life, a stay in hospital, or disability",
    )
    related = _one_of(
        "Related to the training", AdverseEvent.Related.choices, widget=forms.RadioSelect
    )
    action = _text("What was done", "First aid, who was called, what was changed")
    outcome = _text("What became of it", "As far as it is known")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        lifts: Sequence[tuple[str, str]],
        corrects: AdverseEvent | None = None,
    ) -> None:
        initial = {"entry": str(uuid.uuid4()), "op": str(uuid.uuid4())}
        if corrects is not None:
            initial |= {"entry": str(corrects.uid), **_typed(corrects)}
        super().__init__(data, initial=initial)
        field: Any = self.fields["lift"]
        field.choices = [("", ""), *lifts]

    def show(self, errors: Mapping[str, str]) -> None:
        """Put what is wrong beside its field, once."""
        self.is_valid()
        for name, words in errors.items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, words)

    def say(self, result: Result) -> None:
        """Put what is wrong beside its field, once; the rest above the form."""
        self.show(result.errors)
        if not result.errors:
            self.add_error(None, result.reason)


class EventForm(ReportForm):
    """A report by hand, of no one visit: when it began is needed too."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, corrects: AdverseEvent | None = None
    ) -> None:
        super().__init__(data, lifts=Lift.choices, corrects=corrects)
        onset: Any = self.fields["onset_at"]
        # ``events.record`` says that it is missing; a browser would say it in words of its own.
        onset.help_text = "The day and, roughly, the time"

    def identity(self, name: str) -> uuid.UUID:
        """The id that the hidden field ``name`` carries; a new one where it is none."""
        try:
            return uuid.UUID(str(self.data.get(name, "")))
        except ValueError:
            return uuid.uuid4()


def _typed(event: AdverseEvent) -> dict[str, str]:
    """What a report says, as it would be typed."""
    said = {name: getattr(event, name) for name in FIELDS}
    said["serious"] = _YES_NO[event.serious]
    said["onset_at"] = event.onset_at.astimezone(event.clinic.tz).strftime(MOMENT)
    return {name: "" if value is None else str(value) for name, value in said.items()}


def report_operation(visit: Visit, data: Mapping[str, str]) -> Op:
    """The operation behind the form; its ``entry`` names the report, also one to be corrected."""
    said = {name: str(data.get(name, "")).strip() for name in FIELDS}
    payload = {name: value for name, value in said.items() if value}
    try:
        entry = uuid.UUID(data.get("entry", ""))
    except ValueError:
        entry = None
    return operation(visit.uid, Operation.Kind.REPORT, data, payload=payload, entry=entry)
