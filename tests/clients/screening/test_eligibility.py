"""Every rule of the screening, with its bounds (protocol sheet section 2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bonefit.clients.eligibility import t_score_class
from bonefit.clients.eligibility_rules import LANDINGS, THRESHOLDS
from bonefit.clients.questionnaires import questionnaire
from programs.rules import Rules, setting

from .answers import WELL, judged, rules_found


def test_somebody_with_nothing_to_find_is_cleared_by_the_clinician_up_to_the_highest_landing():
    found = judged()
    assert (found.tier, found.impact_allowed) == ("A", 5)
    assert (found.flexion_caution, found.load_caution) == (False, False)
    assert rules_found(found) == {"E21": "A"}


@pytest.mark.parametrize(
    ("t_score", "kind"),
    [
        ("-0.9", "normal"),
        ("-1.0", "normal"),
        ("-1.1", "osteopenia"),
        ("-2.4", "osteopenia"),
        ("-2.5", "osteoporosis"),
        ("-3.5", "osteoporosis"),
    ],
)
def test_a_t_score_is_named_as_reported_with_its_bounds(t_score, kind):
    assert t_score_class(Decimal(t_score)) == kind


def test_one_density_is_two_things_under_two_references_so_it_is_never_worked_out():
    """Protocol sheet 8.17: 0.560 g/cm² is −2.604 or −2.483; the reported one is copied."""
    bmd = Decimal("0.560")
    first = ((bmd - Decimal("0.849")) / Decimal("0.111")).quantize(Decimal("0.001"))
    second = ((bmd - Decimal("0.858")) / Decimal("0.120")).quantize(Decimal("0.001"))
    assert (first, second) == (Decimal("-2.604"), Decimal("-2.483"))
    assert (t_score_class(first), t_score_class(second)) == ("osteoporosis", "osteopenia")
    words = {one.rule: one.words for one in judged(t_lumbar="-2.5").findings}
    assert words["E21"] == "Lowest T-score -2.5 as reported: osteoporosis."


@pytest.mark.parametrize(
    ("answers", "rule", "tier", "level"),
    [
        # Fractures and height
        ({"fracture_spine": "yes"}, "E10", "A", 0),
        ({"fracture_spine": "unsure"}, "E10", "A", 0),
        (
            {
                "fracture_ever": "yes",
                "fracture_last": "3/2019",
                "fractures_low": "1",
            },
            "E11",
            "A",
            2,
        ),
        (
            {
                "fracture_ever": "yes",
                "fracture_last": "3/2019",
                "fractures_low": "2",
            },
            "E13",
            "A",
            0,
        ),
        (
            {
                "fracture_ever": "yes",
                "fracture_last": "3/2019",
                "fractures_low": "unsure",
            },
            "E13",
            "A",
            0,
        ),
        (
            {
                "fracture_ever": "yes",
                "fracture_last": "12/2025",
                "fractures_low": "0",
            },
            "E12",
            "C",
            0,
        ),
        (
            {
                "fracture_ever": "yes",
                "fracture_last": "11/2025",
                "fractures_low": "0",
            },
            "E12",
            "B",
            5,
        ),
        (
            {
                "fracture_ever": "yes",
                "fracture_last": "3/2025",
                "fractures_low": "0",
            },
            "E12",
            "B",
            5,
        ),
        (
            {
                "fracture_ever": "yes",
                "fracture_last": "unsure",
                "fractures_low": "0",
            },
            "E12",
            "B",
            5,
        ),
        ({"height_lost": "4.1"}, "E14", "B", 0),
        ({"height_lost": "unsure"}, "E14", "A", 5),
        ({"back_long": "yes", "back_cause": "no"}, "E16", "A", 2),
        ({"back_long": "yes", "back_cause": "unsure"}, "E16", "A", 2),
        ({"kyphosis": "yes"}, "E17", "A", 2),
        ({"falls_year": "unsure"}, "E15", "A", 3),
        ({"falls_year": "2"}, "E15", "A", 3),
        ({"falls_hurt": "yes"}, "E15", "A", 3),
        # Scan
        ({"scan_seen": "no"}, "E20", "A", 2),
        ({"scan_seen": "no", "t_hip": "-3.5"}, "E23", "B", 2),
        ({"scan_seen": "unsure", "t_hip": "-3.5"}, "E23", "B", 2),
        ({"t_lumbar": "-1.0", "t_neck": "-0.4"}, "E26", "A", 5),
        ({"t_lumbar": "-0.9", "t_neck": "-0.4"}, "E26", "A", 5),
        ({"menopause": "before", "z_lowest": "-2.0"}, "E25", "A", 5),
        ({"menopause": "before"}, "E25", "A", 5),
        ({"menopause": "unsure"}, "E02", "A", 5),
        ({"t_lumbar": "-3.5"}, "E23", "B", 2),
        ({"frax_hip": "3", "t_lumbar": "-1.5", "t_neck": "-2.0"}, "E24", "A", 5),
        ({"menopause": "before"}, "E02", "A", 5),
        # Medicines
        ({"steroid": "yes", "steroid_mg": "5", "steroid_months": "3"}, "E31", "B", 5),
        ({"steroid": "yes", "steroid_mg": "unsure", "steroid_months": "12"}, "E31", "B", 5),
        ({"steroid": "yes", "steroid_mg": "4.9", "steroid_months": "12"}, "E30", "A", 5),
        ({"steroid": "yes", "steroid_mg": "20", "steroid_months": "2"}, "E30", "A", 5),
        ({"anticoagulant": "yes"}, "E86", "A", 3),
        ({"steroid": "unsure"}, "E30", "A", 5),
        ({"bone_medicine": "new"}, "E33", "A", 5),
        ({"bone_medicine": "unsure"}, "E33", "A", 5),
        ({"bone_affecting": "yes"}, "E87", "A", 5),
        # Red flags
        ({"back_new": "yes"}, "E50", "C", 0),
        ({"back_new": "unsure"}, "E50", "B", 0),
        ({"pain_night": "yes"}, "E51", "C", 0),
        ({"leg_numb": "yes"}, "E52", "C", 0),
        ({"bladder_new": "yes"}, "E53", "C", 0),
        ({"fever": "yes"}, "E54", "C", 5),
        ({"weight_loss": "yes"}, "E55", "B", 5),
        ({"cancer": "yes"}, "E56", "B", 5),
        ({"pain_now": "6"}, "E41", "C", 5),
        ({"pain_now": "5"}, "E41", "A", 5),
        ({"pain_now": "3"}, "E41", "A", 5),
        # Heart
        ({"heart_acute": "yes"}, "E60", "C", 5),
        ({"clot": "yes"}, "E61", "C", 5),
        ({"aortic": "severe"}, "E62", "C", 5),
        ({"aortic": "moderate"}, "E62", "B", 5),
        ({"aortic": "unsure"}, "E62", "B", 5),
        ({"aneurysm": "severe"}, "E63", "C", 5),
        ({"aneurysm": "watched"}, "E63", "B", 5),
        ({"heart_other": "yes"}, "E64", "B", 5),
        ({"chest_pain": "yes"}, "E65", "C", 5),
        ({"bp_uncontrolled": "yes"}, "E66", "B", 5),
        ({"bp_systolic": "181"}, "E40", "C", 5),
        ({"bp_diastolic": "111"}, "E40", "C", 5),
        ({"bp_systolic": "unsure"}, "E42", "A", 5),
        ({"bp_diastolic": "not sure"}, "E42", "A", 5),
        # Pelvic floor, eyes, the rest
        ({"prolapse": "yes"}, "E70", "A", 2),
        ({"leak": "yes"}, "E71", "A", 2),
        ({"hernia": "yes"}, "E72", "A", 5),
        ({"eye_recent": "yes"}, "E73", "B", 1),
        ({"glaucoma": "yes"}, "E74", "A", 5),
        ({"back_long": "yes", "back_cause": "yes"}, "E80", "A", 5),
        ({"made_worse": "yes"}, "E92", "B", 5),
        ({"joint_replaced": "yes"}, "E81", "A", 2),
        ({"leg_injury": "yes"}, "E82", "B", 0),
        ({"shoulder": "yes"}, "E83", "A", 5),
        ({"arthritis": "yes"}, "E84", "A", 3),
        ({"vertigo": "yes"}, "E85", "A", 1),
        ({"diabetes_uncontrolled": "yes"}, "E88", "B", 5),
        ({"bone_disease": "yes"}, "E89", "B", 5),
        ({"walks_alone": "no"}, "E90", "B", 0),
        ({"follows": "no"}, "E91", "B", 0),
    ],
)
def test_one_answer_is_found_under_its_rule(answers, rule, tier, level):
    found = judged(**answers)
    assert rules_found(found)[rule] == tier
    assert (found.tier, found.impact_allowed) == (tier, level)


@pytest.mark.parametrize(
    "answers",
    [
        {"height_lost": "4"},
        {"falls_year": "1"},
        {"z_lowest": "-1.9"},
        {"t_lumbar": "-1.1", "t_neck": "-1.1"},
        {"bone_medicine": "year"},
        {"t_lumbar": "-3.4"},
        {"bp_systolic": "180", "bp_diastolic": "110"},
        {"pain_now": "2"},
        {"frax_hip": "2.9", "t_lumbar": "-1.5", "t_neck": "-2.0"},
        {"frax_hip": "9"},  # osteoporosis already: no prompt is needed
    ],
)
def test_just_on_the_other_side_of_a_bound_nothing_more_is_found(answers):
    assert rules_found(judged(**answers)) == {"E21": "A"}


def test_a_woman_younger_than_the_setting_is_a_question_for_a_doctor():
    assert judged(born_on=date(1968, 3, 5)).findings == judged().findings  # 58 today
    found = judged(born_on=date(1968, 3, 6))
    assert rules_found(found)["E01"] == "B"
    assert found.tier == "B"


def test_a_man_under_fifty_is_told_by_the_z_score():
    assert "E02" in rules_found(judged(born_on=date(1977, 1, 1), sex="male"))
    assert "E02" not in rules_found(judged(sex="male"))


def test_before_menopause_a_t_score_has_no_class_and_exactly_minus_one_is_said():
    said = {one.rule: one.words for one in judged(menopause="before").findings}
    assert said["E21"] == (
        "Lowest T-score -2.6 as reported: the Z-score counts, so this has no class."
    )
    assert said["E25"] == "No Z-score was copied from the report."
    bound = {one.rule: one.words for one in judged(t_lumbar="-1.0", t_neck="0").findings}
    assert bound["E26"] == "Exactly -1.0: MEDEX-OP took such women in, LIFTMOR did not."


def test_every_question_is_the_ground_of_some_finding_or_has_no_order():
    """A strictest answer that nothing follows from would be asked for nothing."""
    further = {"fracture_ever": "yes", "steroid": "yes", "back_long": "yes", "menopause": "before"}
    further |= {"fracture_last": "2019", "fractures_low": "0"}
    further |= {"steroid_mg": "9", "steroid_months": "9", "back_cause": "yes", "z_lowest": "0"}
    for question in questionnaire().questions():
        if not question.stricter:
            continue
        others = {key: value for key, value in further.items() if key != question.key}
        said = {**others, question.key: _strictest(question)}
        mild = {**others, question.key: MILDEST.get(question.key) or _mildest(question)}
        assert judged(**said).findings != judged(**mild).findings, question.key


#: Where the mildest answer is not the other end of the strictest.
MILDEST = {"fracture_last": "2019", "menopause": "after"}


def _mildest(question):
    match question.stricter:
        case "yes" | "no":
            return "no" if question.stricter == "yes" else "yes"
        case "high":
            return str(question.low)
        case "low":
            return str(question.high)
    return min(zip(question.ranks, dict(question.choices), strict=True))[1]


def test_the_clinics_own_thresholds_count():
    strict = replace(Rules(), letter_from_t_score=Decimal("-2.6"), low_trauma_fractures=1)
    assert judged(rules=strict).tier == "B"
    broke = {
        "fracture_ever": "yes",
        "fracture_last": "2019",
        "fractures_low": "1",
    }
    assert judged(rules=strict, **broke).impact_allowed == 0


def test_osteoporosis_with_a_fragility_fracture_is_spared_bending_and_explosive_loads():
    broke = {
        "fracture_ever": "yes",
        "fracture_last": "2019",
        "fractures_low": "1",
    }
    found = judged(**broke)
    assert "E22" in rules_found(found)
    assert (found.flexion_caution, found.load_caution, found.impact_allowed) == (True, True, 2)
    assert "E22" not in rules_found(judged(t_lumbar="-2.4", **broke))


def test_every_finding_says_where_it_comes_from_and_how_sure_that_is():
    strictest = {one.key: _strictest(one) for one in questionnaire().questions()}
    found = judged(**{key: value for key, value in strictest.items() if value is not None})
    assert found.tier == "C"
    for one in found.findings:
        assert one.rule.startswith("E")
        assert one.words.endswith(".")
        assert one.tag in ("V", "V2", "K", "D")
        assert one.tier != "B" or (one.letter_from and one.letter_for)
        assert "no risk" not in one.words.lower()


def _strictest(question):
    match question.stricter:
        case "yes" | "no":
            return question.stricter
        case "high":
            return str(question.high)
        case "low":
            return str(question.low)
        case "late":
            return "3/2026"
        case "order":
            return max(zip(question.ranks, dict(question.choices), strict=True))[1]
    return WELL.get(question.key)


def test_how_high_one_may_land_after_a_finding_is_the_clinics_own_number():
    assert set(LANDINGS.values()) <= set(THRESHOLDS)
    for name in set(LANDINGS.values()):
        assert setting(name).tag == "D"
    careful = replace(Rules(), landing_pelvic_floor=0, falls_a_year=1, landing_falls=1)
    assert judged(leak="yes").impact_allowed == 2
    assert judged(leak="yes", rules=careful).impact_allowed == 0
    assert judged(falls_year="1").impact_allowed == 5
    assert judged(falls_year="1", rules=careful).impact_allowed == 1
