"""Log-ins that were ended: pinned to one clinic, and shown to connections of it only."""

from django.db import migrations

from bonefit.clinics.keys import SameClinic
from bonefit.clinics.policies import RowsOfOneClinic


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clinics", "0020_log_ins_ended"),
    ]

    operations = [
        SameClinic("LogInsEnded"),
        RowsOfOneClinic("LogInsEnded"),
    ]
