"""A client may say herself what locks her, by a message: then nobody of the clinic opened it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0007_intake_due")]

    operations = [
        migrations.AlterField(
            model_name="lock",
            name="opened_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Blank where she said herself, by a message, what it was opened for.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clinics.membership",
            ),
        ),
    ]
