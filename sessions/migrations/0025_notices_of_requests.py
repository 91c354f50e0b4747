"""Mails that a request waits, and that there is an answer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0024_best_singles_of_delivered_lifts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("reminder", "Reminder"),
                    ("change", "Change"),
                    ("offer", "Offer of a place"),
                    ("intake", "Questions before the first visit"),
                    ("falls", "Monthly question about falls"),
                    ("answer", "Answer to a request"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="staffnotice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("red", "A red flag"),
                    ("morning", "The morning list"),
                    ("weekly", "The week for the admin"),
                    ("unread", "A red flag that nobody has read"),
                    ("monthly", "A saved report for the month"),
                    ("asked", "A client asks for a correction"),
                ],
                max_length=8,
            ),
        ),
    ]
