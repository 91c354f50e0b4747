"""What is typed at the desk about seats: read, checked, handed on. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bonefit.clinics.dates import DayField, say_day
from bonefit.clinics.models import Membership
from programs.forms.fields import TimeField

from .models import Weekday, WeeklySlot
from .operations import EXCUSED_WHY

NOTHING_MEDICAL = "In a few words. Nothing medical: the client may read it."


def _line(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": "off", **attrs})


class FindForm(forms.Form):
    """Part of a name."""

    q = forms.CharField(
        label="Name",
        required=False,
        max_length=120,
        strip=True,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class CancelForm(forms.Form):
    """Whose cause it is, and why."""

    CAUSES = (("client", "client"), ("clinic", "clinic"), ("excused", "excused"))

    cause = forms.ChoiceField(
        label="Why will it not be?",
        choices=CAUSES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one."},
    )
    why = forms.CharField(
        label="In words",
        required=False,
        max_length=200,
        help_text=NOTHING_MEDICAL,
        widget=_line(),
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("cause") == "clinic" and not said.get("why"):
            self.add_error("why", "Say why the clinic cancels it.")
        if said.get("cause") == "excused" and not said.get("why"):
            said["why"] = EXCUSED_WHY
        return said


class WhyForm(forms.Form):
    """One line that says why; ``needed`` where it may not be blank."""

    why = forms.CharField(
        label="Why",
        max_length=200,
        help_text=NOTHING_MEDICAL,
        error_messages={"required": "Say why, in a few words."},
        widget=_line(),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, needed: bool = True) -> None:
        super().__init__(data)
        self.fields["why"].required = needed


class PauseForm(forms.Form):
    """Planned leave: its first and its last day, and why."""

    starts_on = DayField(
        ahead=True,
        label="First day away",
        help_text="Day, month, year",
        error_messages={"required": "Write the first day away."},
    )
    ends_on = DayField(
        ahead=True,
        label="Last day away",
        help_text="The place is kept, and goes on the day after",
        error_messages={"required": "Write the last day away."},
    )
    why = forms.CharField(
        label="Why",
        max_length=200,
        help_text=NOTHING_MEDICAL,
        error_messages={"required": "Say why, in a few words."},
        widget=_line(),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, today: date) -> None:
        super().__init__(data)
        self.today = today

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        first, last = said.get("starts_on"), said.get("ends_on")
        if first and first < self.today:
            self.add_error("starts_on", "This day is over. A pause begins today or later.")
        if first and last and last < first:
            self.add_error("ends_on", f"This is before the first day, {say_day(first)}.")
        return said


class OnForm(forms.Form):
    """One day between two others, and why, where that is asked."""

    on = DayField(
        ahead=True,
        label="Day",
        help_text="Day, month, year",
        error_messages={"required": "Write the day."},
    )
    why = forms.CharField(
        label="Why",
        max_length=200,
        help_text=NOTHING_MEDICAL,
        error_messages={"required": "Say why, in a few words."},
        widget=_line(),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        label: str,
        initial: date,
        first: date,
        last: date | None = None,
        why: bool = True,
    ) -> None:
        super().__init__(data, initial={"on": initial})
        self.fields["on"].label = label
        if not why:
            del self.fields["why"]
        self.first, self.last = first, last

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on < self.first:
            raise ValidationError(f"The first day that can be is {say_day(self.first)}.")
        if self.last is not None and on > self.last:
            raise ValidationError(f"The last day that can be is {say_day(self.last)}.")
        return on


class FollowingForm(forms.Form):
    """A weekly place as it is to be from now on."""

    weekday = forms.TypedChoiceField(
        choices=Weekday.choices,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a day."},
    )
    at = TimeField(
        label="Time",
        help_text="For example 9:30",
        error_messages={"required": "Write the time."},
    )
    minutes = forms.TypedChoiceField(
        label="Length",
        help_text="As long as the class",
        choices=WeeklySlot.Minutes.choices,
        coerce=int,
        error_messages={"required": "Choose a length."},
    )
    room = forms.ChoiceField(error_messages={"required": "Choose a room."})
    supervisor = forms.TypedChoiceField(
        coerce=int, label="With", error_messages={"required": "Choose who supervises."}
    )
    why = forms.CharField(
        label="Why",
        max_length=200,
        help_text=NOTHING_MEDICAL,
        error_messages={"required": "Say why, in a few words."},
        widget=_line(),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        initial: Mapping[str, Any],
        rooms: Iterable[str],
        supervisors: Iterable[Membership],
    ) -> None:
        super().__init__(data, initial=dict(initial))
        self.members = {member.pk: member for member in supervisors}
        _offer(self, "room", [(room, room) for room in rooms])
        _offer(self, "supervisor", [(pk, str(one)) for pk, one in self.members.items()])

    def said(self) -> dict[str, Any]:
        """What was chosen, with the supervisor as a membership."""
        said = dict(self.cleaned_data)
        said["supervisor"] = self.members[said["supervisor"]]
        return said


def _offer(form: forms.Form, name: str, choices: list[tuple[Any, str]]) -> None:
    form.fields[name].choices = choices  # type: ignore[attr-defined]


class CompanionForm(forms.Form):
    """Who may look at a client's page, and what the client agreed to."""

    name = forms.CharField(
        label="Name of the companion",
        max_length=120,
        help_text="First and last name",
        error_messages={"required": "Write the name."},
        widget=_line(),
    )
    email = forms.EmailField(
        label="E-mail of the companion",
        help_text="She logs in with it",
        error_messages={
            "required": "Write the e-mail address.",
            "invalid": "Write an address like joan@example.org.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    consent = forms.CharField(
        label="What the client agreed to, and how",
        max_length=400,
        help_text="For example: agreed at the desk that her daughter sees her sessions",
        error_messages={"required": "Write what was agreed, and how."},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
