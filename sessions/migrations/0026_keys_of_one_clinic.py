"""Nothing of one clinic can point into another: the keys are checked beneath all policies."""

from django.db import migrations

from bonefit.clinics.keys import SameClinic


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clients", "0013_keys_of_one_clinic"),
        ("clinics", "0014_keys_of_one_clinic"),
        ("programs", "0006_keys_of_one_clinic"),
        ("training", "0025_notices_of_requests"),
    ]

    operations = [
        SameClinic(
            "WeeklySlot",
            "WeeklySupervisor",
            "Closure",
            "Leave",
            "Slot",
            "Supervision",
            "StandingPlace",
            "Visit",
            "Pause",
            "SeatChange",
            "Waiting",
            "Notice",
            "CalendarFeed",
            "Flag",
            "FlagStep",
            "Review",
            "Changed",
            "ProgressLetter",
            "Operation",
            "SetEntry",
            "SavedReport",
            "ReportExport",
            "DoseRow",
            "DoseMonth",
            "DoseReady",
            "DoseChanged",
            "SessionNote",
            "AdverseEvent",
            "SlotChange",
            "StaffNotice",
            "UploadToken",
            "HeldOperation",
            "DeliveredSession",
            "DeliveredLift",
        ),
    ]
