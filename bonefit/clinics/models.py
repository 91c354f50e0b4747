"""Organisations, clinics, people and their memberships; the beat of the sweeps."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from .access import SUPERVISING_ROLES, Can, ClinicQuerySet, Role, granted


def clinic_key(table: str) -> models.UniqueConstraint:
    """``UNIQUE (clinic_id, id)``: lets a composite foreign key pin a child to the same clinic."""
    return models.UniqueConstraint(fields=["clinic", "id"], name=f"{table}_clinic_id_key")


class Organisation(models.Model):
    """One owner of clinics; often of just one."""

    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.name


class Clinic(models.Model):
    """The tenant: whatever is clinical belongs to exactly one."""

    class Unit(models.TextChoices):
        KG = "kg", "kg"
        LB = "lb", "lb"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="clinics")
    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    timezone = models.CharField(max_length=64)
    unit = models.CharField(max_length=2, choices=Unit, default=Unit.KG)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    emergency_plan = models.TextField(
        blank=True, help_text="What to do when somebody is stopped; kept on every tablet."
    )
    what_to_bring = models.TextField(
        blank=True, help_text="What clients are told to bring; blank is the usual words."
    )
    #: Number of the newest RuleSet, so that a process knows whether the ones it holds are all.
    rules_number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who logs in by e-mail; without a password only the e-mailed code works."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can log in. What she may do is said by her memberships, not here."""

    email = models.EmailField("e-mail address")
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May use Django's admin.")
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class MembershipQuerySet(ClinicQuerySet["Membership"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def supervisors(self) -> Self:
        """Those who may stand beside a loaded bar."""
        return self.active().filter(roles__overlap=[str(role) for role in SUPERVISING_ROLES])


class Membership(models.Model):
    """A user in one clinic, with a set of roles; a revoked one stays as a row."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=16, choices=Role))
    is_active = models.BooleanField(default=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            clinic_key("membership"),
            models.UniqueConstraint(fields=["clinic", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(roles__len__gt=0)
                & models.Q(roles__contained_by=[str(role) for role in Role]),
                name="membership_known_roles",
            ),
        ]

    def __str__(self) -> str:
        return self.user.name

    @cached_property
    def can(self) -> frozenset[Can]:
        return granted(self.roles)

    @property
    def supervises(self) -> bool:
        return bool(SUPERVISING_ROLES & set(self.roles))


class Credential(models.Model):
    """What lets a member supervise, as it was shown to the clinic. The newest row is in force."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="credentials")
    profession = models.CharField(max_length=80)
    licence = models.CharField("licence number", max_length=80)
    jurisdiction = models.CharField(max_length=80)
    expires_on = models.DateField(help_text="Last day of the licence.")
    insured_until = models.DateField(null=True, blank=True)
    first_aid_until = models.DateField(null=True, blank=True)
    trained_on = models.DateField("HiRIT training", null=True, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    objects = ClinicQuerySet["Credential"].as_manager()

    class Meta:
        constraints = [clinic_key("credential")]
        indexes = [models.Index(fields=["member", "-id"], name="credential_newest")]

    def __str__(self) -> str:
        return f"{self.profession}, until {self.expires_on}"


class Heartbeat(models.Model):
    """When a sweep last finished, how often it should, and what it did then.

    ``/beats/``, ``/metrics`` and the operator's page read it. ``at`` is null for one that has only
    failed yet. An error is kept as its kind: its text may hold a whole row.
    """

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField(null=True)
    every_seconds = models.PositiveIntegerField()
    seconds = models.FloatField(null=True, help_text="How long the last one took.")
    seen = models.PositiveIntegerField(null=True, help_text="Rows that it looked at.")
    opened = models.PositiveIntegerField(null=True)
    resolved = models.PositiveIntegerField(null=True)
    failed = models.PositiveIntegerField(null=True, help_text="Rows that it could not do.")
    error = models.CharField(max_length=80, blank=True)
    error_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class LoginLink(models.Model):
    """A link in a mail that logs one person in, once. Its secret is nowhere: only the hash is kept.

    It belongs to no clinic, because it is looked up before one is known.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="login_links")
    nonce = models.CharField(max_length=43, help_text="With the site's key it makes the secret.")
    token_hash = models.CharField(max_length=64, unique=True)
    sent_to = models.EmailField(help_text="It opens nothing once the log-in has another address.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who had it sent; nobody where the person asked for a code herself.",
    )
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at")), name="login_link_lives"
            ),
        ]
        indexes = [models.Index(fields=["user", "-made_at"], name="login_link_newest")]

    def __str__(self) -> str:
        return f"Link of {self.made_at:%d.%m.%Y %H:%M}"
