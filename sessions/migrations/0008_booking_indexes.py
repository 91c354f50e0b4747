"""Indexes on tables that are full already: made without holding up those who write to them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("training", "0007_booking_rows")]

    operations = [
        AddIndexConcurrently(
            model_name="visit",
            index=models.Index(
                fields=["changed_at"],
                condition=models.Q(("sequence__gt", models.F("told_sequence"))),
                name="visit_untold",
            ),
        ),
        AddIndexConcurrently(
            model_name="slot",
            index=models.Index(fields=["clinic", "starts_at"], name="slot_by_start"),
        ),
    ]
