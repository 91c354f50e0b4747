"""What each exercise of a delivered session says of a best single, kept for the report of change.

All rows of delivered sessions are made anew with it, so they are thrown away first: the columns and
the index are there at once, however many rows there were, and until the sweep has made them again a
report works out what it needs, by this release or the one before.
"""

from django.db import migrations, models

EMPTY = """
TRUNCATE training_deliveredlift, training_deliveredsession;
DELETE FROM training_deliveryready;
"""


class Migration(migrations.Migration):
    dependencies = [("training", "0023_shares_of_a_question")]

    operations = [
        migrations.RunSQL(EMPTY, reverse_sql=EMPTY),
        migrations.RemoveIndex(model_name="deliveredlift", name="delivered_lift_by_start"),
        migrations.AddField(
            model_name="deliveredlift",
            name="best",
            field=models.DecimalField(decimal_places=4, max_digits=9, null=True),
        ),
        migrations.AddField(
            model_name="deliveredlift",
            name="worked",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="deliveredlift",
            index=models.Index(
                fields=["enrollment", "lift", "exercise", "began"],
                include=[
                    *("slot", "first_number", "first_load", "last_number", "last_load"),
                    *("worked", "best"),
                ],
                name="delivered_lift_by_start",
            ),
        ),
    ]
