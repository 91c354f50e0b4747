"""What a clinic calls somebody whose log-in was made, and named, in another one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0023_invitations_of_one_clinic"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="name_here",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What this clinic calls her; blank as her log-in is named.",
                max_length=120,
            ),
        ),
    ]
