"""The first demo clinic can be where its visitor is, and in the tests is where it is day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from bonefit.clinics.models import Clinic
from bonefit.demo.management.commands.seed_demo import Command
from bonefit.demo.seeding import make_demo
from tests.cast import NOW
from tests.daylight import DAY, day_at


@pytest.mark.parametrize("hour", range(24 * 2))
@pytest.mark.parametrize("month", [1, 7])
def test_at_any_hour_there_is_a_zone_in_which_it_is_day(month: int, hour: int):
    moment = datetime(2026, month, 10, tzinfo=UTC) + timedelta(minutes=30 * hour)

    assert moment.astimezone(day_at(moment)).hour in DAY


@pytest.mark.django_db
def test_the_first_clinic_is_where_it_is_said_to_be():
    make_demo(now=NOW, names=["Klara U."], zone="Europe/London")

    zones = dict(Clinic.objects.values_list("slug", "timezone"))
    assert zones == {"harbour": "Europe/London", "hill": "Europe/Berlin"}


@pytest.mark.django_db
def test_a_zone_that_there_is_not_is_said_and_nothing_is_made():
    with pytest.raises(CommandError, match="takes a zone as Europe/Berlin, not Atlantis"):
        call_command(Command(), "--timezone", "Atlantis")
    assert not Clinic.objects.exists()
