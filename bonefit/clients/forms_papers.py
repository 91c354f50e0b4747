"""What is typed about a client's papers: clearances with their letters, and other papers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.datastructures import MultiValueDict

from bonefit.clinics.dates import DayField, say_day
from bonefit.uploads import most

from .documents import BadFile, check_upload
from .forms import ClearanceForm
from .models import Clearance, Document

ACCEPTED = ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"
AGAIN = "Choose the file again: a browser does not keep it."
#: A letter that holds longer than this has a slip in its year.
MOST_YEARS = 10


class PaperField(forms.FileField):
    """A PDF, PNG or JPEG of at most 10 MB, taken for what it is by its content."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", f"PDF, PNG or JPEG, at most {most()}")
        super().__init__(max_length=None, allow_empty_file=True, **kwargs)
        self.widget.attrs["accept"] = ACCEPTED

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if isinstance(file, File):
            try:
                check_upload(file)
            except BadFile as bad:
                raise ValidationError(str(bad)) from bad
        return file


class WithPaper(forms.Form):
    """A form with one file in the field ``paper``; ``too_large`` are fields that came too large."""

    paper_field = "letter"

    def __init__(self, *args: Any, too_large: Iterable[str | None] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.too_large = frozenset(too_large)

    def full_clean(self) -> None:
        """A file that came too large is said beside its field, and one that came well is asked for
        again where anything else is wrong.
        """
        super().full_clean()
        if not self.is_bound:
            return
        if self.paper_field in self.too_large:
            self.errors.pop(self.paper_field, None)
            words = f"The file is larger than {most()}. Save it smaller, or scan it anew."
            self.add_error(self.paper_field, words)
        elif self.errors and self.cleaned_data.get(self.paper_field):
            self.add_error(self.paper_field, AGAIN)


class PaperForm(WithPaper):
    """Another paper of a client: what it is, and the file."""

    paper_field = "file"

    kind = forms.ChoiceField(
        label="What it is",
        choices=[(kind.value, kind.label) for kind in (Document.Kind.SCAN, Document.Kind.OTHER)],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is."},
    )
    file = PaperField(label="File", error_messages={"required": "Choose a file."})


class RemoveForm(forms.Form):
    """Why a paper is hidden."""

    why = forms.CharField(
        label="Why is it removed",
        max_length=200,
        error_messages={"required": "Write why, for example: another person’s letter."},
    )


class LetterForm(WithPaper, ClearanceForm):
    """A clearance with all that may come with it: its letter, what that covers, until when."""

    expires_on = DayField(ahead=True, required=False, label="Holds until")
    covers = forms.MultipleChoiceField(
        label="The letter answers for",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What the newest screening wants a letter for",
    )
    note = forms.CharField(
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Limits that the letter sets, in its own words",
    )
    on_file = forms.ChoiceField(
        label="Letter",
        required=False,
        help_text="Take one that is kept already, or a new one below",
    )
    letter = PaperField(label="New letter", required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        today: date,
        born_on: date | None = None,
        wanted: Sequence[Mapping[str, Any]] = (),
        kept: Iterable[Document] = (),
        runs_out: Callable[[date], date],
        too_large: Iterable[str | None] = (),
    ) -> None:
        super().__init__(data, files=files, today=today, born_on=born_on, too_large=too_large)
        self.runs_out = runs_out
        self.kept = {str(one.uid): one for one in kept}
        covers, on_file = self.fields["covers"], self.fields["on_file"]
        assert isinstance(covers, forms.ChoiceField)
        assert isinstance(on_file, forms.ChoiceField)
        covers.choices = [(one["rule"], one["words"]) for one in wanted]
        on_file.choices = [
            ("", "None, or a new one"),
            *(
                (uid, f"{one.name}, {say_day(one.added_at.date())}")
                for uid, one in self.kept.items()
            ),
        ]
        if not wanted:
            del self.fields["covers"]
        if not self.kept:
            del self.fields["on_file"]
        months = f"for example {say_day(runs_out(today))}"
        self.fields["expires_on"].help_text = (
            f"Last good day, {months}. Blank: the clinic’s usual time after the day of a letter, "
            "no end where there is none"
        )

    def clean_expires_on(self) -> date | None:
        day: date | None = self.cleaned_data["expires_on"]
        if day is None:
            return None
        if day < self.today:
            raise ValidationError("This day is past: it holds no more. Ask for a new one.")
        if day > self.today + timedelta(days=366 * MOST_YEARS):
            raise ValidationError(f"That is more than {MOST_YEARS} years ahead. Check the year.")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        letter, cleared_on = self._has_letter(cleaned), cleaned.get("cleared_on")
        if cleaned.get("covers") and not letter and "letter" not in self.errors:
            self.add_error("letter", "Add the letter: only a letter can answer for this.")
        if cleaned.get("letter") and cleaned.get("on_file"):
            self.add_error("on_file", "Choose one: the letter that is kept, or the new one.")
        if (
            letter
            and cleared_on
            and not cleaned.get("expires_on")
            and "expires_on" not in self.errors
        ):
            self._usual_end(cleaned, cleared_on)
        return cleaned

    def _has_letter(self, cleaned: Mapping[str, Any]) -> bool:
        return bool(cleaned.get("letter") or cleaned.get("on_file"))

    def _usual_end(self, cleaned: dict[str, Any], cleared_on: date) -> None:
        day = self.runs_out(cleared_on)
        cleaned["expires_on"] = day
        if day < self.today:
            self.add_error(
                "expires_on",
                f"A letter of this day held until {say_day(day)}. Ask for a new one, or write "
                "until when this one holds.",
            )

    def clearance(self) -> dict[str, Any]:
        """The columns of a Clearance, but for its document."""
        more = ("expires_on", "note")
        columns = super().clearance() | {name: self.cleaned_data[name] for name in more}
        return columns | {"covers": self.cleaned_data.get("covers", [])}

    def kept_letter(self) -> Document | None:
        """The letter that was chosen among those that are kept."""
        return self.kept.get(self.cleaned_data.get("on_file", ""))


def letters_wanted(findings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The findings of a screening that want a letter: tier B, each rule once."""
    found = {one["rule"]: one for one in findings if one.get("tier") == "B"}
    return list(found.values())


def words_of(clearance: Clearance, wanted: Mapping[str, str]) -> list[str]:
    """What a letter covers, in the words of the newest screening where it still has the rule."""
    return [wanted.get(rule, rule.replace("_", " ")) for rule in clearance.covers]
