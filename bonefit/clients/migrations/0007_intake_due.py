"""Give everybody enrolled before there was an intake thirty days to complete it."""

from datetime import date, timedelta

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

DAYS = 30
#: As ``intake.refresh`` writes it for somebody who has nothing but a clearance.
MISSING = [
    {"code": "screening", "words": "Screening", "until": None},
    {"code": "consent", "words": "Consent: Training with heavy loads", "until": None},
]


def give_time(apps, schema_editor):
    Client, Clearance = apps.get_model("clients", "Client"), apps.get_model("clients", "Clearance")
    due: date = timezone.now().date() + timedelta(days=DAYS)
    alias = schema_editor.connection.alias
    newest = Clearance.objects.using(alias).filter(client=OuterRef("pk")).order_by("-pk")
    Client.objects.using(alias).update(
        intake_due_on=due,
        may_start_until=due,
        intake_missing=MISSING,
        impact_cleared=Coalesce(Subquery(newest.values("impact_level")[:1]), 0),
    )


class Migration(migrations.Migration):
    dependencies = [("clients", "0006_intake_and_outcomes")]

    operations = [migrations.RunPython(give_time, migrations.RunPython.noop)]
