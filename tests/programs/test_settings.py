"""The clinic's numbers: each with its default and source, and no edition rewrites the past."""

from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.utils import timezone

from programs.forms.settings import GROUPS
from programs.loads import DEFAULT_INVENTORY
from programs.models import RuleSet
from programs.plans import rules_at
from programs.rules import SETTINGS, Rules
from sessions.models import SetEntry

URL = "/c/north/settings/"


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


def test_no_number_is_in_two_groups():
    grouped = [key for _, keys in GROUPS for key in keys]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) <= {setting.key for setting in SETTINGS}


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
    ({"reason": ""}, "Write why, in one line."),
    ({"bars-0-kg": "-20"}, "Write the load as a number in kg"),
    ({"bars-0-kg": "9999"}, "A mass is more than 0 and at most 500 kg."),
    ({"bars-3-name": "Trap bar"}, "How heavy is this bar?"),
    ({"plates-0-pairs": ""}, "How many pairs are there?"),
    ({"plates-0-pairs": "-1"}, "Ensure this value is greater than or equal to 0."),
    ({"plates-7-kg": "20", "plates-7-pairs": "1"}, "The 20 kg plate is listed twice."),
    ({"dumbbells": "1 2 heavy"}, "Write the load as a number in kg"),
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
    }
    ada.post(URL, as_typed(**changes))
    inventory = in_force(cast).inventory
    assert Decimal("12.5") in [bar.kg for bar in inventory.bars]
    assert Decimal(20) not in [kg for kg, _ in inventory.plates]
    assert inventory.dumbbells == (Decimal(2), Decimal(4), Decimal(6), Decimal("7.5"))
    assert "Dumbbells: 2, 4, 6, 7.5 kg" in ada.get(URL).content.decode()


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
