"""Assigning a program: who, from when, at which weekly places, and where each lift starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bonefit.clinics.dates import DayField, say_day
from bonefit.clinics.models import Membership
from programs.actions import StartingLift
from programs.calendar import consecutive_weekdays, too_close_in_a_week
from programs.loads import Inventory
from programs.models import Exercise, Prescription, ProgramVersion
from programs.rules import Rules, plain

from .fields import (
    WEEKDAYS,
    LoadField,
    TimeField,
    rung_choices,
    why_not_cleared,
    why_not_loadable,
)

#: A start is typed in late or planned ahead, but a year off is a typing error.
LONGEST_BACK, LONGEST_AHEAD = timedelta(days=31), timedelta(days=183)
RPE_LOW, RPE_HIGH = 6, 20  # the ends of the Borg scale


class StartForm(forms.Form):
    """Where one lift starts: a rung, and the technique set that somebody watched on it.

    Nothing about the set is chosen in advance, and a load is never invented: blank is "no load
    yet", and the first visit asks for a technique set.
    """

    rung = forms.ChoiceField(
        label="Exercise",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an exercise."},
    )
    rpe = forms.IntegerField(
        required=False,
        label="RPE",
        min_value=RPE_LOW,
        max_value=RPE_HIGH,
        error_messages={
            "min_value": f"RPE is {RPE_LOW} to {RPE_HIGH}.",
            "max_value": f"RPE is {RPE_LOW} to {RPE_HIGH}.",
        },
    )
    clean_set = forms.ChoiceField(
        required=False,
        label="Technique",
        choices=[("yes", "Clean"), ("no", "Not clean")],
        widget=forms.RadioSelect,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        line: Prescription,
        rungs: Sequence[Exercise],
        inventory: Inventory,
        rules: Rules,
        cleared: int,
    ) -> None:
        super().__init__(data, prefix=line.lift)
        self.line, self.rungs = line, {rung.slug: rung for rung in rungs}
        self.inventory, self.cleared = inventory, cleared
        rung = self.fields["rung"]
        assert isinstance(rung, forms.ChoiceField)
        rung.choices = rung_choices(rungs)
        rung.initial = rungs[0].slug
        self.fields["load"] = LoadField(
            heaviest=rules.heaviest_load_kg, required=False, label="Load"
        )
        reps = forms.IntegerField(
            required=False,
            label="Reps",
            min_value=1,
            max_value=rules.most_reps,
            error_messages={
                "min_value": f"Reps are 1 to {rules.most_reps}.",
                "max_value": f"Reps are 1 to {rules.most_reps}.",
            },
        )
        self.fields["reps"] = reps
        for name, field in self.fields.items():
            field.label = f"{field.label or name}, {line.get_lift_display().lower()}"
        if not self.watched:
            for name in ("load", "reps", "rpe", "clean_set"):
                del self.fields[name]

    @property
    def watched(self) -> bool:
        """Whether a technique set is asked for: landings have no load to find."""
        return self.line.kind == Prescription.Kind.WORKING

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        rung = self.rungs.get(cleaned.get("rung", ""))
        if rung is None:
            return cleaned
        if not_cleared := why_not_cleared(rung, self.cleared):
            self.add_error("rung", not_cleared)
        if self.watched:
            self._check_set(cleaned, rung)
        return cleaned

    def _check_set(self, cleaned: dict[str, Any], rung: Exercise) -> None:
        load = cleaned.get("load")
        if load is None:
            return
        if wrong := why_not_loadable(load, rung, self.inventory):
            self.add_error("load", wrong)
        if cleaned.get("reps") is None and "reps" not in self.errors:
            self.add_error("reps", "How many were watched at this load?")
        if cleaned.get("clean_set") == "no":
            self.add_error(
                "clean_set",
                "A set that was not clean gives no load. Choose an easier exercise or a lighter "
                "set, or leave the load blank.",
            )
        elif cleaned.get("clean_set") != "yes":
            self.add_error("clean_set", "A load counts only from a set that was seen to be clean.")

    def start(self) -> StartingLift:
        """The starting lift; what was watched is kept beside it."""
        said = self.cleaned_data
        seen = {"load": said.get("load"), "reps": said.get("reps"), "rpe": said.get("rpe")}
        observed = {name: plain(value) for name, value in seen.items() if value is not None}
        if said.get("clean_set"):
            observed["clean"] = said["clean_set"]
        return StartingLift(
            lift=self.line.lift,
            exercise=self.rungs[said["rung"]],
            load=said.get("load"),
            observed=observed,
        )


# --- weekly places -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """A weekly class: who comes to a supervisor at a time of a weekday, in minutes after midnight.

    ``last`` is the last day of it, where it has one.
    """

    weekday: int
    begins: int
    ends: int
    room: str
    supervisor_id: int
    supervisor: str
    clients: int
    last: date | None = None

    @property
    def when(self) -> str:
        return f"{WEEKDAYS[self.weekday]} {clock(self.begins)}"


def clock(minutes: int) -> str:
    """Minutes after midnight as a clock shows them."""
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


class PlaceForm(forms.Form):
    """One weekly place: weekday, time, room, and who supervises it."""

    weekday = forms.TypedChoiceField(
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a weekday."},
    )
    at = TimeField(label="Time", error_messages={"required": "Write a time, as 9:30."})
    room = forms.CharField(max_length=60, error_messages={"required": "Write the room."})
    supervisor = forms.ModelChoiceField(
        queryset=Membership.objects.none(), label="With", empty_label=None
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        number: int,
        supervisors: Any,
        initial: Mapping[str, Any],
    ) -> None:
        super().__init__(data, prefix=f"place{number}", initial=dict(initial))
        self.number = number
        chosen = self.fields["supervisor"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = supervisors
        for name, field in self.fields.items():
            # The words of the error summary; the page itself says only "Time".
            field.label = f"{field.label or name.capitalize()} of place {number}"
        self.fields["room"].widget.attrs.update({"list": "rooms", "autocomplete": "off"})
        self.fields["at"].widget.attrs["list"] = "times"


class AssignForm(forms.Form):
    """Who is responsible and when it starts. Places and lifts have forms of their own below it."""

    therapist = forms.ModelChoiceField(
        queryset=Membership.objects.none(),
        label="Responsible therapist",
        empty_label=None,
        help_text="Answers for this plan",
    )
    starts_on = DayField(
        label="First day",
        ahead=True,
        help_text="Day, month, year",
        error_messages={"required": "Write the first day."},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        version: ProgramVersion,
        supervisors: Any,
        today: date,
        member: Membership,
        room: str,
        starts: list[StartForm],
        groups: Sequence[Group],
        rules: Rules,
    ) -> None:
        mine = member.pk if member.supervises else None
        super().__init__(data, initial={"therapist": mine, "starts_on": today})
        self.version, self.today, self.groups, self.rules = version, today, groups, rules
        chosen = self.fields["therapist"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = supervisors
        self.places = [
            PlaceForm(
                data,
                number=number,
                supervisors=supervisors,
                initial={"supervisor": mine, "room": room},
            )
            for number in range(1, version.frequency + 1)
        ]
        self.starts = starts
        #: Sentences about groups that are larger than usual; they do not hinder.
        self.warnings: list[str] = []

    @property
    def parts(self) -> list[forms.Form]:
        return [self, *self.places, *self.starts]

    @property
    def times(self) -> list[str]:
        """When there are classes, to pick a time from."""
        return sorted({clock(group.begins) for group in self.groups})

    def is_valid(self) -> bool:
        """All parts, each checked, so that every error is shown at once."""
        right = all([super().is_valid(), *(part.is_valid() for part in self.parts[1:])])
        return right and self._places_fit()

    def clean_starts_on(self) -> date:
        starts_on: date = self.cleaned_data["starts_on"]
        if starts_on < self.today - LONGEST_BACK:
            earliest = say_day(self.today - LONGEST_BACK)
            raise ValidationError(f"That is too long ago: {earliest} is the earliest.")
        if starts_on > self.today + LONGEST_AHEAD:
            latest = say_day(self.today + LONGEST_AHEAD)
            raise ValidationError(f"That is too far ahead: {latest} is the latest. Check the year.")
        return starts_on

    def _places_fit(self) -> bool:
        days = [place.cleaned_data["weekday"] for place in self.places]
        last = self.places[-1]
        if len(set(days)) < len(days):
            last.add_error("weekday", "Each place needs a weekday of its own.")
            return False
        if (pair := consecutive_weekdays(days)) is not None:
            first, second = (WEEKDAYS[day] for day in pair)
            last.add_error(
                "weekday",
                f"{first} and {second} are consecutive: bones and muscles need a day between.",
            )
            return False
        self._rested()
        for place in self.places:
            if place.is_valid():
                self._not_elsewhere(place)
            if place.is_valid():
                self._room_in_group(place)
        return all(place.is_valid() for place in self.places)

    def _rested(self) -> None:
        week = [(one.cleaned_data["weekday"], one.cleaned_data["at"]) for one in self.places]
        near = too_close_in_a_week(week, self.rules.rest_hours)
        if near is not None:
            (day, at), (later, later_at) = (week[one] for one in near)
            self.places[near[1]].add_error(
                "at",
                f"{WEEKDAYS[day]} {at:%H:%M} and {WEEKDAYS[later]} {later_at:%H:%M} are less than "
                f"{self.rules.rest_hours} hours apart. Leave more rest between them.",
            )

    def _not_elsewhere(self, place: PlaceForm) -> None:
        """One supervisor is in one class at a time: the database refuses two, the form says so."""
        said = place.cleaned_data
        begins = said["at"].hour * 60 + said["at"].minute
        for group in self.groups:
            if (
                group.weekday == said["weekday"]
                and group.supervisor_id == said["supervisor"].pk
                and group.begins < begins + self.version.minutes
                and begins < group.ends
                and (group.room, group.begins) != (said["room"], begins)
                and (group.last is None or group.last >= self.cleaned_data["starts_on"])
            ):
                place.add_error(
                    "supervisor",
                    f"{group.supervisor} supervises {group.room} from {clock(group.begins)} to "
                    f"{clock(group.ends)} on {WEEKDAYS[group.weekday]}s.",
                )
                return

    def _room_in_group(self, place: PlaceForm) -> None:
        said = place.cleaned_data
        begins = said["at"].hour * 60 + said["at"].minute
        there = sum(
            group.clients
            for group in self.groups
            if group.weekday == said["weekday"]
            and group.supervisor_id == said["supervisor"].pk
            and group.begins < begins + self.version.minutes
            and begins < group.ends
        )
        when = f"{WEEKDAYS[said['weekday']]} {said['at']:%H:%M} with {said['supervisor']}"
        if there + 1 > self.rules.group_block_above:
            place.add_error(
                "at",
                f"{when} is full: {there} clients, and at most {self.rules.group_block_above} "
                "for one supervisor. Choose another time or supervisor.",
            )
        elif there + 1 > self.rules.group_warn_above:
            self.warnings.append(
                f"{when} now has {there + 1} clients. More than {self.rules.group_warn_above} "
                "for one supervisor is many."
            )
