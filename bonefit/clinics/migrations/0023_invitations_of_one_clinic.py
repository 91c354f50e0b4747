"""Invitations: pinned to one clinic, shown to connections of it only, and found by their secret."""

from django.db import migrations

from bonefit.clinics.keys import SameClinic
from bonefit.clinics.policies import RowsOfOneClinic
from bonefit.clinics.tokens import TokensAreKnown


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clinics", "0022_invitations"),
    ]

    operations = [
        SameClinic("Invitation"),
        TokensAreKnown("Invitation"),
        RowsOfOneClinic("Invitation"),
    ]
