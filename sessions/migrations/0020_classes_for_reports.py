"""Classes for reports: those that were called off, which are few, and how many came to each.

The visits of a class are read from the index alone, which serves whoever asked the one that it
takes the place of.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("training", "0019_saved_across_clinics")]

    operations = [
        AddIndexConcurrently(
            model_name="slot",
            index=models.Index(
                condition=models.Q(("called_off_at__isnull", False)),
                fields=["clinic", "starts_at"],
                name="slot_called_off",
            ),
        ),
        AddIndexConcurrently(
            model_name="visit",
            index=models.Index(fields=["slot"], include=("status",), name="visit_of_slot"),
        ),
        RemoveIndexConcurrently(model_name="visit", name="visit_by_slot"),
    ]
