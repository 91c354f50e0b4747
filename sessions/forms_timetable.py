"""What is typed about the timetable: seasons, classes, rooms, closed days and leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms

from bonefit.clinics.dates import DayField
from bonefit.clinics.models import Membership
from programs.forms.fields import TimeField

from .clashes import Clash
from .models import Weekday, WeeklySlot
from .timetable import As

MOST = 60
LONGEST_WHY = 200


class TimetableForm(forms.Form):
    """A form whose action may find a Clash: it is said beside the field that it is about."""

    #: Where this form asks for a thing by another name.
    elsewhere: ClassVar[Mapping[str, str]] = {}

    def refuse(self, clash: Clash) -> None:
        """Say what stands in the way beside its field, or above where the form has none."""
        named = self.elsewhere.get(clash.field, clash.field)
        self.add_error(named if named in self.fields else None, clash.text)


def _day(label: str, missing: str, **more: Any) -> DayField:
    return DayField(
        ahead=True,
        label=label,
        help_text="Day, month, year",
        error_messages={"required": missing},
        **more,
    )


def _why(label: str = "Why") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST_WHY,
        help_text="Kept with the change",
        error_messages={"required": "Write why, in a few words."},
    )


def _number(label: str, help_text: str, most: int = MOST) -> forms.IntegerField:
    wrong = f"Write a number from 1 to {most}, or leave it blank."
    return forms.IntegerField(
        required=False,
        label=label,
        min_value=1,
        max_value=most,
        help_text=help_text,
        error_messages={"min_value": wrong, "max_value": wrong, "invalid": wrong},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


# --- seasons --------------------------------------------------------------------------------------


class SeasonForm(TimetableForm):
    """A season: its name, its first and its last day."""

    name = forms.CharField(
        label="Name", max_length=60, error_messages={"required": "Write a name, as Autumn 2026."}
    )
    starts_on = _day("First day", "Write the first day.")
    ends_on = _day("Last day", "Write the last day.")


# --- classes --------------------------------------------------------------------------------------


class ClassForm(TimetableForm):
    """How a class is: time, length, room, supervisors, the most clients."""

    at = TimeField(label="Time", help_text="As 9:30", error_messages={"required": "Write a time."})
    minutes = forms.TypedChoiceField(
        label="Length in minutes",
        choices=[(value, str(value)) for value in WeeklySlot.Minutes.values],
        coerce=int,
        initial=30,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how long it lasts."},
    )
    room = forms.CharField(
        label="Room", max_length=60, error_messages={"required": "Write the room."}
    )
    supervisors = forms.ModelMultipleChoiceField(
        label="Supervised by",
        queryset=Membership.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    most = _number("Most clients", "Blank leaves it to the room, its racks and the supervisors")

    def __init__(
        self, data: Mapping[str, Any] | None, *, supervisors: Any, initial: Mapping[str, Any] = {}
    ) -> None:
        super().__init__(data, initial=dict(initial))
        named = self.fields["supervisors"]
        assert isinstance(named, forms.ModelMultipleChoiceField)
        named.queryset = supervisors
        self.fields["room"].widget.attrs.update({"list": "rooms", "autocomplete": "off"})

    def wanted(self) -> As:
        """How the class shall be."""
        said = self.cleaned_data
        return As(
            at=said["at"],
            minutes=said["minutes"],
            room=said["room"],
            most=said["most"],
            supervisors=tuple(said["supervisors"]),
        )


def _weekday() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="Weekday",
        choices=[(value, label) for value, label in Weekday.choices],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a weekday."},
    )


class NewWeeklyForm(ClassForm):
    """A class that is held every week of a season."""

    weekday = _weekday()
    starts_on = _day("From", "", required=False)
    field_order = ["weekday", "at", "minutes", "room", "supervisors", "most", "starts_on"]


class WeeklyForm(ClassForm):
    """What changes about a weekly class from a day on."""

    first = _day("From this day on", "Write the day from which it holds.")
    weekday = _weekday()
    why = _why()
    field_order = ["first", "weekday", "at", "minutes", "room", "supervisors", "most", "why"]


class SlotForm(ClassForm):
    """What changes about one class, alone or with all that follow."""

    ALONE, FOLLOWING = "alone", "following"
    elsewhere: ClassVar[Mapping[str, str]] = {"weekday": "day", "first": "day"}

    scope = forms.ChoiceField(
        label="Which classes",
        choices=[(ALONE, "Only this one"), (FOLLOWING, "This and all that follow")],
        initial=ALONE,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose which classes."},
    )
    day = _day("Day", "Write the day.")
    why = _why()
    field_order = ["scope", "day", "at", "minutes", "room", "supervisors", "most", "why"]

    def __init__(self, *args: Any, weekly: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not weekly:
            del self.fields["scope"]

    @property
    def following(self) -> bool:
        """Whether all later classes change too."""
        return self.cleaned_data.get("scope") == self.FOLLOWING


class EndForm(TimetableForm):
    """The last day on which a weekly class is held."""

    last_day = _day("Last day", "Write the last day.")
    why = _why()


# --- rooms, closed days, leave --------------------------------------------------------------------


class RoomForm(TimetableForm):
    """A room: how many people it holds, and how many racks."""

    name = forms.CharField(
        label="Name", max_length=60, error_messages={"required": "Write the name of the room."}
    )
    places = _number("People it holds", "Blank where nobody has said")
    racks = _number("Racks", "Blank where nobody has said")


class ClosureForm(TimetableForm):
    """Days on which the clinic, or one room, is closed. A blank last day is the first day."""

    name = forms.CharField(
        label="What for",
        max_length=80,
        help_text="Clients read this",
        error_messages={"required": "Write what for, as Easter Monday."},
    )
    starts_on = _day("First day", "Write the first day.")
    ends_on = _day("Last day", "", required=False)
    room = forms.ChoiceField(label="Where", required=False)
    sure = forms.BooleanField(required=False, label="Call these classes off and tell everyone")

    def __init__(self, data: Mapping[str, Any] | None, *, rooms: list[str]) -> None:
        super().__init__(data)
        where = self.fields["room"]
        assert isinstance(where, forms.ChoiceField)
        where.choices = [("", "The whole clinic"), *((name, f"Only {name}") for name in rooms)]
        #: Whether to ask: only where somebody is booked on these days.
        self.asks = bool(data and data.get("sure"))

    def last_day(self) -> date:
        """The last day that is closed."""
        last: date = self.cleaned_data["ends_on"] or self.cleaned_data["starts_on"]
        return last


class LeaveForm(TimetableForm):
    """Days on which a supervisor is away. A blank last day is the first day."""

    member = forms.ModelChoiceField(
        label="Who",
        queryset=Membership.objects.none(),
        empty_label=None,
        error_messages={"required": "Choose who is away."},
    )
    starts_on = _day("First day", "Write the first day.")
    ends_on = _day("Last day", "", required=False)
    why = forms.CharField(
        label="Why", max_length=120, required=False, help_text="Only staff read this"
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, supervisors: Any, member: Membership
    ) -> None:
        super().__init__(data, initial={"member": member.pk if member.supervises else None})
        who = self.fields["member"]
        assert isinstance(who, forms.ModelChoiceField)
        who.queryset = supervisors

    def last_day(self) -> date:
        """Her last day away."""
        last: date = self.cleaned_data["ends_on"] or self.cleaned_data["starts_on"]
        return last
