"""What every message of an outbox has, whoever it goes to."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Message(models.Model):
    """From when it is due until it is sent, claimed by one sender at a time (``sessions.posting``).

    ``key`` names what it is about, so that the same thing is said once.
    """

    key = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Pointless after this.")
    claimed_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=80, blank=True, help_text="The kind of error, no text.")

    class Meta:
        abstract = True
