"""A block that is taken back on the day it was added stays as voided, with who, when and why."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0012_history"),
        ("programs", "0004_why_somebody_withdrew"),
    ]

    operations = [
        migrations.AddField(
            model_name="track",
            name="void_why",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="track",
            name="voided_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="track",
            name="voided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clinics.membership",
            ),
        ),
        migrations.AddConstraint(
            model_name="track",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("voided_at", None), ("voided_by", None)),
                    models.Q(("voided_at__isnull", False), ("voided_by__isnull", False)),
                    _connector="OR",
                ),
                name="track_voided_by_somebody",
            ),
        ),
    ]
