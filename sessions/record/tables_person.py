"""The tables of who she is, what she agreed to, and how she is."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from bonefit.clients import models as clients
from bonefit.clients.models import Client
from bonefit.clinics.models import LoginLink, Membership, User
from sessions import models as training

from . import rows
from .table import Table

PERSON: tuple[Table, ...] = (
    Table(
        "person",
        "Who you are",
        "Name, date of birth and how to reach you.",
        Client,
        lambda client: Client.objects.filter(clinic=client.clinic_id, pk=client.pk),
        out={"membership": "Stands in the table of memberships."},
        paper=("name", "born_on", "sex", "email", "phone", "emergency_contact", "notes"),
    ),
    Table(
        "memberships",
        "What you may do on this site",
        "Your place in this clinic on this site.",
        Membership,
        rows.membership,
        out={"user": "Stands in the table log_in."},
        # Never blank: that would say whether another clinic knew her before.
        made={"name_here": lambda member: member.name},
    ),
    Table(
        "log_in",
        "Your log-in",
        "The address that you log in with.",
        User,
        rows.log_in,
        out={
            "password": rows.SECRET,
            "last_login": "It may have been to another clinic.",
            "is_superuser": rows.WORK,
            "is_staff": rows.WORK,
        },
        for_clinic=rows.none_of(User),
    ),
    Table(
        "email_addresses",
        "Addresses of your log-in",
        "Addresses that were proved by a code.",
        EmailAddress,
        rows.of_log_in(EmailAddress),
        out={"user": "Stands in the table log_in."},
        for_clinic=rows.none_of(EmailAddress),
    ),
    Table(
        "passkeys",
        "Your passkeys",
        "When you made a passkey. The key itself never leaves your device.",
        Authenticator,
        rows.of_log_in(Authenticator),
        out={
            "user": "Stands in the table log_in.",
            "data": rows.SECRET,
            "last_used_at": "It may have been for another clinic.",
        },
        for_clinic=rows.none_of(Authenticator),
    ),
    Table(
        "login_links",
        "Links that logged you in",
        "Mails with a link that logs in once.",
        LoginLink,
        rows.login_links,
        out={
            "user": "Stands in the table log_in.",
            "nonce": rows.SECRET,
            "token_hash": rows.SECRET,
        },
        # Capital letters would say who wrote the address first.
        made={"sent_to": lambda link: link.sent_to.lower()},
        for_clinic=rows.links_of_clinic,
    ),
    Table(
        "companions",
        "Who may look at your pages",
        "People whom you let look at your pages. Their names are theirs, and are not given.",
        clients.Companion,
        rows.over(clients.Companion, "client"),
        paper=("given_at", "given_by", "ended_at", "consent"),
    ),
    Table(
        "clearances",
        "Cleared to train",
        "Who said that you may train, and how high you may land.",
        clients.Clearance,
        rows.over(clients.Clearance, "client"),
        paper=("cleared_on", "cleared_by", "impact_level", "expires_on", "note"),
    ),
    Table(
        "locks",
        "Stops",
        "When nothing was prescribed until somebody had looked at you.",
        clients.Lock,
        rows.over(clients.Lock, "client"),
        paper=("opened_at", "why", "released_at", "clinician", "finding"),
    ),
    Table(
        "screenings",
        "Health questions",
        "The questions before you started, and your answers.",
        clients.Screening,
        rows.over(clients.Screening, "client"),
    ),
    Table(
        "screening_edits",
        "Changes to your answers",
        "Every change of an answer before it was confirmed.",
        clients.ScreeningEdit,
        rows.over(clients.ScreeningEdit, "screening__client"),
    ),
    Table(
        "answer_links",
        "Links to questions",
        "Mails with a link to questions.",
        clients.AnswerLink,
        rows.links,
        out={"nonce": rows.SECRET, "token_hash": rows.SECRET},
    ),
    Table(
        "landing_permissions",
        "Higher landings",
        "When a clinician let you land higher than your answers allow.",
        clients.ImpactOverride,
        rows.over(clients.ImpactOverride, "client"),
        paper=("recorded_at", "level", "clinician", "reason", "ended_at"),
    ),
    Table(
        "early_starts",
        "Starts before everything was in",
        "When a clinician let you start before all papers were in.",
        clients.IntakeOverride,
        rows.over(clients.IntakeOverride, "client"),
        paper=("recorded_at", "clinician", "reason", "until", "ended_at"),
    ),
    Table(
        "consent_texts",
        "The words that you agreed to",
        "Each text that you signed, in the version that you signed.",
        clients.ConsentText,
        rows.texts,
    ),
    Table(
        "consents",
        "What you agreed to",
        "What you signed, in which version, and what you took back.",
        clients.Consent,
        rows.over(clients.Consent, "client"),
    ),
    Table(
        "papers",
        "Papers",
        "Letters, reports and other files that were uploaded. They are in the folder files.",
        clients.Document,
        rows.over(clients.Document, "client"),
        paper=("kind", "name", "added_at", "added_by", "removed_at"),
    ),
)

HEALTH: tuple[Table, ...] = (
    Table(
        "test_days",
        "Test days",
        "Days on which you were tested.",
        clients.Battery,
        rows.over(clients.Battery, "client"),
        paper=("taken_on", "assessor", "note"),
    ),
    Table(
        "measurements",
        "Tests and scans",
        "Every value that was measured.",
        clients.Measurement,
        rows.over(clients.Measurement, "client"),
        out={"imported": "The file that it came in holds rows of other people."},
    ),
    Table(
        "fall_questions",
        "Monthly questions about falls",
        "Whether you were asked and what you answered.",
        clients.FallsMonth,
        rows.over(clients.FallsMonth, "client"),
        paper=("month", "asked_at", "answered_at", "how_many"),
    ),
    Table(
        "falls",
        "Falls",
        "Falls that were told to the clinic.",
        clients.Fall,
        rows.over(clients.Fall, "client"),
        out={"key": rows.WORK},
        paper=("fell_on", "injured", "fracture", "described", "recorded_by", "taken_back_why"),
    ),
    Table(
        "adverse_events",
        "Pains, injuries and other events",
        "What was reported during or after training.",
        training.AdverseEvent,
        rows.over(training.AdverseEvent, "client"),
        paper=("onset_at", "what", "severity", "described", "outcome", "reported_by"),
    ),
)
