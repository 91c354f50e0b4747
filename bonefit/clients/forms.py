"""What is typed about a client: read, checked, handed on. Nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bonefit.clinics.dates import DayField, say_day
from bonefit.clinics.models import Membership

from .models import Client

OLDEST_YEARS = 120
IMPACT_LEVELS = [(level, str(level)) for level in range(6)]
PERSON = ("name", "born_on", "sex", "email", "phone", "emergency_contact", "notes")
CLEARANCE = ("cleared_by", "cleared_on", "impact_level")


def years_between(earlier: date, later: date) -> int:
    """Whole years from one day to another: an age."""
    before_birthday = (later.month, later.day) < (earlier.month, earlier.day)
    return later.year - earlier.year - before_birthday


class PersonForm(forms.Form):
    """Who somebody is and how to reach her."""

    name = forms.CharField(
        max_length=120,
        help_text="As the client wants to be called",
        error_messages={"required": "Write the name."},
    )
    born_on = DayField(
        label="Date of birth",
        help_text="Day, month, year",
        error_messages={"required": "Write the date of birth."},
    )
    sex = forms.ChoiceField(
        choices=Client.Sex.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one."},
    )
    email = forms.EmailField(
        label="E-mail",
        required=False,
        help_text="Needed to log in",
        error_messages={"invalid": "Write an address like joan@example.org."},
    )
    phone = forms.CharField(label="Telephone", max_length=40, required=False)
    emergency_contact = forms.CharField(
        max_length=200,
        help_text="Name, who it is, telephone",
        error_messages={"required": "Write whom to call, and the number."},
    )
    notes = forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What everybody on the floor should know",
    )
    another_person = forms.BooleanField(
        required=False, label="This is another person with the same name and date of birth"
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        today: date,
        member: Membership,
        client: Client | None = None,
        **kwargs: Any,
    ) -> None:
        if client is not None:
            kwargs.setdefault("initial", {name: getattr(client, name) for name in PERSON})
        super().__init__(data, **kwargs)
        self.today, self.member, self.client = today, member, client
        #: Somebody like this is enrolled already; the page then asks whether it is another person.
        self.twin: Client | None = None
        for name in ("name", "email", "phone", "emergency_contact"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean_born_on(self) -> date:
        born_on: date = self.cleaned_data["born_on"]
        if born_on > self.today:
            raise ValidationError("This day is still to come. Check the year.")
        if years_between(born_on, self.today) > OLDEST_YEARS:
            raise ValidationError(f"That is more than {OLDEST_YEARS} years ago. Check the year.")
        return born_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name, born_on = cleaned.get("name"), cleaned.get("born_on")
        if name and born_on and not cleaned.get("another_person"):
            self.twin = self._twin(name, born_on)
        if self.twin is not None:
            self.add_error(
                "name",
                f"{self.twin.name}, born {say_day(self.twin.born_on)}, is a client here already. "
                "Is this another person? Say so below.",
            )
        return cleaned

    def _twin(self, name: str, born_on: date) -> Client | None:
        alike = Client.objects.visible_to(self.member).filter(name__iexact=name, born_on=born_on)
        if self.client is not None:
            alike = alike.exclude(pk=self.client.pk)
        return alike.first()

    def person(self) -> dict[str, Any]:
        """The columns of a Client."""
        return {name: self.cleaned_data[name] for name in PERSON}


class ClearanceForm(forms.Form):
    """Who said that a client may train, when, and up to which landing."""

    cleared_by = forms.CharField(
        max_length=120,
        help_text="Name and profession",
        error_messages={"required": "Write who cleared the client. Nobody starts without it."},
    )
    cleared_on = DayField(
        label="Cleared on",
        help_text="Day, month, year",
        error_messages={"required": "Write the day of the clearance."},
    )
    impact_level = forms.TypedChoiceField(
        choices=IMPACT_LEVELS,
        coerce=int,
        initial=0,
        widget=forms.RadioSelect,
        help_text="0 is heel raise and below",
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        today: date,
        born_on: date | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.today, self.born_on = today, born_on
        self.fields["cleared_by"].widget.attrs["autocomplete"] = "off"

    def clean_cleared_on(self) -> date:
        cleared_on: date = self.cleaned_data["cleared_on"]
        if cleared_on > self.today:
            raise ValidationError("A clearance cannot be dated ahead. Check the day and the year.")
        if self.born_on and cleared_on < self.born_on:
            raise ValidationError("This is before the date of birth. Check both.")
        if years_between(cleared_on, self.today) > OLDEST_YEARS:
            raise ValidationError(f"That is more than {OLDEST_YEARS} years ago. Check the year.")
        return cleared_on

    def clearance(self) -> dict[str, Any]:
        """The columns of a Clearance."""
        return {name: self.cleaned_data[name] for name in CLEARANCE}


class NewPersonForm(PersonForm):
    """Somebody new, who may be invited to log in at once."""

    invite = forms.BooleanField(required=False, label="Invite to log in by e-mail")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("invite") and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", "An invitation needs an address. Add one, or do not invite.")
        return cleaned


class SearchForm(forms.Form):
    """The filter of the client list; it is posted, so that no name stands in an address."""

    SHOW = (
        ("all", "All"),
        ("training", "In training"),
        ("waiting", "No program yet"),
        ("ended", "Ended"),
    )

    q = forms.CharField(max_length=120, required=False, label="Name")
    show = forms.ChoiceField(
        choices=SHOW, required=False, label="Show", initial="all", widget=forms.RadioSelect
    )
