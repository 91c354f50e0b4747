"""Records that are past the time for which the clinic keeps them: found, shown, decided on.

Nothing is ever deleted here. A rule flags, a person decides, and the decision is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from bonefit.acting import because_of
from bonefit.clients import models as clients
from bonefit.clients.models import Client, RetentionDecision
from bonefit.clinics.models import Clinic, Membership
from bonefit.clinics.months import months_after
from programs import models as programs
from programs.plans import rules_at
from sessions import models as training

#: What counts as an entry in a record: the table, the way to the client, when it was made.
ENTRIES: tuple[tuple[Any, str, str], ...] = (
    (clients.Clearance, "client", "recorded_at"),
    (clients.Screening, "client", "made_at"),
    (clients.Consent, "client", "recorded_at"),
    (clients.Document, "client", "added_at"),
    (clients.Measurement, "client", "recorded_at"),
    (clients.Fall, "client", "recorded_at"),
    (clients.Lock, "client", "opened_at"),
    (clients.CorrectionRequest, "client", "asked_at"),
    (programs.Enrollment, "client", "created_at"),
    (programs.Decision, "enrollment__client", "at"),
    (training.Visit, "client", "during__endswith"),
    (training.SessionNote, "visit__client", "signed_at"),
    (training.AdverseEvent, "client", "reported_at"),
    (training.ProgressLetter, "client", "made_at"),
)

Kind = RetentionDecision.Kind


class NotPast(Exception):
    """The record is not past its time, or somebody has decided already."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How long the clinic keeps records: years after the last entry, and until which age."""

    years: int
    age: int
    #: An entry on this day or later keeps a record.
    since: date
    #: Who was born after this day is younger than ``age`` today.
    born_by: date


def rule_of(clinic: Clinic, now: datetime) -> Rule:
    """The clinic's rule as its settings say now."""
    rules = rules_at(clinic, now).rules
    years, age = int(rules.record_kept_years), int(rules.minor_kept_until_age)
    today = now.astimezone(clinic.tz).date()
    return Rule(years, age, months_after(today, -12 * years), months_after(today, -12 * age))


def past(member: Membership, now: datetime) -> QuerySet[Client]:
    """Clients of the member's clinic whose record is past its time and undecided, oldest first.

    Nobody in training, nobody with an entry within the years, nobody younger than the age. Each has
    ``last_entry`` beside it. Who was kept for longer is here again when that is over, and who came
    back after it was said that the record may be deleted, when it is past its time once more.
    """
    rows = _past_their_time(Client.objects.visible_to(member), member.clinic, now)
    today = now.astimezone(member.clinic.tz).date()
    over = models.Q(decided=Kind.KEEP, kept__lt=today)
    return rows.filter(models.Q(decided=None) | over | _NO_MORE)


def released(clinic: Clinic, now: datetime) -> QuerySet[Any]:
    """Clients of a clinic whose record may be deleted: an admin said so, and it still holds.

    Whoever has an entry since then, or is in training again, is not here.
    """
    rows = _past_their_time(Client.objects.filter(clinic=clinic), clinic, now)
    return rows.filter(decided=Kind.RELEASE).exclude(_NO_MORE)


#: It was said that the record may be deleted, and something was written into it after that.
_NO_MORE = models.Q(decided=Kind.RELEASE, decided_at__lt=models.F("last_entry"))


def _past_their_time(rows: QuerySet[Client], clinic: Clinic, now: datetime) -> QuerySet[Any]:
    """Those of a clinic's clients whose record is past its time, whatever was decided: that stands
    beside each, as ``decision``, ``decided``, ``decided_at`` and ``kept``."""
    rule = rule_of(clinic, now)
    start = datetime.combine(rule.since, time(), clinic.tz)
    rows = rows.filter(created_at__lt=start, born_on__lte=rule.born_by)
    for model, path, at in ENTRIES:
        later = model.objects.filter(**{path: OuterRef("pk"), f"{at}__gte": start})
        rows = rows.exclude(Exists(later))
    active = programs.Enrollment.objects.active().filter(client=OuterRef("pk"))
    standing = RetentionDecision.objects.filter(client=OuterRef("pk")).order_by("-pk")
    rows = rows.exclude(Exists(active)).annotate(
        decision=Subquery(standing.values("pk")[:1]),
        decided=Subquery(standing.values("kind")[:1]),
        decided_at=Subquery(standing.values("decided_at")[:1]),
        kept=Subquery(standing.values("until")[:1]),
    )
    return _oldest_first(rows)


def _oldest_first(rows: QuerySet[Client]) -> QuerySet[Client]:
    """By the moment of the last entry, which each client then has as ``last_entry``."""
    newest = [
        Coalesce(
            Subquery(
                model.objects.filter(**{path: OuterRef("pk")})
                .order_by()
                .values(path)
                .annotate(newest=Max(at))
                .values("newest")[:1]
            ),
            "created_at",
        )
        for model, path, at in ENTRIES
    ]
    return rows.annotate(last_entry=Greatest("created_at", *newest)).order_by("last_entry", "pk")


@because_of("reason")
@transaction.atomic
def decide(
    *, client: Client, kind: str, until: date | None, reason: str, by: Membership, now: datetime
) -> RetentionDecision:
    """Record what an admin decided about a record that is past its time.

    That it may be deleted is taken back by a decision to keep it. Raises NotPast where the record
    is not past its time, or somebody has decided the same already; ValueError for a decision that
    is none, for one to keep without a day to come, and without a reason.
    """
    today = now.astimezone(by.clinic.tz).date()
    keeps = kind == Kind.KEEP
    if kind not in Kind.values or not reason.strip() or (until is not None) != keeps:
        raise ValueError("A decision keeps until a day or releases, and says why.")
    if until is not None and until <= today:
        raise ValueError("A record is kept until a day to come.")
    # The client's row is the lock: of two decisions at once the second finds the first.
    Client.objects.select_for_update(no_key=True).get(pk=client.pk, clinic=by.clinic_id)
    found = past(by, now).filter(pk=client.pk).first()
    if found is None and keeps:
        found = released(by.clinic, now).filter(pk=client.pk).first()
    if found is None:
        raise NotPast
    return RetentionDecision.objects.create(
        clinic_id=by.clinic_id,
        client=client,
        kind=kind,
        until=until,
        reason=reason,
        last_entry_on=found.last_entry.astimezone(by.clinic.tz).date(),  # type: ignore[attr-defined]
        years=rule_of(by.clinic, now).years,
        decided_at=now,
        decided_by=by,
    )
