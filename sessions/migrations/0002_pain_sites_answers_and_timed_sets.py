from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="setentry",
            name="pain_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("known", "Known and unchanged"),
                    ("new", "New or changed"),
                    ("night", "At night"),
                    ("radiating", "Spreads into an arm or a leg"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="setentry",
            name="pain_site",
            field=models.CharField(
                blank=True,
                choices=[
                    ("neck", "Neck"),
                    ("upper_back", "Upper or middle back"),
                    ("lower_back", "Lower back"),
                    ("ribs", "Ribs"),
                    ("groin", "Groin"),
                    ("shoulder", "Shoulder"),
                    ("arm", "Elbow or arm"),
                    ("hand", "Wrist or hand"),
                    ("hip", "Hip, outside"),
                    ("thigh", "Thigh"),
                    ("knee", "Knee"),
                    ("leg", "Lower leg"),
                    ("foot", "Ankle or foot"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="setentry",
            name="prescribed_seconds",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="setentry",
            name="reps_top",
            field=models.PositiveSmallIntegerField(help_text="Of the range asked for.", null=True),
        ),
        migrations.AddField(
            model_name="setentry",
            name="seconds",
            field=models.PositiveSmallIntegerField(help_text="Of a timed set.", null=True),
        ),
        migrations.AddField(
            model_name="visit",
            name="answers",
            field=models.JSONField(
                blank=True, help_text="What was asked on arrival: programs.pain.Answers.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="flag",
            name="kind",
            field=models.CharField(
                choices=[
                    ("missed", "Missed session"),
                    ("stalled", "Stalled"),
                    ("outside_clearance", "Outside clearance"),
                    ("pain_rising", "Pain rising"),
                    ("locked", "Locked"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="operation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("check_in", "Check in"),
                    ("log_set", "Log a set"),
                    ("correct_set", "Correct a set"),
                    ("confirm_set", "Confirm a load"),
                    ("void_set", "Take a set back"),
                    ("complete", "Complete the visit"),
                    ("say", "Say what happened"),
                    ("answer", "Answer the questions of the day"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="setentry",
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
    ]
