"""A browser in which a member is logged in."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from bonefit.clinics.models import Membership


@pytest.fixture
def enter() -> Callable[[Membership], Browser]:
    def enter_as(member: Membership) -> Browser:
        browser = Browser()
        browser.force_login(member.user)
        return browser

    return enter_as
