"""Visits of an enrollment with what became of them: a review of many reads the index alone.

It serves whoever asked the index that it takes the place of.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("training", "0014_outside_clearance_index")]

    operations = [
        AddIndexConcurrently(
            model_name="visit",
            index=models.Index(
                fields=["enrollment", "during"],
                include=("status", "purpose", "id"),
                name="visit_for_reviews",
            ),
        ),
        RemoveIndexConcurrently(model_name="visit", name="visit_by_enrollment"),
    ]
