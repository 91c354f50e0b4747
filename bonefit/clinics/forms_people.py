"""What is typed about roles and cover; what it may be is said by ``people`` and ``cover``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from .access import Role
from .access_words import ROLE_SAYS
from .dates import DayField
from .models import Membership
from .people import GIVEN

LONGEST_REASON = 200


class FormOfPeople(forms.Form):
    """A form whose answers an action may still refuse. ``otherwise``: the field beside which a
    sentence stands that is about none of them."""

    otherwise = ""

    def put_wrong(self, wrong: Mapping[str, str]) -> None:
        """Each sentence beside the field that it is about."""
        for name, words in wrong.items():
            self.add_error(name if name in self.fields else self.otherwise, words)


class RolesForm(FormOfPeople):
    """A tick for each role, a last day for those that end, and why."""

    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=[(str(role), role.label) for role in GIVEN],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick at least one role.",
            "invalid_choice": "There is no such role to give. Choose among these.",
        },
    )
    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        help_text="For example: leads while Ana is away. It is kept with the change",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write why: it is kept with the change."},
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, of: Membership | None = None
    ) -> None:
        ends = of.ends_of_roles if of else {}
        held = [str(role) for role in GIVEN if of and role in of.roles_now]
        super().__init__(data, initial={"roles": held})
        for role in GIVEN:
            self.fields[f"until_{role}"] = DayField(
                ahead=True,
                required=False,
                label=f"Last day as {role.label.lower()}",
                help_text=ROLE_SAYS[role],
                initial=ends.get(str(role)) if role in held else None,
            )

    @property
    def ends(self) -> list[forms.BoundField]:
        """The fields for the last days, in the order of the roles."""
        return [self[f"until_{role}"] for role in GIVEN]

    def said(self) -> dict[str, Any]:
        """What ``give_roles`` takes; call it once the form is valid."""
        return {**self.roles_said(), "reason": self.cleaned_data["reason"]}

    def roles_said(self) -> dict[str, Any]:
        """The roles, and the last days of those that have one."""
        cleaned = self.cleaned_data
        return {
            "roles": [Role(one) for one in cleaned["roles"]],
            "until": {role: cleaned[f"until_{role}"] for role in GIVEN if cleaned[f"until_{role}"]},
        }


class InviteForm(RolesForm):
    """Whom to ask, and for which roles."""

    field_order = ("email", "name", "roles")

    email = forms.EmailField(
        label="E-mail address",
        help_text="The address that they log in with from now on",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the address that the invitation goes to.",
            "invalid": "This is no e-mail address. An example is ana@example.org.",
        },
    )
    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="As colleagues and clients read it. Who has a log-in keeps the name there",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write the name."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        del self.fields["reason"]

    def said(self) -> dict[str, Any]:
        """What ``invite`` takes; call it once the form is valid."""
        cleaned = self.cleaned_data
        return {**self.roles_said(), "email": cleaned["email"], "name": cleaned["name"]}


class EndForm(FormOfPeople):
    """Why somebody works here no more."""

    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        help_text="For example: contract ended on 30 June. It is kept with the change",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write why: it is kept with the change."},
    )


class CoverForm(FormOfPeople):
    """Whose clients, who sees to them, from when until when, why."""

    otherwise = "colleague"

    therapist = forms.ModelChoiceField(
        label="Whose clients",
        queryset=Membership.objects.none(),
        empty_label=None,
        error_messages={
            "required": "Choose whose clients they are.",
            "invalid_choice": "Choose somebody who treats in this clinic.",
        },
    )
    colleague = forms.ModelChoiceField(
        label="Who sees to them",
        queryset=Membership.objects.none(),
        empty_label="Choose",
        error_messages={
            "required": "Choose a colleague.",
            "invalid_choice": "Choose somebody who treats in this clinic.",
        },
    )
    starts_on = DayField(
        ahead=True,
        label="First day",
        help_text="Day, month, year",
        error_messages={"required": "Write the first day."},
    )
    ends_on = DayField(
        ahead=True,
        label="Last day",
        help_text="It ends by itself after this day",
        error_messages={"required": "Write the last day. Cover always has one."},
    )
    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        help_text="For example: on leave. The colleague reads it",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write why: it is what the colleague reads."},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        among: QuerySet[Membership],
        by: Membership,
        anybody: bool,
        today: date,
    ) -> None:
        super().__init__(data, initial={"therapist": by.pk, "starts_on": today})
        whose, who = self.fields["therapist"], self.fields["colleague"]
        assert isinstance(whose, forms.ModelChoiceField)
        assert isinstance(who, forms.ModelChoiceField)
        who.queryset = among if anybody else among.exclude(pk=by.pk)
        whose.queryset = among
        if not anybody:  # her own clients: nothing that is sent makes them somebody else's
            del self.fields["therapist"]
