"""Secret calendar addresses: of a client, a supervisor or a room."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clients.models import Client
from bonefit.clinics.access import OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .timetable import Room

_LIVE = Q(revoked_at=None)


class CalendarFeed(models.Model):
    """A secret calendar address. Only the hash is stored; the token is made from the nonce and the
    site's key, so that a copy of the database opens no calendar."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, null=True, blank=True, related_name="feeds")
    member = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="feeds"
    )
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="feeds")
    nonce = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedByClient["CalendarFeed"].as_manager()

    class Meta:
        constraints = [
            clinic_key("calendar_feed"),
            models.CheckConstraint(
                condition=Q(client__isnull=False, member=None, room=None)
                | Q(client=None, member__isnull=False, room=None)
                | Q(client=None, member=None, room__isnull=False),
                name="feed_of_one",
            ),
            models.UniqueConstraint(
                fields=["clinic", "client"], condition=_LIVE, name="one_live_feed"
            ),
            models.UniqueConstraint(
                fields=["clinic", "member"], condition=_LIVE, name="one_live_feed_a_member"
            ),
            models.UniqueConstraint(
                fields=["clinic", "room"], condition=_LIVE, name="one_live_feed_a_room"
            ),
        ]

    def __str__(self) -> str:
        return "Calendar feed"
