"""Thresholds: what others would have raised is shown part by part, before they are saved."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client as Browser

from programs.models import RuleSet
from programs.plans import rules_at
from programs.rules import SETTINGS
from programs.settings_flags import FLAG_SETTINGS
from sessions.flags import RULES
from sessions.views import flag_settings
from tests.cast import NOW, Cast
from tests.sessions.test_sweep_stalls import stall_the_deadlift

PAGE = "/c/north/settings/flags/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ada.user)
    return client


def typed(cast: Cast, **changed: Any) -> dict[str, Any]:
    """The form as the page fills it in, with what somebody typed over it."""
    in_force = rules_at(cast.north, NOW)
    keys = flag_settings.keys()
    values = {key: value for key, value in in_force.rules.values().items() if key in keys}
    return {"edition": in_force.number, "reason": "", **values, **changed}


def hidden(html: str) -> dict[str, str]:
    """What travels in the form about a preview."""
    found = re.findall(r'name="(preview_\w+)" value="([^"]*)"', html)
    return {name: value.replace("&quot;", '"') for name, value in found}


def test_the_page_has_the_numbers_that_flags_rest_on_and_no_others(cast: Cast, ada: Browser):
    html = ada.get(PAGE).text
    wanted = {one.key for one in FLAG_SETTINGS}.union(*(rule.settings for rule in RULES))
    for setting in SETTINGS:
        assert (f'name="{setting.key}"' in html) is (setting.key in wanted), setting.key


def test_a_preview_says_what_would_have_been_raised_and_saves_nothing(cast: Cast, ada: Browser):
    stall_the_deadlift(cast)
    before = RuleSet.objects.count()

    response = ada.post(PAGE, typed(cast, do="preview", stall_sessions="4"), headers=HTMX)

    html = response.text
    assert response.status_code == 200
    assert "Preview of the last 90 days" in html
    assert "2 of 2 clients" in html
    assert re.search(r"would have raised <strong>\d+</strong>, of which \d+ w", html)
    assert 'value="4"' in html
    assert RuleSet.objects.count() == before


def test_it_goes_on_part_by_part_and_the_sums_travel_in_the_form(
    cast: Cast, ada: Browser, monkeypatch: Any
):
    monkeypatch.setattr(flag_settings, "STEP", 1)
    first = ada.post(PAGE, typed(cast, do="preview", stall_sessions="4"), headers=HTMX).text
    assert "1 of 2 clients" in first
    assert '<progress id="preview-progress" max="2" value="1">' in first
    assert 'name="do" value="part">Next part' in first

    sent = typed(cast, do="part", stall_sessions="4", **hidden(first))
    second = ada.post(PAGE, sent, headers=HTMX).text
    assert "2 of 2 clients" in second
    assert "<form" not in second, "only the preview is drawn anew"
    assert "Next part" not in second


def test_without_htmx_the_next_part_is_a_whole_page(cast: Cast, ada: Browser, monkeypatch: Any):
    monkeypatch.setattr(flag_settings, "STEP", 1)
    first = ada.post(PAGE, typed(cast, do="preview", stall_sessions="4")).text
    page = ada.post(PAGE, typed(cast, do="part", stall_sessions="4", **hidden(first))).text
    assert "2 of 2 clients" in page
    assert "</html>" in page
    assert 'value="4"' in page


def test_the_parts_add_up_to_the_whole(cast: Cast, ada: Browser, monkeypatch: Any):
    stall_the_deadlift(cast)
    whole = hidden(ada.post(PAGE, typed(cast, do="preview", stall_sessions="3")).text)
    monkeypatch.setattr(flag_settings, "STEP", 1)
    part = ada.post(PAGE, typed(cast, do="preview", stall_sessions="3")).text
    part = ada.post(PAGE, typed(cast, do="part", stall_sessions="3", **hidden(part))).text
    assert hidden(part)["preview_sums"] == whole["preview_sums"]


@pytest.mark.parametrize(
    "broken",
    [
        {"preview_at": "yesterday"},
        {"preview_at": "2019-01-01T00:00:00+00:00"},
        {"preview_sums": "[1"},
        {"preview_seen": "-3"},
        {"preview_numbers": "others"},
    ],
    ids=lambda broken: next(iter(broken.items()))[0] + next(iter(broken.values()))[:2],
)
def test_what_cannot_be_gone_on_with_begins_anew(
    cast: Cast, ada: Browser, monkeypatch: Any, broken: dict[str, str]
):
    monkeypatch.setattr(flag_settings, "STEP", 1)
    first = ada.post(PAGE, typed(cast, do="preview", stall_sessions="4")).text
    sent = typed(cast, do="part", stall_sessions="4", **{**hidden(first), **broken})
    assert "1 of 2 clients" in ada.post(PAGE, sent, headers=HTMX).text


def test_nothing_changed_is_said(cast: Cast, ada: Browser):
    html = ada.post(PAGE, typed(cast, do="preview"), headers=HTMX).text
    assert "Nothing that a flag rests on is changed." in html


def test_a_number_out_of_range_comes_back_with_what_was_typed(cast: Cast, ada: Browser):
    for do in ("preview", "save", "part"):
        response = ada.post(PAGE, typed(cast, do=do, stall_sessions="many", reason="Why"))
        assert response.status_code == 422, do
        assert 'value="many"' in response.text
        assert "Write a whole number from" in response.text


def test_saving_needs_a_reason_and_previewing_does_not(cast: Cast, ada: Browser):
    response = ada.post(PAGE, typed(cast, do="save", stall_sessions="4"), headers=HTMX)
    assert response.status_code == 422
    assert "Write why, in one line." in response.text


def test_saving_publishes_an_edition_and_keeps_every_other_number(cast: Cast, ada: Browser):
    before = rules_at(cast.north, NOW)
    sent = typed(cast, do="save", stall_sessions="4", reason="We look sooner")

    ada.post(PAGE, sent)

    newest = RuleSet.objects.filter(clinic=cast.north).latest("number")
    assert (newest.number, newest.by, newest.reason) == (
        before.number + 1,
        cast.ada,
        "We look sooner",
    )
    changed = {
        key: value for key, value in newest.values.items() if value != before.rules.values()[key]
    }
    assert changed == {"stall_sessions": "4"}


def test_numbers_typed_over_an_older_edition_are_not_saved(cast: Cast, ada: Browser):
    sent = typed(cast, do="save", stall_sessions="4", reason="We look sooner", edition="0")
    response = ada.post(PAGE, sent)
    assert response.status_code == 422
    assert "Somebody saved other settings" in response.text


def test_numbers_that_do_not_go_together_are_refused(cast: Cast, ada: Browser):
    response = ada.post(
        PAGE,
        typed(cast, do="preview", attendance_low_percent="30", attendance_very_low_percent="40"),
    )
    assert response.status_code == 422


@pytest.mark.parametrize(("who", "status"), [("ana", 403), ("dee", 403), ("otto", 404)])
def test_only_who_may_change_settings_is_let_in(cast: Cast, client: Browser, who: str, status: int):
    client.force_login(getattr(cast, who).user)
    assert client.get(PAGE).status_code == status
    assert client.post(PAGE, {"do": "preview"}).status_code == status
