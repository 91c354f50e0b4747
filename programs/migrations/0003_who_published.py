import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0001_initial"),
        ("programs", "0002_load_rules_drafts_and_more_decisions"),
    ]

    operations = [
        migrations.AddField(
            model_name="programversion",
            name="published_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Blank for a program that came with the catalogue.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clinics.membership",
            ),
        ),
    ]
