"""Browsers of the cast, and the page of a client."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from bonefit.clinics.models import Membership
from tests.cast import Cast


def logged_in(member: Membership) -> Browser:
    """A browser in which the member is logged in."""
    made = Browser()
    made.force_login(member.user)
    return made


@pytest.fixture
def ana(cast: Cast) -> Browser:
    return logged_in(cast.ana)


@pytest.fixture
def ada(cast: Cast) -> Browser:
    return logged_in(cast.ada)


@pytest.fixture
def cal(cast: Cast) -> Browser:
    return logged_in(cast.cal)


@pytest.fixture
def con(cast: Cast) -> Browser:
    return logged_in(cast.con)


@pytest.fixture
def hers(cast: Cast) -> str:
    """The address of Cal's page for the staff."""
    return f"/c/north/clients/{cast.cal_client.pk}/"
