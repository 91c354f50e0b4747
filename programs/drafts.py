"""Writing the next version of a program: a draft is begun, saved, thrown away, published.

One draft of a program at a time. Its revision counts its saves: who has typed over an older one
is told so, and nobody's work is lost.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from bonefit.clinics.models import Membership
from programs.catalogue import content_of, publish_content
from programs.content import Document, differences, published, with_keys
from programs.models import Exercise, Program, ProgramDraft, ProgramVersion
from programs.problems import OnLadder, problems


class DraftRefused(Exception):
    """What cannot be done with a draft now, as a sentence for the person who asked."""


class DraftChanged(DraftRefused):
    """Somebody has saved the draft since it was opened: ``draft`` is what stands there now."""

    def __init__(self, draft: ProgramDraft) -> None:
        super().__init__(f"{draft.updated_by} saved this draft while you were typing.")
        self.draft = draft


class DraftInvalid(DraftRefused):
    """The draft cannot be published yet; ``problems`` has a sentence for each field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("The draft cannot be published yet.")
        self.problems = problems


def newest_version(program: Program) -> ProgramVersion | None:
    """The version with the highest number; None for a copy that was never published."""
    return program.versions.order_by("-number").first()


def published_before(draft: ProgramDraft) -> ProgramVersion | None:
    """What a draft is compared with: the newest version, or for a new copy what it was made of."""
    return newest_version(draft.program) or draft.base


def problems_of(content: Document) -> dict[str, str]:
    """``programs.problems`` with the exercises that there are."""
    return problems(content, _on_ladders())


def _on_ladders() -> list[OnLadder]:
    return [
        OnLadder(
            slug=exercise.slug,
            lift=exercise.lift,
            lift_name=exercise.get_lift_display(),
            impact=exercise.load_type == Exercise.LoadType.IMPACT,
            criteria=len(exercise.detail.get("criteria", [])),
        )
        for exercise in Exercise.objects.all()
    ]


def with_aims(content: Document) -> Document:
    """The content with the exercise that each of its lifts aims at.

    A lift that is new in the program aims at the rung that the protocol names, or where it names
    none at the highest of the ladder. The number of sessions follows weeks and frequency.
    """
    kinds = {
        line["lift"]: line["kind"] for phase in content["phases"] for line in phase["prescriptions"]
    }
    kept = [{**aim, "kind": kinds[aim["lift"]]} for aim in content["lifts"] if aim["lift"] in kinds]
    missing = set(kinds) - {aim["lift"] for aim in kept}
    # The last one wins: substitutes first, then upwards, then the rung that the protocol names.
    rungs = sorted(
        Exercise.objects.filter(lift__in=missing),
        key=lambda rung: (rung.base, not rung.substitute_for, rung.level),
    )
    aims = {rung.lift: rung.slug for rung in rungs}
    new = [
        {"lift": lift, "kind": kind, "exercise": aims[lift]}
        for lift, kind in kinds.items()
        if lift in aims
    ]
    return {**content, "lifts": [*kept, *new], "sessions": _sessions(content)}


def _sessions(content: Document) -> Document | None:
    kept: Document | None = content.get("sessions")
    weeks, frequency = content["weeks"], content["frequency"]
    if not all(cell and isinstance(cell["value"], int) for cell in (weeks, frequency)):
        return kept
    number = weeks["value"] * frequency["value"]
    if kept is not None and kept["value"] == number:
        return kept
    basis = f"{weeks['value']} weeks × {frequency['value']} a week."
    return {"value": number, "source": "", "tag": "C", "basis": basis}


# --- writes ---------------------------------------------------------------------------------------
@transaction.atomic
def start_draft(*, program: Program, by: Membership, now: datetime | None = None) -> ProgramDraft:
    """The draft of a program: the one that there is, else a new one from the newest version."""
    held = _held(program)
    draft = held.drafts.first()
    if draft is not None:
        return draft
    newest = newest_version(held)
    if newest is None:
        raise DraftRefused("This program has no version to begin from.")
    return ProgramDraft.objects.create(
        clinic_id=held.clinic_id,
        program=held,
        base=newest,
        content=with_keys(content_of(newest)),
        updated_at=now or timezone.now(),
        updated_by=by,
    )


@transaction.atomic
def save_draft(
    *,
    program: Program,
    content: Document,
    revision: int,
    by: Membership,
    now: datetime | None = None,
) -> ProgramDraft:
    """Keep what was typed, right or wrong. DraftChanged if it was typed over an older revision.

    Revision 0 says that there was no draft any more: it is begun anew with what was typed.
    """
    draft = _held(program).drafts.select_related("updated_by__user", "base").first()
    if draft is None:
        if revision != 0:
            raise DraftRefused("This draft was published or thrown away while you were typing.")
        draft = start_draft(program=program, by=by, now=now)
    elif draft.revision != revision:
        raise DraftChanged(draft)
    draft.content = with_aims(content)
    draft.revision += 1
    draft.updated_at = now or timezone.now()
    draft.updated_by = by
    draft.save(update_fields=["content", "revision", "updated_at", "updated_by"])
    return draft


@transaction.atomic
def discard_draft(*, program: Program, by: Membership) -> bool:
    """Throw the draft away; a copy that was never published goes with it. False if none was there.

    ``by`` is who asked for it: nothing is kept of what never applied to anybody.
    """
    held = _held(program)
    found, _ = ProgramDraft.objects.visible_to(by).filter(program=held).delete()
    if not held.versions.exists():
        held.delete()
    return bool(found)


@transaction.atomic
def publish_draft(
    *, program: Program, revision: int, by: Membership, now: datetime | None = None
) -> ProgramVersion:
    """Make the next version of the draft. Whoever trains by an earlier one stays on it.

    DraftChanged, DraftInvalid, or DraftRefused where there is no draft or nothing was changed.
    """
    held = _held(program)
    drafts = ProgramDraft.objects.visible_to(by).select_related("updated_by__user")
    draft = drafts.filter(program=held).first()
    if draft is None:
        raise DraftRefused("There is no draft to publish: it was published or thrown away already.")
    if draft.revision != revision:
        raise DraftChanged(draft)
    if found := problems_of(draft.content):
        raise DraftInvalid(found)
    content = published(draft.content)
    newest = newest_version(held)
    if newest is not None and not differences(content_of(newest), content):
        raise DraftRefused(f"Nothing differs from version {newest.number}. Change something first.")
    draft.delete()
    if held.name != content["name"]:
        held.name = content["name"]
        held.save(update_fields=["name"])
    return publish_content(held.clinic, content, program=held, by=by, now=now)


@transaction.atomic
def copy_program(
    *, version: ProgramVersion, name: str, by: Membership, now: datetime | None = None
) -> ProgramDraft:
    """A new program whose draft holds what a version holds; it is offered once it is published."""
    slug = _free_slug(version, name)
    program = Program.objects.create(
        clinic_id=version.clinic_id, slug=slug, name=name, kind=version.program.kind
    )
    content = {**content_of(version), "name": name, "slug": slug}
    return ProgramDraft.objects.create(
        clinic_id=version.clinic_id,
        program=program,
        base=version,
        content=with_keys(content),
        updated_at=now or timezone.now(),
        updated_by=by,
    )


def _free_slug(version: ProgramVersion, name: str) -> str:
    wanted = slugify(name)[:40] or "program"
    taken = set(
        Program.objects.filter(clinic_id=version.clinic_id, slug__startswith=wanted).values_list(
            "slug", flat=True
        )
    )
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (wanted, *numbered) if slug not in taken)


def _held(program: Program) -> Program:
    """The program, locked until the transaction ends: one writer at a time."""
    return (
        Program.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=program.pk)
    )
