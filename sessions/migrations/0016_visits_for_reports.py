"""Visits of an enrollment by the instant at which they begin: reports read the index alone.

The instant itself is the key, and not the range that it is taken from: taking it is what a report
over millions of visits would spend most of its time on.
"""

from django.contrib.postgres.fields.ranges import RangeStartsWith
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("training", "0015_visits_for_reviews")]

    operations = [
        AddIndexConcurrently(
            model_name="visit",
            index=models.Index(
                models.F("enrollment"),
                RangeStartsWith("during"),
                include=("status", "purpose", "id", "during"),
                name="visit_for_reports",
            ),
        ),
    ]
