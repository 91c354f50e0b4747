"""Filling in a screening: drafts kept as typed, two who write at once, and the confirmation.

A draft has a revision. Whoever saves says which one she had before her; what somebody else changed
since is kept, and where both changed the same answer she is shown both and decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from bonefit.acting import because
from bonefit.clinics.models import Membership
from bonefit.clinics.months import months_after

from . import answer_links, intake
from .eligibility import Eligibility, judge_answers
from .eligibility_rules import THRESHOLDS, EligibilityRules
from .models import AnswerLink, Client, ImpactOverride, Screening, ScreeningEdit
from .questionnaires import CURRENT, questionnaire, read

#: How long the link lives that a client is sent.
LINK_LIVES = timedelta(days=14)


class CannotScreen(Exception):
    """Why nothing was written, in words for the page."""


@dataclass(frozen=True, slots=True)
class Clash:
    """An answer that somebody else changed meanwhile: what stands there, by whom, when."""

    theirs: str
    by: str
    at: datetime


@transaction.atomic
def start(*, client: Client, by: Membership, now: datetime) -> Screening:
    """The open screening of a client, or a new one; of what was answered last nothing is kept.

    A screening is asked anew each time, because an old answer that nobody looked at is no answer.
    """
    Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    going_on = client.screenings.filter(confirmed_at=None).exclude(status=Screening.Status.DROPPED)
    found = going_on.order_by("-pk").first()
    return found or Screening.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        questionnaire=CURRENT,
        made_by=by,
        made_at=now,
    )


@transaction.atomic
def save(
    *,
    screening: Screening,
    typed: Mapping[str, str],
    revision: int,
    by: Membership | None,
    now: datetime,
) -> dict[str, Clash]:
    """Keep what was typed; the answers that somebody else changed meanwhile, which are not kept.

    ``revision``: the one that was before her. ``typed``: the answers of the page, by question.
    ``by``: None for the client herself. CannotScreen once it is confirmed.
    """
    screening = _open(screening)
    before = answers_at(screening, revision)
    known = {one.key for one in questionnaire(screening.questionnaire).questions()}
    mine = {
        key: value.strip()
        for key, value in typed.items()
        if key in known and value.strip() != before.get(key, "")
    }
    stands = screening.answers
    clashing = {
        key
        for key, value in mine.items()
        if stands.get(key, "") not in (before.get(key, ""), value)
    }
    kept = {
        key: value
        for key, value in mine.items()
        if key not in clashing and value != stands.get(key, "")
    }
    if kept:
        _keep(screening, kept, by=by, now=now)
    return {key: _clash(screening, key) for key in sorted(clashing)}


def _open(screening: Screening) -> Screening:
    found = (
        Screening.objects.select_for_update(of=("self",))
        .select_related("client", "clinic")
        .get(pk=screening.pk)
    )
    if not found.open:
        raise CannotScreen("This screening is confirmed already. Begin a new one to change it.")
    return found


def _keep(
    screening: Screening, kept: Mapping[str, str], *, by: Membership | None, now: datetime
) -> None:
    before = {key: screening.answers.get(key, "") for key in kept}
    screening.answers = {**screening.answers, **kept}
    screening.revision += 1
    screening.save(update_fields=["answers", "revision"])
    ScreeningEdit.objects.create(
        clinic_id=screening.clinic_id,
        screening=screening,
        revision=screening.revision,
        changed={key: [before[key], value] for key, value in kept.items()},
        at=now,
        by=by,
    )


def answers_at(screening: Screening, revision: int) -> dict[str, str]:
    """The answers as they stood at an earlier revision."""
    answers = dict(screening.answers)
    later = screening.edits.filter(revision__gt=revision).order_by("-revision")
    for changed in later.values_list("changed", flat=True):
        answers.update({key: old for key, (old, _) in changed.items()})
    return answers


def _clash(screening: Screening, key: str) -> Clash:
    edits = screening.edits.filter(changed__has_key=key).select_related("by__user")
    last = edits.order_by("-revision").first()
    assert last is not None  # it differs from an earlier revision, so somebody changed it
    who = last.by.user.name if last.by else screening.client.name
    return Clash(screening.answers.get(key, ""), who, last.at)


# --- the client's own answers ---------------------------------------------------------------------
@transaction.atomic
def make_link(*, screening: Screening, by: Membership, now: datetime) -> AnswerLink:
    """A new link for the client to answer by; earlier ones open nothing any more.

    The caller sends it. CannotScreen without an address, or once it is confirmed.
    """
    screening = _open(screening)
    if not screening.client.email:
        raise CannotScreen("There is no e-mail address to send the questions to. Add one first.")
    if screening.status == Screening.Status.DRAFT:
        screening.status = Screening.Status.SENT
        screening.save(update_fields=["status"])
    return answer_links.make_link(screening=screening, expires_at=now + LINK_LIVES, by=by, now=now)


@transaction.atomic
def hand_in(*, link: AnswerLink, now: datetime) -> None:
    """The client has answered: what she sent is kept just as it is, whatever is changed later."""
    assert link.screening is not None
    screening = _open(link.screening)
    screening.status = Screening.Status.ANSWERED
    screening.answered_at = now
    screening.from_client = dict(screening.answers)
    screening.save(update_fields=["status", "answered_at", "from_client"])
    answer_links.use(link, now=now)


# --- the confirmation -----------------------------------------------------------------------------
def preview(
    screening: Screening, rules: EligibilityRules, *, today: date
) -> tuple[Eligibility, dict[str, str]]:
    """What follows from the answers so far, and what stands in the way of a confirmation."""
    asked = questionnaire(screening.questionnaire)
    values, problems = read(asked, screening.answers, today=today)
    client = screening.client
    found = judge_answers(values, rules, born_on=client.born_on, sex=client.sex, today=today)
    return found, problems


@transaction.atomic
def confirm(
    *,
    screening: Screening,
    revision: int,
    rules: EligibilityRules,
    good_for_months: int,
    by: Membership,
    now: datetime,
) -> Screening:
    """A therapist stands by the answers; from now on they decide, and never change again.

    CannotScreen where an answer is missing or was changed since she looked.
    """
    screening = _open(screening)
    today = now.astimezone(screening.clinic.tz).date()
    if screening.revision != revision:
        raise CannotScreen("Somebody changed an answer meanwhile. Look again, then confirm.")
    found, problems = preview(screening, rules, today=today)
    if problems:
        raise CannotScreen("Some answers are missing or cannot be read. They are marked below.")
    screening.status = Screening.Status.CONFIRMED
    screening.confirmed_at, screening.confirmed_by = now, by
    screening.tier, screening.impact_allowed = found.tier, found.impact_allowed
    screening.findings = [asdict(one) for one in found.findings]
    screening.rules = {name: str(getattr(rules, name)) for name in THRESHOLDS}
    screening.good_until = months_after(today, good_for_months)
    screening.save()
    ImpactOverride.objects.filter(client=screening.client, ended_at=None).update(
        ended_at=now, ended_by=by
    )
    AnswerLink.objects.filter(screening=screening, used_at=None, ended_at=None).update(ended_at=now)
    intake.refresh([screening.client], now=now)
    return screening


@because("The screening is dropped")
@transaction.atomic
def drop(*, screening: Screening, by: Membership, now: datetime) -> None:
    """An open screening is not used; what was typed stays readable, and its links end."""
    screening = _open(screening)
    screening.status = Screening.Status.DROPPED
    screening.save(update_fields=["status"])
    AnswerLink.objects.filter(screening=screening, used_at=None, ended_at=None).update(ended_at=now)
