"""What is still to be written before a visit is signed."""

from __future__ import annotations

from collections.abc import Iterable

from bonefit.clients.models import Lock

from .models import AdverseEvent, Visit

#: What is stopped for these is reported. Dizzy on arrival is no event of the training.
REPORTED = (Lock.Why.STOP, Lock.Why.PAIN, Lock.Why.FRACTURE)


def report_due(visit: Visit) -> bool:
    """Whether an adverse event is to be reported of a visit: it was stopped, and none is.

    True also in the transaction that stops it: a lock and a report are written at once.
    """
    return visit.pk in reports_due([visit])


def reports_due(visits: Iterable[Visit]) -> set[int]:
    """The visits of these whose adverse event nobody has reported yet, by id."""
    by_uid = {str(visit.uid): visit for visit in visits}
    locks = Lock.objects.filter(
        client__in={visit.client_id for visit in by_uid.values()}, why__in=REPORTED
    )
    stopped = {
        by_uid[fact[:36]].pk for fact in locks.values_list("fact", flat=True) if fact[:36] in by_uid
    }
    if not stopped:
        return set()
    reported = AdverseEvent.objects.filter(visit__in=stopped).values_list("visit_id", flat=True)
    return stopped - set(reported)
