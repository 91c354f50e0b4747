"""Tasks, sweeps and commands see what they say, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from bonefit.celery import app
from bonefit.clients.models import Client
from bonefit.clients.tasks import send_login_link
from bonefit.clinics import rows
from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.login_links import make_link
from bonefit.clinics.models import Clinic, Heartbeat, Membership
from sessions.models import Flag
from sessions.tasks import review_clinic_flags

#: In the first days of a month, by daylight in both clinics.
WEEKS_LATER = datetime(2026, 4, 2, 22, tzinfo=UTC)


def seen(model: type) -> set[int]:
    """The clinics whose rows come back when nobody filters."""
    return set(model._default_manager.values_list("clinic", flat=True))


def test_a_task_begins_with_nothing_in_sight(world):
    @app.task
    def looks() -> list[int]:
        return sorted(seen(Client))

    with rows.seeing(clinics=[world.cast.north.pk]):
        assert looks() == []
        assert looks.apply().get() == []
        assert seen(Client) == {world.cast.north.pk}
    app.tasks.pop(looks.name)


def test_the_mail_of_a_link_says_the_clinic_of_who_had_it_sent(world):
    """Who made it is a row of that clinic, and the message carries the link's number alone."""
    cast, now = world.cast, timezone.now()
    Clinic.objects.filter(pk=cast.north.pk).update(phone="07 5555 0101")
    add_member(clinic=cast.harbor, email=cast.cal.user.email, name="Cal H.", roles=[Role.COMPANION])
    link = make_link(user=cast.cal.user, life=timedelta(days=2), now=now, by=cast.dee)
    send_login_link(link.pk)
    (message,) = mail.outbox
    assert "07 5555 0101" in message.body
    assert "Northside" in message.subject


def did(*clinics: Clinic) -> dict[str, object]:
    """What one run of each sweep reports and leaves, from the rows that there are; undone then."""
    app.loader.import_default_modules()
    with transaction.atomic():
        for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
            if name != "seal_audit":  # it needs transactions of its own, and sees every clinic
                app.tasks[entry["task"]]()
        for clinic in clinics:
            review_clinic_flags(clinic.pk)
        counts = "seen", "opened", "resolved", "failed"
        found: dict[str, object] = {
            name: said for name, *said in Heartbeat.objects.values_list("name", *counts)
        }
        found["flags"] = sorted(Flag.objects.values_list("clinic", "kind", "subject"))
        transaction.set_rollback(True)
    return found


def test_every_sweep_does_with_its_own_sight_what_it_does_with_all(world, monkeypatch):
    """Weeks later: visits have gone by, a month has begun, and nothing has been sent yet."""
    clinics = world.cast.north, world.cast.harbor
    monkeypatch.setattr(timezone, "now", lambda: WEEKS_LATER)
    alone = did(*clinics)
    monkeypatch.setattr(rows, "CHUNK", 1)
    one_by_one = did(*clinics)
    monkeypatch.setattr(rows, "chunks", lambda: iter([range(1, 10_000)]))
    assert alone == one_by_one == did(*clinics)
    idle = {name for name, said in alone.items() if not any(said)}  # type: ignore[call-overload]
    assert "review_clinics" not in idle
    assert len(idle) < len(alone) / 2, idle


@pytest.mark.django_db
def test_a_clinic_is_opened_and_swept_from_the_command_line_by_what_the_commands_see(capsys):
    with rows.nothing():
        call_command("load_catalogue")
        call_command(
            "open_clinic",
            name="New",
            slug="new",
            timezone="Europe/Berlin",
            admin_email="new@example.org",
            admin_name="New A.",
        )
        call_command("load_catalogue")
        call_command("rebuild_rollups")
        assert not Membership.objects.exists()
    assert Membership.objects.get().clinic.slug == "new"
