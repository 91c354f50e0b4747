"""An operation in words, for the history of a visit: what was said, and what stood before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from programs.pain import NONE_OF_THEM, YES_OR_NO

from .models import AdverseEvent, PainKind, SetEntry, Site, Visit

_TECHNIQUE = {"clean": "clean", "not_clean": "not clean", "True": "clean", "False": "not clean"}
#: A tap says how many without knowing what is counted; the set keeps the one that its lift counts.
_COUNTS = frozenset({"reps", "seconds", "landings"})


def _yes_no(yes: str, no: str) -> Callable[[str], str]:
    """Words for a yes and for a no, as it was tapped or as it was kept."""
    words = {"yes": yes, "no": no, "True": yes, "False": no}
    return lambda value: words.get(value, value)


def _labels(choices: Any) -> Callable[[str], str]:
    """The words of a choice; what is none of them is shown as it came."""
    labels = dict(choices.choices)
    return lambda value: str(labels.get(value, value)).lower()


#: Why somebody was stopped, where that was tapped; what was typed stays as it was typed.
_WHAT = {what.value: what.label.lower() for what in AdverseEvent.What}
#: Each thing that can be said, in the order in which it is read; the rest says nothing to a reader.
_WORDS: dict[str, Callable[[str], str]] = {
    "load": str,
    "reps": lambda value: f"{value} reps",
    "seconds": lambda value: f"{value} s",
    "landings": lambda value: f"{value} landings",
    "level": lambda value: f"level {value}",
    "landing_level": lambda value: f"level {value}",
    "drop_cm": lambda value: f"from {value} cm",
    "tolerated": _yes_no("tolerated", "not tolerated"),
    "rpe": lambda value: f"RPE {value}",
    "technique": lambda value: _TECHNIQUE.get(value, value),
    "clean": lambda value: _TECHNIQUE.get(value, value),
    "pain": lambda value: f"pain {value}",
    "pain_site": _labels(Site),
    "pain_kind": _labels(PainKind),
    "to_confirm": lambda value: "to be confirmed" if value == "True" else "",
    "next_day": lambda value: f"worst pain since last time {value}",
    "next_day_site": _labels(Site),
    "next_day_kind": _labels(PainKind),
    "now": lambda value: f"pain now {value}",
    "now_site": _labels(Site),
    "now_kind": _labels(PainKind),
    "away": lambda value: (
        "no fall, illness or hospital" if value == NONE_OF_THEM else f"since last time: {value}"
    ),
    "fracture": _yes_no("a fracture", "no fracture"),
    "medicine": _yes_no("something new", "no new medicine, diagnosis or procedure"),
    "dizzy": _yes_no("dizzy", "not dizzy"),
    "status": _labels(Visit.Status),
    "signed_by": lambda value: f"signed by {value}",
    "what": _labels(AdverseEvent.What),
    "severity": _labels(AdverseEvent.Severity),
    "site": _labels(Site),
    "set_number": lambda value: f"set {value}",
    "serious": _yes_no("serious", "not serious"),
    "related": lambda value: f"related to training: {_labels(AdverseEvent.Related)(value)}",
    "described": str,
    "action": str,
    "outcome": str,
    "why": lambda value: _WHAT.get(value, value),
}


def stopped_for(why: str) -> str:
    """Why somebody was stopped, in words."""
    return _WHAT.get(why, why)


def said(payload: Mapping[str, Any], entry: SetEntry | None) -> str:
    """What somebody said with one tap or one form."""
    unit = payload.get("unit") or (entry and entry.entered_unit) or "kg"
    return _listed({**payload, "load": _weighed(payload.get("load"), unit)}, entry)


def stood(before: Mapping[str, Any] | None, entry: SetEntry | None) -> str:
    """What that replaced; empty where nothing was there."""
    known = dict(before or {})
    known["load"] = _weighed(known.get("load"), "kg")
    answers = known.pop("answers", None) or {}
    for name in ("next_day", "now"):
        score, site, kind = answers.get(name) or (None, "", "")
        known |= {name: score, f"{name}_site": site, f"{name}_kind": kind}
    known |= {name: answers.get(name) for name in YES_OR_NO if answers}
    return _listed({**known, "away": answers.get("away", "")}, entry)


def _weighed(load: object, unit: str) -> str:
    return f"{load} {unit}" if load not in (None, "") else ""


def _listed(values: Mapping[str, Any], entry: SetEntry | None) -> str:
    words = [
        word(str(values[name]))
        for name, word in _WORDS.items()
        if values.get(name) not in (None, "") and _is_counted(name, entry)
    ]
    return ", ".join(word for word in words if word)


def _is_counted(name: str, entry: SetEntry | None) -> bool:
    return entry is None or name not in _COUNTS or getattr(entry, name) is not None
