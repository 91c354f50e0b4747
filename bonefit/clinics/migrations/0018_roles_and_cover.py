"""A lead therapist, an auditor who only reads, roles with an end, and cover for a colleague."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

from bonefit.clinics.history_triggers import keep

#: Going back: a lead therapist is a therapist again, and who was only an auditor has no way in.
BACK = """
UPDATE clinics_membership SET is_active = false, roles = '{desk}'
    WHERE roles = '{auditor}' OR roles = '{}';
UPDATE clinics_membership SET roles = ARRAY(
    SELECT DISTINCT CASE role WHEN 'lead' THEN 'therapist' ELSE role END
    FROM unnest(roles) role WHERE role <> 'auditor'
) WHERE roles && '{lead,auditor}'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0017_open_log_ins"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("reason", models.CharField(max_length=200)),
                ("given_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-starts_on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="RoleChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "roles_before",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), blank=True, size=None
                    ),
                ),
                ("until_before", models.JSONField(blank=True, default=dict)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), blank=True, size=None
                    ),
                ),
                ("until", models.JSONField(blank=True, default=dict)),
                ("reason", models.CharField(max_length=200)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_known_roles",
        ),
        migrations.RunSQL(migrations.RunSQL.noop, BACK),
        migrations.AddField(
            model_name="membership",
            name="roles_until",
            field=models.JSONField(
                blank=True, default=dict, help_text="Roles with an end: the last day of each."
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("admin", "Clinic admin"),
                        ("lead", "Lead therapist"),
                        ("therapist", "Therapist"),
                        ("desk", "Front desk"),
                        ("auditor", "Read-only auditor"),
                        ("client", "Client"),
                        ("companion", "Companion"),
                    ],
                    max_length=16,
                ),
                blank=True,
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("roles__len__gt", 0),
                        models.Q(("roles_until", {}), _negated=True),
                        _connector="OR",
                    ),
                    (
                        "roles__contained_by",
                        ["admin", "lead", "therapist", "desk", "auditor", "client", "companion"],
                    ),
                ),
                name="membership_known_roles",
            ),
        ),
        migrations.AddField(
            model_name="cover",
            name="clinic",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinics.clinic"
            ),
        ),
        migrations.AddField(
            model_name="cover",
            name="colleague",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="covering",
                to="clinics.membership",
            ),
        ),
        migrations.AddField(
            model_name="cover",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clinics.membership",
            ),
        ),
        migrations.AddField(
            model_name="cover",
            name="given_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clinics.membership",
            ),
        ),
        migrations.AddField(
            model_name="cover",
            name="therapist",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="covers",
                to="clinics.membership",
            ),
        ),
        migrations.AddField(
            model_name="rolechange",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clinics.membership",
            ),
        ),
        migrations.AddField(
            model_name="rolechange",
            name="clinic",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinics.clinic"
            ),
        ),
        migrations.AddField(
            model_name="rolechange",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clinics.membership",
            ),
        ),
        migrations.AddIndex(
            model_name="cover",
            index=models.Index(
                condition=models.Q(("ended_at", None)),
                fields=["colleague", "ends_on"],
                name="cover_of_colleague",
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.UniqueConstraint(fields=("clinic", "id"), name="cover_clinic_id_key"),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(("therapist", models.F("colleague")), _negated=True),
                name="cover_by_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="cover_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="cover_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", None)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="cover_ended_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("ended_at", None)),
                expressions=[
                    (
                        models.Func(
                            "clinic_id",
                            "clinic_id",
                            models.Value("[]"),
                            function="int8range",
                            output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                        ),
                        "&&",
                    ),
                    (
                        models.Func(
                            "therapist_id",
                            "therapist_id",
                            models.Value("[]"),
                            function="int8range",
                            output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                        ),
                        "&&",
                    ),
                    (
                        models.Func(
                            "starts_on", "ends_on", models.Value("[]"), function="daterange"
                        ),
                        "&&",
                    ),
                ],
                name="one_cover_at_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="rolechange",
            index=models.Index(fields=["clinic", "-id"], name="role_change_newest"),
        ),
        migrations.AddConstraint(
            model_name="rolechange",
            constraint=models.UniqueConstraint(
                fields=("clinic", "id"), name="role_change_clinic_id_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="rolechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("member", models.F("by")), _negated=True),
                name="role_change_of_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="role_change_has_a_reason"
            ),
        ),
        keep("clinics_cover"),
        keep("clinics_rolechange", added=False),
    ]
