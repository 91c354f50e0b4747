"""The form of a questionnaire: one field for each question, as typed, none required to save."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

from .questionnaires import LONGEST, Question, Section

PREFIX = "q_"


class ScreeningForm(forms.Form):
    """The questions of one or more sections. A draft is kept as it was typed, also where it means
    nothing; only what no field can hold is refused (too long, a character that is none).

    ``by_client``: in the client's words, without what is for the therapist. ``problems`` are put
    beside their fields.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        sections: Iterable[Section],
        answers: Mapping[str, str],
        by_client: bool = False,
        problems: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data)
        self.sections = tuple(sections)
        self.by_client = by_client
        for question in self.questions():
            field = _field(question, by_client)
            field.initial = answers.get(question.key, "")
            self.fields[PREFIX + question.key] = field
        for key, words in (problems or {}).items():
            if PREFIX + key in self.fields:
                self.add_problem(key, words)

    def questions(self) -> list[Question]:
        """Every question that is on the page."""
        return [one for section in self.sections for one in self._asked_in(section)]

    def _asked_in(self, section: Section) -> list[Question]:
        return [one for one in section.questions if not (self.by_client and one.by)]

    def add_problem(self, key: str, words: str) -> None:
        """Put words beside a question's field, also where nothing was posted."""
        found = self.errors.setdefault(PREFIX + key, self.error_class(renderer=self.renderer))
        found.append(words)

    def typed(self) -> dict[str, str]:
        """What was typed, by question; left alone is blank, and what is refused is left out."""
        return {
            one.key: str(self.data.get(PREFIX + one.key, ""))
            for one in self.questions()
            if PREFIX + one.key not in self.errors
        }

    def blocks(self) -> list[tuple[Section, list[tuple[Question, forms.BoundField]]]]:
        """Sections with their fields, for the page."""
        return [
            (section, [(one, self[PREFIX + one.key]) for one in self._asked_in(section)])
            for section in self.sections
        ]


_TOO_LONG = f"Write no more than {LONGEST:,} characters. This answer is not saved yet."
_NO_CHOICE = "Choose one of the answers."


def _field(question: Question, by_client: bool) -> forms.Field:
    words = question.client if by_client else question.ask
    if question.show_if:
        words = f"If yes: {words[0].lower()}{words[1:]}"
    common: dict[str, Any] = {"required": False, "label": words}
    help_text = "" if by_client else question.help
    if question.kind in ("yesno", "choice"):
        return forms.ChoiceField(
            choices=question.client_choices if by_client else question.choices,
            widget=forms.RadioSelect,
            help_text=help_text,
            error_messages={"invalid_choice": _NO_CHOICE},
            **common,
        )
    # No maxlength on the control: a browser would cut off what is pasted, and say nothing.
    common["validators"] = [MaxLengthValidator(LONGEST, message=_TOO_LONG)]
    attrs = {"autocomplete": "off"}
    if question.kind == "text":
        return forms.CharField(widget=forms.Textarea(attrs={**attrs, "rows": 3}), **common)
    if question.kind == "month":
        help_text = "Month and year, as 3/2025."
    if question.unsure:
        help_text = f"{help_text} Not sure? Write “not sure”.".strip()
    if question.kind == "number":
        attrs["inputmode"] = "decimal" if not question.unsure else "text"
    return forms.CharField(help_text=help_text, widget=forms.TextInput(attrs=attrs), **common)
