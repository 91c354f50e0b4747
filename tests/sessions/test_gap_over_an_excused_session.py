"""Vector 8.24 of the protocol sheet, the days: an excused session does not end a gap.

Its runs, and vector 8.30, are tables in test_flag_rules.py.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from sessions import actions, facts
from tests.cast import NOW, Cast


@pytest.mark.django_db
def test_an_excused_session_does_not_end_the_gap(cast: Cast):
    """A, N, EXCUSED, N, A: from the first to the last are 14 days, excused or not."""
    first, second, third, fourth, fifth = cast.visits[:5]
    cast.log_all(first, now=first.ends_at)
    for visit, status in ((second, "no_show"), (third, "excused"), (fourth, "no_show")):
        later = visit.ends_at + timedelta(minutes=5)
        actions.say(visit=visit, status=status, why="Agreed", by=cast.ana, now=later)

    standing = facts.standing_now(cast.enrollment, clinic=cast.north, now=fifth.starts_at)
    assert (fifth.starts_at - first.starts_at).days == 14
    assert standing.state.days_away == 14
    assert first.starts_at < NOW
