"""The programs of a clinic as its list shows them: versions, who follows which, drafts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from bonefit.clinics.models import Membership
from programs.models import Enrollment, Program, ProgramDraft, ProgramVersion, Track


@dataclass(frozen=True, slots=True)
class Edition:
    """A version, and how many clients follow it now."""

    version: ProgramVersion
    clients: int


@dataclass(frozen=True, slots=True)
class Shelved:
    """A program with its versions, newest first, and its draft, if one is being written."""

    program: Program
    editions: tuple[Edition, ...]
    draft: ProgramDraft | None

    @property
    def newest(self) -> ProgramVersion | None:
        return self.editions[0].version if self.editions else None

    @property
    def followed(self) -> tuple[Edition, ...]:
        """The versions that somebody follows."""
        return tuple(edition for edition in self.editions if edition.clients)


def shelf(programs: Iterable[Program], *, member: Membership, today: date) -> list[Shelved]:
    """These programs with all that the list says of them, in three queries.

    A client follows a version today while her enrollment is active and her track has not ended;
    one whose track begins later counts too, since she is on that version.
    """
    programs = list(programs)
    following = _following(programs, today)
    editions: dict[int, list[Edition]] = defaultdict(list)
    for version in (
        ProgramVersion.objects.visible_to(member)
        .filter(program__in=programs)
        .select_related("published_by__user")
        .order_by("-number")
    ):
        editions[version.program_id].append(Edition(version, following.get(version.pk, 0)))
    drafts = {
        draft.program_id: draft
        for draft in ProgramDraft.objects.visible_to(member)
        .filter(program__in=programs)
        .select_related("updated_by__user")
        .defer("content")
    }
    return [
        Shelved(program, tuple(editions[program.pk]), drafts.get(program.pk))
        for program in programs
    ]


def _following(programs: list[Program], today: date) -> dict[int, int]:
    rows = (
        Track.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=today),
            version__program__in=programs,
            enrollment__status=Enrollment.Status.ACTIVE,
        )
        .values_list("version_id")
        .annotate(clients=Count("enrollment", distinct=True))
    )
    return dict(rows)
