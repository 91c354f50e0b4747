"""Who looked at a client's record, who took a file, and who was refused. Rows are only added."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from bonefit.clinics.access import OwnedByClient, Role
from bonefit.clinics.models import Clinic, Membership, OrganisationMembership, User, clinic_key

from .person import Client


class Look(models.Model):
    """One look at a client's record or at a list, one file, or one try that was refused.

    The app may add rows and read them, nothing else; a trigger refuses whoever tries. No row holds
    a name, the address of a page or a word of what was read: ``route`` is the name of the route in
    the code, ``kind`` what it shows.

    The one statement that writes a row (``looks``) checks its keys, no constraint of the database
    does: to check a key locks the row it points at, and whoever only reads a record would wait for
    somebody who writes to it. The few indexes are those below: every answer adds a row.
    """

    class What(models.TextChoices):
        VIEWED = "viewed", "Looked"
        EXPORTED = "exported", "Took a file"
        REFUSED = "refused", "Was refused"

    class Kind(models.TextChoices):
        """What the route shows."""

        RECORD = "record", "Client’s page"
        PLAN = "plan", "Plan and loads"
        SESSION = "session", "Session"
        OUTCOMES = "outcomes", "Measurements"
        INTAKE = "intake", "Intake and screening"
        PAPERS = "papers", "Papers and consents"
        EVENTS = "events", "Falls and adverse events"
        LETTER = "letter", "Letter to the doctor"
        FLAG = "flag", "Flag"
        BOOKINGS = "bookings", "Bookings and contact"
        OWN = "own", "Client’s own pages"
        CALENDAR = "calendar", "Calendar"
        LOOKS = "looks", "Who has looked"
        COPY = "copy", "Copy of the whole record"
        LIST = "list", "List of clients"
        BOARD = "board", "Floor board"
        REPORT = "report", "Report"
        OTHER = "other", "Something without clients"

    class How(models.TextChoices):
        PAGE = "page", "On a page"
        PART = "part", "In a part of a page"
        FILE = "file", "As a file"
        BOARD = "board", "On the floor board"
        PORTAL = "portal", "On the client’s own pages"
        LINK = "link", "By a link, without a log-in"

    clinic = models.ForeignKey(
        Clinic, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
    what = models.CharField(max_length=8, choices=What)
    #: A member of the clinic, also one who has left.
    member = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    #: Whoever administers the clinic's organisation and is no member, or asked for its reports.
    organiser = models.ForeignKey(
        OrganisationMembership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    #: Whoever is logged in and is neither. It is for whoever runs the site: a clinic is not told.
    user = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    roles = ArrayField(
        models.CharField(max_length=16, choices=Role),
        default=list,
        blank=True,
        help_text="The member’s roles at that moment.",
    )
    client = models.ForeignKey(
        Client,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    route = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind)
    how = models.CharField(max_length=6, choices=How)
    address = models.GenericIPAddressField(null=True, blank=True)

    objects = OwnedByClient["Look"].as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [clinic_key("look")]
        indexes = [
            models.Index(fields=["clinic", "-at", "-id"], name="look_newest"),
            models.Index(
                fields=["client", "-at", "-id"],
                condition=Q(client__isnull=False),
                name="look_of_client",
            ),
            models.Index(
                fields=["member", "-at", "-id"],
                condition=Q(member__isnull=False),
                name="look_by_member",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.route}"
