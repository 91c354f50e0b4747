"""What rows were before: written by triggers of the database, whoever changes a row and however.

No line of the product writes here. A bulk update, a statement typed into psql and a form leave the
same row; what differs is how much is known of who did it.
"""

from __future__ import annotations

from django.db import models

from .access import ClinicQuerySet


class RowChange(models.Model):
    """One row of some table was added, changed or removed.

    The app may read these and nothing else; the trigger writes them with the rights of the tables'
    owner. No constraint checks a key: who writes must not wait for whoever reads.
    """

    class What(models.TextChoices):
        ADDED = "added", "Added"
        CHANGED = "changed", "Changed"
        REMOVED = "removed", "Removed"

    #: None for a row that belongs to no clinic: an organisation, a log-in.
    clinic = models.ForeignKey(
        "clinics.Clinic",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    table = models.CharField(max_length=63)
    row = models.BigIntegerField(help_text="Its number in that table.")
    what = models.CharField(max_length=7, choices=What)
    #: Of a change the columns that changed, of a removal all: as they were until then.
    before = models.JSONField(null=True)
    at = models.DateTimeField()
    #: Whoever was at work, where the application said so; else only ``role`` is known.
    member = models.ForeignKey(
        "clinics.Membership",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    user = models.ForeignKey(
        "clinics.User",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    role = models.CharField(max_length=63, help_text="The database's role that was connected.")
    source = models.CharField(
        max_length=100, blank=True, help_text="The number of the request, a task, or a command."
    )
    why = models.TextField(blank=True, help_text="The reason that was given with it.")

    objects = ClinicQuerySet["RowChange"].as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["table", "row", "id"], name="rowchange_of_row")]

    def __str__(self) -> str:
        return f"{self.table} {self.row}: {self.get_what_display()}"
