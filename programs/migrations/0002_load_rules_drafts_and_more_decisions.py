import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0001_initial"),
        ("programs", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="until",
            field=models.CharField(
                blank=True,
                choices=[
                    ("date", "Until a date"),
                    ("review", "Until I end it"),
                    ("clean", "Until a clean visit"),
                ],
                help_text="For a hold.",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="until_on",
            field=models.DateField(blank=True, help_text="First day without the hold.", null=True),
        ),
        migrations.AddField(
            model_name="decision",
            name="version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="programs.programversion",
            ),
        ),
        migrations.AddField(
            model_name="prescription",
            name="drop_cm",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="Height of a drop, for landings from a step.", null=True
            ),
        ),
        migrations.AddField(
            model_name="prescription",
            name="gate",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Clean visits in a row before the load may rise; blank is the clinic's setting.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="prescription",
            name="reps_top",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Upper end of a range of reps, for double progression.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="prescription",
            name="rule",
            field=models.JSONField(
                default=dict,
                help_text="programs.load_rules: kind, and its numbers. Empty is effort.",
            ),
        ),
        migrations.AddField(
            model_name="prescription",
            name="seconds",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Of each set, where time is asked for and not reps.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="prescription",
            name="tempo",
            field=models.CharField(
                blank=True, help_text="Seconds up-hold-down: 4-0-4.", max_length=12
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="kind",
            field=models.CharField(
                choices=[("main", "Program"), ("block", "Block, added to a program")],
                default="main",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="kind",
            field=models.CharField(
                choices=[
                    ("start", "Start at"),
                    ("set_load", "Set the load"),
                    ("change_rung", "Change the exercise"),
                    ("hold", "Hold the load"),
                    ("release", "End the hold"),
                    ("promote", "Go to the phase"),
                    ("revoke", "Take back"),
                    ("override", "Let the load rise past the technique gate"),
                    ("estimate", "Record a technical 5RM"),
                    ("rescreen", "Record a re-screen"),
                    ("away", "Record an illness, a fall or a stay in hospital"),
                    ("move", "Move to another version"),
                    ("add_block", "Add a block"),
                    ("end_block", "End a block"),
                    ("end", "End the program"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="lift",
            field=models.CharField(
                blank=True,
                choices=[
                    ("hinge", "Deadlift"),
                    ("press", "Overhead press"),
                    ("squat", "Back squat"),
                    ("impact", "Drop landing"),
                    ("chest", "Chest press"),
                    ("row", "Row"),
                    ("pull", "Pull-down"),
                    ("step", "Step-up"),
                    ("carry", "Loaded carry"),
                    ("back", "Back extension"),
                    ("hip_side", "Hip to the side"),
                    ("hip_back", "Hip to the back"),
                    ("knee", "Knee extension"),
                    ("calf", "Calf raise"),
                    ("one_leg", "One-leg stand"),
                    ("tandem", "Tandem"),
                    ("soft", "Soft surface"),
                    ("shift", "Weight shift"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="exercise",
            name="lift",
            field=models.CharField(
                choices=[
                    ("hinge", "Deadlift"),
                    ("press", "Overhead press"),
                    ("squat", "Back squat"),
                    ("impact", "Drop landing"),
                    ("chest", "Chest press"),
                    ("row", "Row"),
                    ("pull", "Pull-down"),
                    ("step", "Step-up"),
                    ("carry", "Loaded carry"),
                    ("back", "Back extension"),
                    ("hip_side", "Hip to the side"),
                    ("hip_back", "Hip to the back"),
                    ("knee", "Knee extension"),
                    ("calf", "Calf raise"),
                    ("one_leg", "One-leg stand"),
                    ("tandem", "Tandem"),
                    ("soft", "Soft surface"),
                    ("shift", "Weight shift"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="prescription",
            name="lift",
            field=models.CharField(
                choices=[
                    ("hinge", "Deadlift"),
                    ("press", "Overhead press"),
                    ("squat", "Back squat"),
                    ("impact", "Drop landing"),
                    ("chest", "Chest press"),
                    ("row", "Row"),
                    ("pull", "Pull-down"),
                    ("step", "Step-up"),
                    ("carry", "Loaded carry"),
                    ("back", "Back extension"),
                    ("hip_side", "Hip to the side"),
                    ("hip_back", "Hip to the back"),
                    ("knee", "Knee extension"),
                    ("calf", "Calf raise"),
                    ("one_leg", "One-leg stand"),
                    ("tandem", "Tandem"),
                    ("soft", "Soft surface"),
                    ("shift", "Weight shift"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="ProgramDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("content", models.JSONField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "base",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.programversion",
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="programs.program",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.membership",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="program_draft_clinic_id_key"
                    ),
                    models.UniqueConstraint(
                        fields=("clinic", "program"), name="one_draft_of_a_program"
                    ),
                ],
            },
        ),
    ]
