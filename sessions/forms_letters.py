"""A progress letter as it is typed: the days that it is about, and its text in parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms

from bonefit.clinics.dates import DayField, say_day
from bonefit.typed import NUL

from .letter_words import LONGEST, PARTS, TITLES
from .letters import Text
from .models import ProgressLetter

#: What a letter is about unless somebody says otherwise: four months, as a battery of tests.
USUAL = timedelta(days=122)


class NewLetterForm(forms.Form):
    """The days that the letter is about, both included."""

    addressee = forms.CharField(
        label="To", required=False, max_length=120, help_text="The doctor who referred her"
    )
    first = DayField(label="From", error_messages={"required": "Write the first day."})
    last = DayField(label="Until", error_messages={"required": "Write the last day."})

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        today: date,
        started: date,
        addressee: str = "",
    ) -> None:
        first = max(started, today - USUAL)
        super().__init__(
            data, initial={"addressee": addressee, "first": min(first, today), "last": today}
        )
        self.today = today
        self.fields["addressee"].widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if last is not None and last > self.today:
            self.add_error("last", "This day is still to come. A letter is about what was.")
        if first is not None and last is not None and first > last:
            self.add_error("last", f"This is before the first day, {say_day(first)}.")
        return cleaned


class LetterForm(forms.Form):
    """Whom it is to, and the text part by part. ``letters.Text.problems`` says what is wrong."""

    revision = forms.CharField(required=False, widget=forms.HiddenInput)
    addressee = forms.CharField(label="To", required=False)
    address = forms.CharField(
        label="Address", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, letter: ProgressLetter, on: int = -1
    ) -> None:
        """``on`` is the revision that the form is saved onto; that of the letter by itself."""
        initial: dict[str, Any] = {
            "revision": str(letter.revision),
            "addressee": letter.addressee,
            "address": letter.address,
        }
        initial |= {f"part-{key}": letter.parts.get(key, "") for key, _ in PARTS}
        if data is not None and on >= 0:
            data = {**{name: data.get(name, "") for name in initial}, "revision": str(on)}
        super().__init__(data, initial=initial)
        for key, title in PARTS:
            self.fields[f"part-{key}"] = forms.CharField(
                label=title,
                required=False,
                strip=False,
                help_text=f"{LONGEST} characters at most; blank leaves the part out",
                widget=forms.Textarea(attrs={"rows": 6}),
            )

    @property
    def parts(self) -> list[Any]:
        """The fields of the parts, in the order of the letter."""
        return [self[f"part-{key}"] for key, _ in PARTS]

    def text(self) -> Text:
        """What was typed."""

        def said(name: str) -> str:
            return str(self.data.get(name, "")).replace(NUL, "")

        parts = {key: said(f"part-{key}") for key, _ in PARTS}
        return Text(said("addressee"), said("address"), parts)

    def read_revision(self) -> int:
        """The revision that was read before typing; -1 where the field carries none."""
        typed = str(self.data.get("revision", ""))
        return int(typed[:9]) if typed.isascii() and typed.isdigit() else -1

    def show(self, problems: Mapping[str, str]) -> None:
        """Put what is wrong beside its field."""
        self.is_valid()
        for name, words in problems.items():
            self.add_error(name, words)


def differences(form: LetterForm, letter: ProgressLetter) -> list[tuple[str, str]]:
    """What stands in the draft by now where it is not what was typed: title and text."""
    text = form.text()
    now = {"addressee": letter.addressee, "address": letter.address}
    typed = {"addressee": text.addressee, "address": text.address}
    titles = {"addressee": "To", "address": "Address", **TITLES}
    now |= {key: letter.parts.get(key, "") for key, _ in PARTS}
    typed |= dict(text.parts)
    return [
        (titles[key], standing)
        for key, standing in now.items()
        if standing.strip() != typed[key].replace("\r\n", "\n").strip()
    ]
