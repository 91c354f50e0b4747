"""How the tests of the portal read a page, and who of the cast opens it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from django.test import Client as Browser
from django.utils.html import strip_tags

from bonefit.clinics.models import Membership
from programs import actions as programs
from programs.plans import rules_at
from sessions import actions
from sessions.models import Visit
from tests.cast import NOW, Cast

MY = "/c/north/my/"


def text_of(html: str) -> str:
    """What a person reads: the page without its tags, on one line."""
    main = html[html.index("<main") :]
    spaced = re.sub(r"<(br|li|p|h\d|dt|dd|td|th|s|span|a|button)\b", r" <\1", main)
    return " ".join(strip_tags(spaced).split())


def page(browser: Browser, url: str = MY, status: int = 200) -> str:
    """The words of a page that answers with this status."""
    response = browser.get(url)
    assert response.status_code == status, response.status_code
    return text_of(response.text)


def logged_in(member: Membership) -> Browser:
    browser = Browser()
    browser.force_login(member.user)
    return browser


def came(
    cast: Cast, visit: Visit, lift: str = "hinge", *, now: datetime | None = None, **said: object
) -> None:
    """Cal lifted one lift in all its sets, and Ana completed the visit."""
    after = now or visit.ends_at
    cast.log_all(visit, lift, now=after, **said)
    actions.complete_visit(visit=visit, by=cast.ana, now=after)


def cannot_come(visit: Visit) -> str:
    return f"{MY}visits/{visit.uid}/cannot-come/"


def make_up(visit: Visit) -> str:
    return f"{MY}visits/{visit.uid}/make-up/"


def with_rules(by: Membership, **values: object) -> None:
    """The settings of the member's clinic with some of them changed, from NOW on."""
    in_force = rules_at(by.clinic, NOW)
    programs.publish_rules(
        clinic=by.clinic,
        rules=replace(in_force.rules, **values),
        inventory=in_force.inventory,
        by=by,
        reason="Tried out",
    )
