"""The operator's page and /metrics say how far the audit is sealed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from bonefit.clients.models import Look
from bonefit.clinics.models import RowChange, Seal, User
from tests.audit.rows import looks, run
from tests.cast import Cast
from tests.servers import Databases
from tests.test_metrics import figures
from tests.test_operator_page import page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operator(client: Browser) -> Browser:
    client.force_login(User.objects.create_user("ops@example.org", name="Op S.", is_staff=True))
    return client


def written(cast: Cast, minutes: int) -> None:
    at = timezone.now() - timedelta(minutes=minutes)
    Look.objects.create(
        clinic=cast.north, at=at, what="viewed", route="r", kind="record", how="page"
    )


def test_before_the_first_seal(operator: Browser, cast: Cast) -> None:
    said = page(operator)
    assert "nothing sealed yet" in said
    assert "Last seal none" in said


def test_the_last_seal_and_its_sum_which_can_be_noted(
    databases: Databases, operator: Browser, cast: Cast
) -> None:
    looks(cast, 3)
    run(databases, 2)
    written(cast, 1)
    seal = Seal.objects.latest("number")
    said = page(operator)
    assert f"over {seal.name} up to {seal.upto}" in said
    assert f"{seal.number}:{seal.digest}" in said
    assert "Not sealed yet 1 row, the oldest of" in said
    assert "rows wait to be sealed" not in said


def test_a_row_that_is_not_sealed_for_a_quarter_of_an_hour_is_red(
    operator: Browser, cast: Cast
) -> None:
    written(cast, 14)
    assert "rows wait to be sealed" not in page(operator)
    written(cast, 16)
    assert "rows wait to be sealed" in page(operator)


def test_the_figures(databases: Databases, client: Browser, cast: Cast) -> None:
    before = figures(client)
    assert before["bonefit_audit_unsealed",] == RowChange.objects.count()
    assert ("bonefit_audit_last_seal",) not in before
    looks(cast, 3)
    run(databases, 2)
    written(cast, 10)
    said = figures(client)
    assert said["bonefit_audit_last_seal",] == Seal.objects.latest("number").number
    assert said["bonefit_audit_unsealed",] == 1
    assert 600 <= said["bonefit_audit_unsealed_seconds",] < 900
