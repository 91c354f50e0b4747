"""What is kept of the log-ins that are open, and of PINs on shared tablets.

It belongs to no clinic, because it is looked up before one is known. ``models`` brings it in.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

#: So many wrong PINs, and it is gone on that tablet.
MOST_WRONG = 5


class BrowserLogIn(AbstractBaseSession):
    """What a browser's cookie stands for: who is logged in there, since when and until when.

    It stands in the place of Django's own table. Whoever is not logged in has a row without a
    person. A row that is deleted is a log-in that has ended: at the next request nobody is in.
    """

    #: What a page names it by: the key of the cookie stands on no page.
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        "clinics.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text="The last moment, however much it is used."
    )
    browser = models.CharField(max_length=60, blank=True)
    address = models.GenericIPAddressField(
        null=True, blank=True, help_text="Where it was last used from; only she sees it."
    )
    board_only = models.BooleanField(default=False, help_text="By the PIN of a tablet.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(person=None)
                | models.Q(started_at__isnull=False, used_at__isnull=False, ends_at__isnull=False),
                name="browser_log_in_of_somebody_has_its_times",
            ),
        ]

    def __str__(self) -> str:
        return self.browser or "A browser"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from .browser_store import SessionStore

        return SessionStore


class TabletPin(models.Model):
    """One person's PIN on one tablet, for one day of one clinic. It opens that clinic's board.

    Neither the PIN nor the tablet's secret is kept: the one is hashed slowly together with the
    other, and of that there is a hash to find it by.
    """

    user = models.ForeignKey("clinics.User", models.PROTECT, related_name="+")
    opens = models.ForeignKey("clinics.Clinic", models.PROTECT, related_name="+")
    tablet_hash = models.CharField(max_length=64)
    pin_hash = models.CharField(max_length=128)
    day = models.DateField(help_text="The clinic's day that it is good for.")
    browser = models.CharField(max_length=60, blank=True)
    set_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    wrong = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tablet_hash", "user", "opens"], name="one_pin_of_hers_on_a_tablet"
            ),
            models.CheckConstraint(
                condition=models.Q(wrong__lte=MOST_WRONG), name="tablet_pin_wrong_tries"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["day"], name="tablet_pin_day")]

    def __str__(self) -> str:
        return f"PIN of {self.set_at:%d.%m.%Y %H:%M}"
