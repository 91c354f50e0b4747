"""``manage.py sweep`` runs every sweep once, by hand."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command

from bonefit.clinics.models import Heartbeat
from sessions.models import Flag
from tests.cast import Cast


def test_it_plans_flags_and_reviews_and_records_each_beat(cast: Cast):
    out = StringIO()

    call_command("sweep", stdout=out)

    assert out.getvalue().splitlines() == [
        "plan_visits: done",
        "sweep_missed_visits: done",
        "review_flags: done",
        "review_intakes: done",
        "tell_changes: done",
        "send_reminders: done",
        "ask_about_falls: done",
        "offer_places: done",
        "send_outbox: done",
        "tell_staff: done",
        "send_to_staff: done",
        "tell_organisers: done",
        "keep_rollups: done",
        "take_up_imports: done",
        "take_up_exports: done",
        "seal_audit: done",
        "keep_backups: done",
    ]
    assert list(Flag.objects.values_list("visit", flat=True)) == [cast.visit.pk]
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {
        "plan_visits",
        "sweep_missed_visits",
        "sweep_flags",
        "review_intakes",
        "tell_changes",
        "send_reminders",
        "ask_about_falls",
        "offer_places",
        "send_outbox",
        "tell_staff",
        "send_to_staff",
        "tell_organisers",
        "keep_rollups",
        "take_up_imports",
        "take_up_exports",
        "seal_audit",
        "keep_backups",
    }
