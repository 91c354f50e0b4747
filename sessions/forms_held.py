"""The form that decides on held operations."""

from __future__ import annotations

from typing import Any

from django import forms

from .models import HeldOperation


class DecideForm(forms.Form):
    """Which entries, and whether they count or are set aside; the latter with a reason."""

    op = forms.TypedMultipleChoiceField(
        label="Entries",
        coerce=int,
        error_messages={
            "required": "Tick at least one entry.",
            "invalid_choice": "Somebody has decided on one of these already. Look again.",
        },
    )
    decision = forms.ChoiceField(
        choices=HeldOperation.Decision.choices,
        error_messages={"required": "Apply them or set them aside."},
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=HeldOperation._meta.get_field("reason").max_length,
        help_text="Needed to set them aside; it stays with them.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, ids: list[int], prefix_id: str = "") -> None:
        super().__init__(data, auto_id=f"{prefix_id}-%s")
        self.fields["op"].choices = [(pk, pk) for pk in ids]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        aside = cleaned.get("decision") == HeldOperation.Decision.SET_ASIDE
        if aside and not cleaned.get("reason"):
            self.add_error("reason", "Say why they are set aside.")
        return cleaned

    @property
    def picked(self) -> set[int]:
        """The entries that are ticked: all of them at first, later as they were left."""
        if not self.is_bound:
            return {int(pk) for pk, _ in self.fields["op"].choices}  # type: ignore[attr-defined]
        return {int(pk) for pk in self.data.getlist("op") if pk.isdigit()}  # type: ignore[attr-defined]
