"""What is due before a visit can be signed: the report of what it was stopped for."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from .models import AdverseEvent, Operation, Visit

_KIND = Operation.Kind
_APPLIED = Operation.Outcome.APPLIED


def report_due(visit: Visit, said: Iterable[Operation] = ()) -> bool:
    """Whether a visit was stopped and nobody has reported yet what happened.

    ``said`` is what was done at its desk and is not in the log yet.
    """
    kinds = {one.kind for one in said if one.outcome == _APPLIED}
    if _KIND.REPORT in kinds:
        return False
    if _KIND.STOP in kinds:
        return not AdverseEvent.objects.filter(visit=visit).exists()
    return visit.pk in reports_due([visit])


def reports_due(visits: Iterable[Visit]) -> set[int]:
    """The same of several visits at once: the keys of those with a report due, in one query."""
    stopped = Operation.objects.filter(
        visit__in=[visit.pk for visit in visits], kind=_KIND.STOP, outcome=_APPLIED
    )
    reported = AdverseEvent.objects.filter(visit=OuterRef("visit"))
    return set(stopped.filter(~Exists(reported)).values_list("visit_id", flat=True))
