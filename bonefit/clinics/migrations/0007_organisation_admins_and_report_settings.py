"""Admins of organisations, with an address for each organisation, and how reports are made.

Existing organisations get the address that their name makes; a number follows where two share one.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils.text import slugify

LENGTH = 50


def name_organisations(apps, schema_editor):
    rows = apps.get_model("clinics", "Organisation").objects.using(schema_editor.connection.alias)
    taken = set()
    for row in rows.order_by("pk").iterator():
        base = slugify(row.name)[:LENGTH] or "organisation"
        slug, number = base, 1
        while slug in taken:
            number += 1
            tail = f"-{number}"
            slug = base[: LENGTH - len(tail)] + tail
        taken.add(slug)
        row.slug = slug
        row.save(update_fields=["slug"])


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0006_what_a_sweep_did"),
    ]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="slug",
            field=models.SlugField(default="", db_index=False),
            preserve_default=False,
        ),
        migrations.RunPython(name_organisations, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="organisation",
            name="slug",
            field=models.SlugField(unique=True),
        ),
        migrations.AddField(
            model_name="clinic",
            name="headline",
            field=models.CharField(
                choices=[
                    ("A1", "A1, strict"),
                    ("A2", "A2, offered"),
                    ("A3", "A3, accountable"),
                    ("A4", "A4, with make-ups"),
                ],
                db_default="A3",
                default="A3",
                max_length=2,
            ),
        ),
        migrations.AddField(
            model_name="clinic",
            name="therapists_see",
            field=models.CharField(
                choices=[
                    ("own", "Those of their own clients"),
                    ("clinic", "Those of the whole clinic"),
                ],
                db_default="own",
                default="own",
                max_length=6,
            ),
        ),
        migrations.CreateModel(
            name="OrganisationMembership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="clinics.organisation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="organisation_memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "user"), name="organisation_membership_once"
                    )
                ],
            },
        ),
    ]
