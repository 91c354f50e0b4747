"""The help page of flags: written from the rules, with the clinic's numbers and how they did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.test import Client as Browser

from programs import catalogue
from programs.actions import publish_rules
from programs.plans import rules_at
from programs.rules import DEFAULT_RULES, SETTINGS
from sessions import flag_help, flag_work
from sessions.flag_help import HowItDid
from sessions.flags import RULES, Action, Rule, Severity
from sessions.models import Flag
from tests.cast import NOW, Cast
from tests.sessions.flagged import raise_flag

PAGE = "/c/north/flags/rules/"
DAY = timedelta(days=1)

LAPSED = Rule(
    id="F04",
    version=3,
    kind="lapsed",
    name="Lapsed",
    says="No session for {lapsed_days} days, and nothing booked.",
    severities=(Severity.RED,),
    mark="late",
    family="",
    judge=lambda _facts, _asked: (),
    actions=(Action.CALL, Action.LATER),
    settings=("lapsed_days",),
    basis="A design default.",
    source="FAIR",
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_can_be_told_with_the_clinics_numbers(rule: Rule):
    """No key of a sentence is unknown, none stays, and its source is one of the catalogue's."""
    said = flag_help.says(rule, DEFAULT_RULES.values())
    assert not re.search(r"[{}]", said)
    assert set(re.findall(r"{(\w+)}", rule.says)) <= set(rule.settings)
    assert set(rule.settings) <= {setting.key for setting in SETTINGS}
    assert not rule.source or rule.source in catalogue.read("sources")
    assert rule.kind in Flag.Kind


def test_the_page_has_every_rule_with_id_version_and_basis(cast: Cast, client: Browser):
    client.force_login(cast.ana.user)
    html = client.get(PAGE).text
    for rule in RULES:
        assert f'id="{rule.id}"' in html
        assert rule.code in html


def test_the_rules_stand_under_what_they_are_about(cast: Cast, client: Browser):
    client.force_login(cast.ana.user)
    sections = client.get(PAGE).context["sections"]
    assert [key for key, _, _ in sections] == ["coming", "lifts", "health", "clinic", "good"]
    told = [one.rule.id for _, _, rules in sections for one in rules]
    assert sorted(told) == sorted(rule.id for rule in RULES)


def explained(did: Mapping[str, HowItDid] | None = None) -> flag_help.Explained:
    return flag_help.explained([LAPSED], rules=DEFAULT_RULES, did=did or {})[0]


def test_a_rule_is_told_with_its_number_its_source_and_what_to_do():
    one = explained()
    assert one.says == "No session for 21 days, and nothing booked."
    assert one.numbers == (
        "Days without a session, and nothing booked, until somebody has lapsed: 21 days",
    )
    assert one.severity == "Red"
    assert one.actions == ("call", "put off until a day")
    assert one.source == catalogue.read("sources")["FAIR"]


def test_a_clinics_own_number_stands_beside_the_default(cast: Cast):
    in_force = rules_at(cast.north, NOW)
    values = {**in_force.rules.values(), "lapsed_days": "14"}
    publish_rules(
        clinic=cast.north,
        rules=type(in_force.rules).from_values(values),
        inventory=in_force.inventory,
        by=cast.ada,
        now=NOW,
    )
    own = rules_at(cast.north, NOW + DAY).rules
    one = flag_help.explained([LAPSED], rules=own, did={})[0]
    assert one.says == "No session for 14 days, and nothing booked."
    assert one.numbers[0].endswith("14 days (default 21)")


def test_not_useful_is_counted_of_what_people_closed_in_90_days(cast: Cast):
    for number, reason in enumerate(["not_useful", "called", "not_useful", ""]):
        flag = raise_flag(cast.enrollment, "lapsed", subject=str(number), now=NOW - DAY)
        if reason:
            flag_work.resolve_flag(flag=flag, by=cast.ana, resolution=reason, now=NOW)
    itself = raise_flag(cast.enrollment, "lapsed", subject="gone", now=NOW - DAY)
    Flag.objects.filter(pk=itself.pk).update(resolution="by_itself", resolved_at=NOW)
    old = raise_flag(cast.enrollment, "lapsed", subject="old", now=NOW - 200 * DAY)
    Flag.objects.filter(pk=old.pk).update(resolution="not_useful", resolved_at=NOW - 100 * DAY)
    raise_flag(cast.olga_enrollment, "lapsed")

    did = flag_help.how_they_did(cast.ana, now=NOW)["lapsed"]

    assert did == HowItDid(raised=5, closed=4, by_people=3, not_useful=2)
    assert (did.percent, did.few) == (67, True)


@pytest.mark.parametrize(
    ("closed", "useless", "too_many"), [(9, 9, False), (10, 1, False), (10, 2, True)]
)
def test_more_than_a_tenth_is_said_from_ten_on(closed: int, useless: int, too_many: bool):
    assert HowItDid(closed, closed, closed, useless).too_many is too_many


def test_nothing_closed_is_no_share():
    assert HowItDid(raised=3).percent is None


@pytest.mark.parametrize(
    ("who", "status"), [("ana", 200), ("ada", 200), ("dee", 403), ("cal", 403)]
)
def test_who_may_see_flags_may_read_why(cast: Cast, client: Browser, who: str, status: int):
    client.force_login(getattr(cast, who).user)
    assert client.get(PAGE).status_code == status
