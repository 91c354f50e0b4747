"""Findings that follow from one answer alone (protocol sheet 2.1, 2.4). Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Plain:
    """What a strict answer to one question means; "not sure" means the same, at most a letter."""

    rule: str
    tier: str
    words: str
    letter_from: str = ""
    letter_for: str = ""
    source: str = ""
    tag: str = "K"
    level: int = 5
    flexion: bool = False
    load: bool = False
    strict: tuple[str, ...] = ("yes",)
    unsure: tuple[str, ...] = ("unsure",)


_ACUTE: dict[str, Any] = {"source": "ISSU", "tag": "V2", "load": True}
_CARDIAC: dict[str, Any] = {"letter_from": "GP or cardiologist", "load": True}

PLAIN: Mapping[str, Plain] = MappingProxyType(
    {
        # Red flags: nothing is loaded until a doctor has looked.
        "back_new": Plain(
            "E50", "C", "New pain in the back or ribs: to be looked at first, with an image.",
            "GP", "new pain in the back", tag="D", level=0, flexion=True, load=True,
        ),
        "pain_night": Plain(
            "E51", "C", "Pain at night that does not ease: to be looked at first.",
            "GP", "pain at night", tag="D", level=0, flexion=True, load=True,
        ),
        "leg_numb": Plain(
            "E52", "C", "New pain, numbness or weakness down a leg: to be looked at first.",
            "GP", "pain or numbness down a leg", tag="D", level=0, flexion=True, load=True,
        ),
        "bladder_new": Plain(
            "E53", "C", "New trouble with bladder or bowel: a doctor today.",
            "GP", "bladder, bowel or numbness of the seat", tag="K", level=0, flexion=True,
            load=True,
        ),
        "fever": Plain(
            "E54", "C", "Fever or an acute infection.", "GP", "an acute infection", **_ACUTE
        ),
        "weight_loss": Plain("E55", "B", "Weight lost without trying.", "GP", "weight loss"),
        "cancer": Plain(
            "E56", "B", "Cancer, now or within 5 years.", "Oncologist or GP",
            "heavy loads after or with cancer", source="L18", load=True,
        ),
        # Heart and vessels.
        "heart_acute": Plain(
            "E60", "C", "A heart that is acutely ill.", "Cardiologist", "heavy training", **_ACUTE
        ),
        "clot": Plain(
            "E61", "C", "A blood clot within 3 months.", "GP", "training after a clot", **_ACUTE
        ),
        "aortic": Plain(
            "E62", "C", "Severe aortic stenosis.", strict=("severe",), unsure=(), **_ACUTE
        ),
        "aneurysm": Plain(
            "E63", "C", "An aneurysm that grows or has torn.", strict=("severe",), unsure=(),
            **_ACUTE,
        ),
        "heart_other": Plain(
            "E64", "B", "Heart disease.", letter_for="heavy training with heart disease",
            source="ISSU", tag="V2", **_CARDIAC,
        ),
        "chest_pain": Plain(
            "E65", "C", "Chest pain, faintness or breathlessness on effort.",
            letter_for="symptoms on effort", **_CARDIAC,
        ),
        "bp_uncontrolled": Plain(
            "E66", "B", "Blood pressure that is not under control.", "GP", "blood pressure",
            source="ISSU", tag="V2", load=True,
        ),
        # Pelvic floor, hernia, eyes: a plan before anything heavy.
        "prolapse": Plain(
            "E70", "A", "Pelvic organ prolapse: plan with the pelvic-floor therapist.",
            load=True, source="VIB",
        ),
        "leak": Plain(
            "E71", "A", "Leaks urine on effort: train the pelvic floor first.",
            source="VIB",
        ),
        "hernia": Plain("E72", "A", "Hernia: no held breath, plan the loads.", load=True),
        "eye_recent": Plain(
            "E73", "B", "Eye surgery within 3 months, or a problem of the retina.", "Eye doctor",
            "heavy lifting and landings", load=True,
        ),
        "glaucoma": Plain("E74", "A", "Glaucoma: no held breath, head never low.", load=True),
        # Back, joints and the rest.
        "back_long": Plain("E80", "A", "Long-standing back pain: watch technique.", flexion=True),
        "back_cause": Plain(
            "E16", "A", "Back pain without a known cause: an image of the spine is due.",
            flexion=True, load=True, strict=("no",),
        ),
        "kyphosis": Plain(
            "E17", "A", "A back that has become rounder: an image of the spine is due.",
            flexion=True, load=True,
        ),
        "joint_replaced": Plain("E81", "A", "Joint replacement: plan depth and landings."),
        "leg_injury": Plain(
            "E82", "B", "Injury or surgery of a leg within 6 months.", "GP or surgeon",
            "loading the leg", source="L18", level=0,
        ),
        "shoulder": Plain("E83", "A", "Shoulder problem: choose the press with care.", load=True),
        "arthritis": Plain(
            "E84", "A", "Arthritis or frailty: landings may need changing.", source="ESSA",
            tag="V",
        ),
        "made_worse": Plain(
            "E92", "B", "A disease of muscles, nerves or joints that exercise makes worse.", "GP",
            "heavy training with it", source="ISSU", tag="V2", load=True,
        ),
        "vertigo": Plain("E85", "A", "Vertigo or poor balance: a hand support first."),
        "anticoagulant": Plain("E86", "A", "Anticoagulant: a fall or a knock bleeds."),
        "bone_medicine": Plain(
            "E33", "A",
            "A bone medicine begun, changed or stopped within a year: a change of the scan may be "
            "the medicine’s.",
            source="MXA1", tag="V", strict=("new",),
        ),
        "bone_affecting": Plain("E87", "A", "Another medicine that affects bone.", source="L18"),
        "diabetes_uncontrolled": Plain(
            "E88", "B", "A metabolic disease that is not under control.", "GP",
            "training with it", source="ISSU", tag="V2",
        ),
        "bone_disease": Plain(
            "E89", "B", "Kidney, thyroid, parathyroid or Paget’s disease.", "GP",
            "heavy loads with this disease", source="L18",
        ),
        "walks_alone": Plain(
            "E90", "B", "Does not walk without help.", "GP", "heavy training", source="L18",
            level=0, load=True, strict=("no",),
        ),
        "follows": Plain(
            "E91", "B", "Cannot follow instructions in a group.", "GP", "training in a group",
            source="L18", level=0, load=True, strict=("no",),
        ),
    }
)  # fmt: skip

#: The milder half of two questions that have three answers.
MILDER: Mapping[str, tuple[Plain, ...]] = MappingProxyType(
    {
        "aortic": (
            Plain(
                "E62", "B", "Aortic stenosis.", "Cardiologist", "heavy training", source="ISSU",
                tag="V2", load=True, strict=("moderate",),
            ),
        ),
        "aneurysm": (
            Plain(
                "E63", "B", "An aneurysm.", "GP or vascular surgeon", "heavy training",
                load=True, strict=("watched",),
            ),
        ),
    }
)  # fmt: skip
