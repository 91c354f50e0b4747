from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0007_organisation_admins_and_report_settings"),
    ]

    operations = [
        migrations.CreateModel(
            name="RefusedByBrowser",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("view", models.CharField(max_length=100)),
                ("directive", models.CharField(max_length=50)),
                ("source", models.CharField(max_length=100)),
                ("times", models.PositiveIntegerField(default=1)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("view", "directive", "source"), name="one_row_a_refusal"
                    )
                ],
            },
        ),
    ]
