"""Cover and changes of roles: pinned to one clinic, and shown to connections of it only."""

from django.db import migrations

from bonefit.clinics.keys import SameClinic
from bonefit.clinics.policies import RowsOfOneClinic


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clinics", "0018_roles_and_cover"),
    ]

    operations = [
        SameClinic("Cover", "RoleChange"),
        RowsOfOneClinic("Cover", "RoleChange"),
    ]
