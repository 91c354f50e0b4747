"""What is said of a file that is imported: which it is, how it is read, what its columns are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bonefit.uploads import most

from .importing.columns import labels_of, missing
from .importing.files import NoTable, check_table
from .importing.records import DATES, DECIMALS, ENCODINGS, SEPARATORS
from .models import Import

LARGE = (
    "The file is larger than {most}. That is some 50,000 rows or more: part it into several files, "
    "or leave out the columns that are not needed."
)


class UploadForm(forms.Form):
    """A file and what is in it."""

    kind = forms.ChoiceField(
        label="What is in it",
        choices=Import.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is in the file."},
    )
    file = forms.FileField(
        label="CSV file",
        allow_empty_file=True,
        max_length=None,
        error_messages={"required": "Choose a file."},
    )

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.too_large = too_large
        self.fields["file"].help_text = f"Its first row names the columns. At most {most()}."
        self.fields["file"].widget.attrs["accept"] = ".csv,.txt,.tsv,text/csv,text/plain"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            check_table(file)
        except NoTable as bad:
            raise ValidationError(str(bad)) from bad
        return file

    def full_clean(self) -> None:
        """A file that was let go while it arrived is said beside its field."""
        super().full_clean()
        if self.is_bound and self.too_large:
            self.errors.pop("file", None)
            self.add_error("file", LARGE.format(most=most()))


class ReadingForm(forms.Form):
    """How a file is read. The guess stands there first, and why."""

    encoding = forms.ChoiceField(label="Letters", choices=list(ENCODINGS.items()))
    separator = forms.ChoiceField(label="Between two columns", choices=list(SEPARATORS.items()))
    decimal = forms.ChoiceField(
        label="Decimal sign",
        choices=list(DECIMALS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the decimal sign: the file does not tell."},
    )
    dates = forms.ChoiceField(
        label="Dates in numbers",
        choices=list(DATES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the order: the dates of the file do not tell."},
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, reading: Mapping[str, Any]
    ) -> None:
        super().__init__(data, initial={name: reading[name] for name in self.base_fields})
        for name, why in reading["why"].items():
            self.fields[name].help_text = why


class ColumnsForm(forms.Form):
    """Which column is what. ``mapping`` afterwards: index of a column -> its name."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        kind: str,
        heads: Sequence[str],
        mapping: Mapping[str, str],
    ) -> None:
        super().__init__(data)
        self.kind, self.heads = kind, heads
        self.labels = labels_of(kind)
        self.mapping: dict[int, str] = {}
        choices = [("", "Leave out"), *self.labels.items()]
        for at, head in enumerate(heads):
            self.fields[f"column_{at}"] = forms.ChoiceField(
                label=head, choices=choices, required=False, initial=mapping.get(str(at), "")
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        taken: dict[str, int] = {}
        for at in range(len(self.heads)):
            name = cleaned.get(f"column_{at}", "")
            if not name:
                continue
            if name in taken:
                words = f"{self.heads[taken[name]]} is this already. Choose one of the two."
                self.add_error(f"column_{at}", words)
            taken.setdefault(name, at)
        self.mapping = {at: name for name, at in taken.items()}
        if not self.errors:
            for words in missing(self.kind, list(taken)):
                self.add_error(None, f"No column is chosen for: {words}.")
        return cleaned
