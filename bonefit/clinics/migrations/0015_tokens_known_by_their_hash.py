"""A table of its own for what must be found before a clinic is known."""

import django.db.models.deletion
from django.db import migrations, models

from bonefit.clinics.tokens import FUNCTION, NO_FUNCTION


class Migration(migrations.Migration):
    dependencies = [("clinics", "0014_keys_of_one_clinic")]

    operations = [
        migrations.CreateModel(
            name="KnownToken",
            fields=[
                (
                    "token_hash",
                    models.CharField(max_length=64, primary_key=True, serialize=False),
                ),
                (
                    "belongs_to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(FUNCTION, NO_FUNCTION),
    ]
