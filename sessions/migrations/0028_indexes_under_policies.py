"""What reports and reviews read from an index alone, they read so under policies too.

PostgreSQL holds each row against its clinic and its client before it shows it. Where an index does
not have them, the row itself is read for that. Each index is made beside the one that it replaces.
"""

from django.contrib.postgres.fields.ranges import RangeStartsWith
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.migrations.operations.base import Operation


def replaced(model: str, name: str, index: models.Index) -> list[Operation]:
    """Add an index under another name, take the old one away, and give the new one its name."""
    index.name = f"{name}_new"
    return [
        AddIndexConcurrently(model_name=model, index=index),
        RemoveIndexConcurrently(model_name=model, name=name),
        migrations.RenameIndex(model_name=model, old_name=index.name, new_name=name),
    ]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("training", "0027_rows_of_one_clinic")]

    operations = [
        *replaced(
            "visit",
            "visit_for_reviews",
            models.Index(
                fields=["enrollment", "during"],
                include=("status", "purpose", "id", "clinic", "client"),
                name="visit_for_reviews",
            ),
        ),
        *replaced(
            "visit",
            "visit_for_reports",
            models.Index(
                models.F("enrollment"),
                RangeStartsWith("during"),
                include=("status", "purpose", "id", "during", "clinic", "client"),
                name="visit_for_reports",
            ),
        ),
        *replaced(
            "visit",
            "visit_of_slot",
            models.Index(
                fields=["slot"], include=("status", "clinic", "client"), name="visit_of_slot"
            ),
        ),
        *replaced(
            "deliveredlift",
            "delivered_lift_by_start",
            models.Index(
                fields=["enrollment", "lift", "exercise", "began"],
                include=(
                    *("slot", "first_number", "first_load", "last_number", "last_load"),
                    *("worked", "best", "clinic"),
                ),
                name="delivered_lift_by_start",
            ),
        ),
    ]
