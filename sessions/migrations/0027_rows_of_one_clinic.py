"""PostgreSQL shows a connection the rows of the clinics that it was told, and no others."""

from django.db import migrations

from bonefit.clinics.policies import RowsOfOneClinic
from bonefit.clinics.tokens import TokensAreKnown


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("training", "0026_keys_of_one_clinic"),
        ("clinics", "0016_rows_of_one_clinic"),
    ]

    operations = [
        TokensAreKnown("CalendarFeed", "UploadToken"),
        RowsOfOneClinic(
            "Room",
            "Season",
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
            "DeliveryReady",
            "DeliveryChanged",
        ),
    ]
