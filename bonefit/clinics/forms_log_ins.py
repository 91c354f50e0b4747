"""Why a colleague's second step is taken away."""

from __future__ import annotations

from django import forms

LONGEST_REASON = 200


class ResetForm(forms.Form):
    """The reason, which is kept and which the colleague may ask for."""

    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        help_text="For example: telephone lost, she stood before me and asked for it",
        error_messages={"required": "Write why it is reset, and how you know that she asked."},
    )
