"""The clinic's numbers: each with its default and source, and no edition rewrites the past."""

from decimal import Decimal
from html import unescape

import pytest
from django.test import Client as Browser
from django.utils import timezone

from programs.estimates import FORMULAS
from programs.forms.equipment import step_notes
from programs.forms.settings import GROUPS
from programs.loads import DEFAULT_INVENTORY, Bar, Inventory
from programs.models import RuleSet
from programs.plans import rules_at
from programs.rules import SETTINGS, Rules, plain
from sessions.models import SetEntry

URL = "/c/north/settings/"
PARTS = ("name", "kg", "pairs")


@pytest.fixture
def ada(cast):
    browser = Browser()
    browser.force_login(cast.ada.user)
    return browser


def as_typed(**changes):
    """The page as it comes, with these changes and a reason."""
    inventory = DEFAULT_INVENTORY
    said = {**Rules().values(), "edition": "1", "reason": "Agreed on Monday"}
    said |= {"bars-TOTAL_FORMS": "4", "bars-INITIAL_FORMS": str(len(inventory.bars))}
    for number, bar in enumerate(inventory.bars):
        said |= {f"bars-{number}-name": bar.name, f"bars-{number}-kg": str(bar.kg)}
    said |= {"plates-TOTAL_FORMS": "9", "plates-INITIAL_FORMS": str(len(inventory.plates))}
    for number, (kg, pairs) in enumerate(inventory.plates):
        said |= {f"plates-{number}-kg": str(kg), f"plates-{number}-pairs": str(pairs)}
    said |= {
        "dumbbells": " ".join(str(kg) for kg in inventory.dumbbells),
        "worn": " ".join(str(kg) for kg in inventory.worn),
        "steps_cm": " ".join(str(height) for height in inventory.steps_cm),
        "stack_step": "2.5",
        "stack_limit": "120",
    }
    return {**said, **changes}


def in_force(cast):
    cast.north.refresh_from_db()
    return rules_at(cast.north, timezone.now())


def test_every_number_stands_on_the_page_with_default_range_and_basis(ada):
    page = ada.get(URL).content.decode()
    for setting in SETTINGS:
        assert page.count(f'name="{setting.key}"') >= 1, setting.key
    assert "Default 10 %. From 1 to 10." in page
    assert "ACSM: raise by 2 to 10 % once the target is exceeded. Never set above 10." in page
    assert "Ratamess NA et al." in page
    assert page.count("design default, no published value") >= 5


def test_every_number_stands_in_one_group():
    grouped = [key for _, keys in GROUPS for key in keys]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == {setting.key for setting in SETTINGS}


def test_every_number_has_its_default_unit_range_tag_and_basis_beside_it(ada):
    page = unescape(ada.get(URL).content.decode())
    parts = page.split('<div class="setting">')[1:]
    assert len(parts) == len(SETTINGS)
    for setting in SETTINGS:
        (part,) = (part for part in parts if f'name="{setting.key}"' in part)
        assert setting.basis in part, setting.key
        assert f'">{setting.tag}</abbr>:' in part, setting.key
        yes_no, unit = "(1 yes, 0 no)" in setting.label, f" {setting.unit}" if setting.unit else ""
        if setting.choices:
            default = "Default Kemmler."
        elif yes_no:
            default = f"Default {'Yes' if setting.default else 'No'}."
        else:
            span = f"From {plain(setting.low)} to {plain(setting.high)}."
            default = f"Default {plain(setting.default)}{unit}. {span}"
        assert default in part, setting.key


def test_each_formula_stands_with_its_citation_version_and_what_it_makes_of_one_set(ada):
    page = unescape(ada.get(URL).content.decode())
    for key, formula in FORMULAS.items():
        assert f'<option value="{key}"' in page
        assert formula.citation in page
        assert f"stored as {formula.version}" in page
    assert "<strong>64.8 kg</strong> by Kemmler." in page
    assert "<strong>71.4 kg</strong> by Mayhew." in page


def test_another_formula_is_chosen_and_the_history_says_so(ada, cast):
    ada.post(URL, as_typed(formula="brzycki"))
    assert in_force(cast).rules.formula == "brzycki"
    page = ada.get(URL).content.decode()
    assert "Formula that estimates a best single from a set: kemmler to brzycki" in page
    assert '<option value="brzycki" selected>' in page


def test_saving_publishes_the_next_edition_and_keeps_the_last(ada, cast):
    answer = ada.post(URL, as_typed(missed_grace_minutes="90", usual_step_kg="1,5"))
    assert answer.url == URL
    assert in_force(cast).number == 2
    assert in_force(cast).rules.missed_grace_minutes == 90
    assert in_force(cast).rules.usual_step_kg == Decimal("1.5")
    first, second = RuleSet.objects.filter(clinic=cast.north).order_by("number")
    assert first.values["missed_grace_minutes"] == "60"
    assert (second.by, second.reason) == (cast.ada, "Agreed on Monday")

    page = ada.get(URL).content.decode()
    assert "Wait after the end of a visit with nothing recorded: 60 to 90 minutes" in page
    assert "Usual raise, where it stays under the largest raise: 2.5 to 1.5 kg" in page
    assert "Agreed on Monday" in page


def test_what_was_prescribed_before_stays_as_it_was(ada, cast):
    before = cast.log(cast.visit)
    ada.post(URL, as_typed(usual_step_kg="1", **{"plates-6-kg": "", "plates-6-pairs": ""}))
    assert in_force(cast).number == 2
    after = SetEntry.objects.get(pk=before.pk)
    assert (after.rule_set.number, after.prescribed_load) == (1, before.prescribed_load)


def test_a_save_without_a_change_publishes_nothing(ada, cast):
    answer = ada.post(URL, as_typed(), follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert in_force(cast).number == 1


WRONG = [
    ({"raise_cap_percent": "11"}, "Write a number from 1 to 10 %."),
    ({"raise_cap_percent": "-1"}, "Write a number from 1 to 10 %."),
    ({"raise_cap_percent": "ten"}, "Write a number from 1 to 10 %."),
    ({"raise_cap_percent": ""}, "Write a number from 1 to 10 %."),
    ({"raise_cap_percent": "NaN"}, "Write a number from 1 to 10 %."),
    ({"weeks_ahead": "4.5"}, "Write a whole number from 4 to 26 weeks."),
    ({"group_block_above": "5"}, "At least 6, where the warning begins."),
    ({"pain_hold_from": "8"}, "At least 7, so that no pain lies between holding and stopping."),
    ({"pain_asked_to_raise": "2"}, "Select a valid choice."),
    ({"next_day_asked_to_raise": "2"}, "Select a valid choice."),
    ({"formula": "wendler"}, "Select a valid choice."),
    ({"formula": ""}, "This field is required."),
    ({"gate_sessions": "0"}, "Write a whole number from 1 to 8 visits."),
    ({"gap_short_days": "13", "gap_medium_days": "12"}, "At least 13: a longer absence never"),
    ({"gap_medium_drop_percent": "9,5"}, "At least 10: a longer absence never asks for less."),
    ({"gap_long_drop_percent": "15"}, "At least 20: a longer absence never asks for less."),
    ({"reason": ""}, "Write why, in one line."),
    ({"bars-0-kg": "-20"}, "Write the load as a number in kg"),
    ({"bars-0-kg": "9999"}, "A mass is more than 0 and at most 500 kg."),
    ({"bars-3-name": "Trap bar"}, "How heavy is this bar?"),
    ({"plates-0-pairs": ""}, "How many pairs are there?"),
    ({"plates-0-pairs": "-1"}, "Ensure this value is greater than or equal to 0."),
    ({"plates-7-kg": "20", "plates-7-pairs": "1"}, "The 20 kg plate is listed twice."),
    ({"dumbbells": "1 2 heavy"}, "Write the load as a number in kg"),
    ({"worn": "1 2 heavy"}, "Write the load as a number in kg"),
    ({"worn": "0"}, "A mass is more than 0 and at most 500 kg."),
    ({"steps_cm": "10 12.5"}, "A step is 1 to 100 cm high, in whole centimetres."),
    ({"steps_cm": "0"}, "A step is 1 to 100 cm high, in whole centimetres."),
    ({"steps_cm": "1000000"}, "A step is 1 to 100 cm high, in whole centimetres."),
    ({"stack_step": "0"}, "A mass is more than 0 and at most 500 kg."),
]


def test_what_cannot_stand_is_explained_and_nothing_is_published(ada, cast):
    for changes, words in WRONG:
        said = as_typed(**{"stall_sessions": "7", **changes})
        answer = ada.post(URL, said)
        page = answer.content.decode()
        assert (answer.status_code, page.count(words)) == (422, 1), changes
        assert 'name="stall_sessions" value="7"' in page
    assert in_force(cast).number == 1


def test_equipment_is_added_and_taken_away(ada, cast):
    changes = {
        "bars-3-name": "Women's bar",
        "bars-3-kg": "12.5",
        "plates-0-kg": "",
        "plates-0-pairs": "",
        "dumbbells": "2, 4; 6  7,5",
        "worn": "1; 2,5, 5",
        "steps_cm": "20, 10 10",
    }
    ada.post(URL, as_typed(**changes))
    inventory = in_force(cast).inventory
    assert Decimal("12.5") in [bar.kg for bar in inventory.bars]
    assert Decimal(20) not in [kg for kg, _ in inventory.plates]
    assert inventory.dumbbells == (Decimal(2), Decimal(4), Decimal(6), Decimal("7.5"))
    assert inventory.worn == (Decimal(1), Decimal("2.5"), Decimal(5))
    assert inventory.steps_cm == (10, 20)
    page = ada.get(URL).content.decode()
    assert "Dumbbells: 2, 4, 6, 7.5 kg" in page
    assert "Vests and ankle weights: 1 kg, 2.5 kg, 5 kg" in page
    assert "Steps to drop from: 10 cm, 20 cm" in page
    assert 'name="worn" value="1  2.5  5"' in page
    assert 'name="steps_cm" value="10  20"' in page


def test_equipment_made_blank_is_gone(ada, cast):
    ada.post(URL, as_typed(worn="", steps_cm=""))
    assert (in_force(cast).inventory.worn, in_force(cast).inventory.steps_cm) == ((), ())
    page = ada.get(URL).content.decode()
    assert "Vests and ankle weights: none" in page
    assert "Steps to drop from: none" in page


def test_the_page_says_which_step_each_plate_makes_and_where_a_step_is_too_big(ada):
    page = ada.get(URL).content.decode()
    assert "A pair makes steps of 1 kg, from 10 kg up." in page
    assert "A pair makes steps of 2.5 kg, from 25 kg up." in page
    assert "A pair makes steps of 40 kg." in page
    assert "From every load on a bar the smallest step is at most 10 %." in page

    sold = {f"{row}-{part}": "" for row in ("plates-6", "bars-2", "bars-1") for part in PARTS}
    ada.post(URL, as_typed(**sold))
    page = ada.get(URL).content.decode()
    assert (
        "Below 25 kg the smallest step, 2.5 kg, is more than 10 %. "
        "A pair of 0.5 kg plates would help." in page
    )


HALF, ONE_AND_A_QUARTER, FIVE = Decimal("0.5"), Decimal("1.25"), Decimal(5)
ROOTS = (10, 11, 30, 33, 60, 66, 90, 99, 150, 165, 300, 330, 400)
STEP_NOTES = [
    ("10", (), (), []),
    (
        "10",
        (20,),
        ((FIVE, 1), (ONE_AND_A_QUARTER, 2)),  # 20, 22.5, 25, then 30
        ["Below 30 kg the smallest step is more than 10 %. A pair of 0.5 kg plates would help."],
    ),
    (
        "10",
        (20, 60),
        ((HALF, 1),),
        ["From 21 kg the next step is more than 10 %. A pair of 1.25 kg plates would help."],
    ),
    (
        "1",
        (20,),
        ((HALF, 1),),
        ["Below 21 kg the smallest step, 1 kg, is more than 1 %. The load is held there."],
    ),
    (
        "10",
        (20,),
        ((FIVE, 1),),
        [
            "Below 30 kg the smallest step, 10 kg, is more than 10 %. "
            "A pair of 0.5 kg plates would help."
        ],
    ),
    (
        "10",
        ROOTS,
        (),
        [
            "From 11, 33, 66, 99, 165 and 330 kg the next step is more than 10 %. "
            "A pair of 0.5 kg plates would help."
        ],
    ),
    (
        "10",
        (*ROOTS, 500),
        (),
        [
            "From 11, 33, 66, 99, 165, 330 kg and 1 other load the next step is more than 10 %. "
            "A pair of 0.5 kg plates would help."
        ],
    ),
]


@pytest.mark.parametrize(("cap", "bars", "plates", "expected"), STEP_NOTES)
def test_steps_that_are_too_big_are_told_with_the_plate_that_would_help(
    cap, bars, plates, expected
):
    inventory = Inventory(
        tuple(Bar(f"{kg} kg bar", Decimal(kg)) for kg in bars), plates, (), Decimal(5)
    )
    rules = Rules(raise_cap_percent=Decimal(cap), big_raise_percent=Decimal(1))
    assert step_notes(inventory, rules) == expected


def test_two_editors_do_not_overwrite_each_other(ada, cast):
    ada.post(URL, as_typed(stall_sessions="8"))
    late = ada.post(URL, as_typed(weeks_ahead="6"))
    assert late.status_code == 422
    assert "Somebody saved other settings while you were typing" in late.content.decode()
    assert in_force(cast).rules.weeks_ahead == 4

    # The page that came back is based on what is in force now.
    assert 'name="edition" value="2"' in late.content.decode()
    ada.post(URL, as_typed(stall_sessions="8", weeks_ahead="6", edition="2"))
    assert (in_force(cast).rules.weeks_ahead, in_force(cast).rules.stall_sessions) == (6, 8)


def test_htmx_gets_the_form_alone_with_422(ada):
    answer = ada.post(URL, as_typed(reason=""), HTTP_HX_REQUEST="true")
    assert answer.status_code == 422
    assert answer.content.decode().lstrip().startswith("<form")


def test_only_an_admin_of_the_clinic_changes_them(cast):
    for who, status in ((cast.ana, 403), (cast.cal, 403), (cast.otto, 404)):
        browser = Browser()
        browser.force_login(who.user)
        assert browser.get(URL).status_code == status
        assert browser.post(URL, as_typed(weeks_ahead="6")).status_code == status
    assert in_force(cast).number == 1
