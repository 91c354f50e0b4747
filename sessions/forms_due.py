"""Whose lines of the list of what is due are shown, from its address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from bonefit.clinics.models import Membership


class DueForm(forms.Form):
    """One therapist, or all; only those who are responsible for somebody can be chosen."""

    therapist = forms.ChoiceField(
        label="Therapist",
        required=False,
        error_messages={"invalid_choice": "Nobody here is in the care of this therapist."},
    )

    def __init__(self, data: Mapping[str, Any], *, therapists: Iterable[Membership]) -> None:
        super().__init__(data)
        known = {one.pk: _name(one) for one in therapists}
        names = sorted(known.items(), key=lambda one: (one[1], one[0]))
        field = self.fields["therapist"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "All"), *((str(pk), name) for pk, name in names)]

    @property
    def chosen(self) -> int | None:
        """The therapist's primary key; None for all."""
        said = self.cleaned_data["therapist"]
        return int(said) if said else None


def _name(member: Membership) -> str:
    return str(member) if member.is_active else f"{member} (left)"
