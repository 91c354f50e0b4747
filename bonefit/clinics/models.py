"""Organisations, clinics, people and their memberships; the beat of the sweeps."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from .access import ORGANISATION_GRANTS, Can, ClinicQuerySet, Role
from .held_roles import HoldsRoles, MembershipQuerySet


def clinic_key(table: str) -> models.UniqueConstraint:
    """``UNIQUE (clinic_id, id)``: lets a composite foreign key pin a child to the same clinic."""
    return models.UniqueConstraint(fields=["clinic", "id"], name=f"{table}_clinic_id_key")


class Organisation(models.Model):
    """One owner of clinics; often of just one."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)

    def __str__(self) -> str:
        return self.name


class Clinic(models.Model):
    """The tenant: whatever is clinical belongs to exactly one."""

    class Headline(models.TextChoices):
        """Which definition of adherence the clinic leads with (protocol sheet 5.3)."""

        A1 = "A1", "A1, strict"
        A2 = "A2", "A2, offered"
        A3 = "A3", "A3, accountable"
        A4 = "A4", "A4, with make-ups"

    class TherapistsSee(models.TextChoices):
        """Whose figures a therapist reads in the clinic's reports."""

        OWN = "own", "Those of their own clients"
        CLINIC = "clinic", "Those of the whole clinic"

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
    headline = models.CharField(
        max_length=2, choices=Headline, default=Headline.A3, db_default=Headline.A3
    )
    therapists_see = models.CharField(
        max_length=6, choices=TherapistsSee, default=TherapistsSee.OWN, db_default=TherapistsSee.OWN
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


class Membership(HoldsRoles, models.Model):
    """A user in one clinic, with a set of roles; a revoked one stays as a row.

    A role with a last day stands in ``roles_until``, so that who forgets to look there grants less.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=16, choices=Role), blank=True)
    roles_until = models.JSONField(
        default=dict, blank=True, help_text="Roles with an end: the last day of each."
    )
    is_active = models.BooleanField(default=True)
    name_here = models.CharField(
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text="What this clinic calls her; blank as her log-in is named.",
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            clinic_key("membership"),
            models.UniqueConstraint(fields=["clinic", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=(models.Q(roles__len__gt=0) | ~models.Q(roles_until={}))
                & models.Q(roles__contained_by=[str(role) for role in Role]),
                name="membership_known_roles",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """As this clinic knows her. What another one calls her is not this one's to read."""
        return self.name_here or self.user.name


class OrganisationMembership(models.Model):
    """A user who administers an organisation: she reads reports across its clinics, no more.

    It gives no right in any of them; a revoked one stays as a row. Who works in a clinic too has
    a Membership there besides.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="organisation_memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user"], name="organisation_membership_once"
            ),
        ]

    def __str__(self) -> str:
        return self.user.name

    @property
    def can(self) -> frozenset[Can]:
        return ORGANISATION_GRANTS

    @cached_property
    def clinics(self) -> tuple[Clinic, ...]:
        """The organisation's clinics by name; for a leaver none."""
        if not self.is_active:
            return ()
        return tuple(self.organisation.clinics.order_by("name", "pk"))


class ReportSettingsChange(models.Model):
    """One change of how the clinic's reports are made: who, when, from what to what.

    Written with the change and never changed itself; what a setting was before the first row
    that names it is what that row says.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    headline_before = models.CharField(max_length=2, choices=Clinic.Headline)
    headline = models.CharField(max_length=2, choices=Clinic.Headline)
    therapists_saw = models.CharField(max_length=6, choices=Clinic.TherapistsSee)
    therapists_see = models.CharField(max_length=6, choices=Clinic.TherapistsSee)

    objects = ClinicQuerySet["ReportSettingsChange"].as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            clinic_key("report_settings_change"),
            models.CheckConstraint(
                condition=~models.Q(headline=models.F("headline_before"))
                | ~models.Q(therapists_see=models.F("therapists_saw")),
                name="report_settings_change_changes",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-id"], name="report_settings_newest")]

    def __str__(self) -> str:
        return f"How reports are made, since {self.at:%d.%m.%Y %H:%M}"

    @property
    def changes(self) -> tuple[str, ...]:
        """What changed, in words: from what to what."""
        pairs = (
            ("Adherence that the report leads with", self.headline_before, self.headline),
            ("Figures that therapists see", self.therapists_saw, self.therapists_see),
        )
        words = dict((*Clinic.Headline.choices, *Clinic.TherapistsSee.choices))
        return tuple(
            f"{name}: from “{words[before]}” to “{words[after]}”"
            for name, before, after in pairs
            if before != after
        )


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


class RefusedByBrowser(models.Model):
    """What browsers did not load or run by the content policy: counted, of nobody in particular.

    A row is one kind of it: on which page, by the name of its view, which directive, and where what
    was refused came from, at most its host. Nothing of an address that holds a key or a name.
    """

    view = models.CharField(max_length=100)
    directive = models.CharField(max_length=50)
    source = models.CharField(max_length=100)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["view", "directive", "source"], name="one_row_a_refusal"
            )
        ]

    def __str__(self) -> str:
        return f"{self.directive} on {self.view}"


class Backup(models.Model):
    """One finished backup of the whole site. The file itself is in ``BACKUP_DIR``.

    It belongs to no clinic. A backup that could not be finished leaves no row; why it could not is
    in the heartbeat of ``keep_backups``.
    """

    name = models.CharField(max_length=80, unique=True)
    made_at = models.DateTimeField()
    size = models.PositiveBigIntegerField(help_text="Bytes of the file.")
    rows = models.PositiveBigIntegerField(help_text="In all tables together.")
    files = models.PositiveIntegerField(help_text="Uploaded documents.")
    verified_at = models.DateTimeField(null=True, help_text="When it was restored for a test.")
    damaged_at = models.DateTimeField(null=True, help_text="When it was found not to be good.")
    removed_at = models.DateTimeField(null=True, help_text="When it was no longer kept.")

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


class KnownToken(models.Model):
    """Which clinic a secret opens something in, by its hash: what is asked before one is known.

    Triggers keep it, beside every table with a ``token_hash`` in a clinic.
    """

    token_hash = models.CharField(max_length=64, primary_key=True)
    belongs_to = models.ForeignKey(Clinic, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"Of {self.belongs_to}"


# Last, because they name the models above: a table of its own file belongs to this app only if
# this module brings it in.
from .kept import RowChange as RowChange  # noqa: E402
from .models_invitations import Invitation as Invitation  # noqa: E402
from .models_log_ins import LogInsEnded as LogInsEnded  # noqa: E402
from .models_log_ins import SecondStepReset as SecondStepReset  # noqa: E402
from .models_people import Cover as Cover  # noqa: E402
from .models_people import RoleChange as RoleChange  # noqa: E402
from .sealed import Seal as Seal  # noqa: E402
from .sealed import SealMark as SealMark  # noqa: E402
