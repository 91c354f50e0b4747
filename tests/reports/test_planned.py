"""The phases of versions are read once a process, and again in another database."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from programs.models import Phase
from sessions.reports import planned
from tests.reports.attendance_world import with_phases
from tests.reports.floor import another_program


def test_a_version_is_read_once(cast):
    version = with_phases(
        another_program(cast.north, frequency=2, weeks=6), ("INTRO", 1, 2), ("LOAD", 3, None)
    )
    with CaptureQueriesContext(connection) as first:
        found = planned.phases_of([version.pk])
    with CaptureQueriesContext(connection) as second:
        assert planned.phases_of([version.pk]) == found

    assert [phase[:1] + phase[2:] for phase in found[version.pk]] == [
        ("INTRO", 1, 2),
        ("LOAD", 3, None),
    ]
    assert (len(first), len(second)) == (1, 0)


def test_what_one_test_read_is_nothing_to_the_next(cast):
    """A key can come back in an emptied database, with other phases."""
    version = with_phases(another_program(cast.north, frequency=2, weeks=6), ("INTRO", 1, 2))
    planned.phases_of([version.pk])
    Phase.objects.filter(version=version).update(first_week=2, last_week=4)

    planned.forget()

    assert [phase.first_week for phase in planned.phases_of([version.pk])[version.pk]] == [2]
