"""The demo's classes of this hour go on for as long as the tests do.

A class lasts half an hour, and a test of the floor board needs one that is on and one that comes
after it. The demo is made once a run; on a slow machine the class would be over before the last of
those tests begins.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bonefit.embedded import Cluster

#: Longer than a run takes, and over before its day is (tests/daylight.py).
LONGER = timedelta(hours=6)
#: So soon the class after the one that is on begins.
SOON = timedelta(hours=1)

#: As the superuser and without triggers: nobody did this, and no history tells of it.
LENGTHEN = """
SET session_replication_role = replica;
WITH longer AS (
  UPDATE training_slot AS slot SET ends_at = ends_at + '{longer} seconds'
  FROM clinics_clinic AS clinic
  WHERE clinic.id = slot.clinic_id AND clinic.slug = 'harbour'
    AND slot.ends_at > '{now}' AND slot.starts_at < '{soon}'
  RETURNING slot.id
)
UPDATE training_visit
SET during = tstzrange(lower(during), upper(during) + '{longer} seconds'),
    missed_after = missed_after + '{longer} seconds'
WHERE slot_id IN (SELECT id FROM longer);
"""


def lengthen(cluster: Cluster, database: str, *, now: datetime) -> None:
    """What is on at ``now``, the moment that the demo was made for, and what comes next."""
    said = LENGTHEN.format(
        longer=int(LONGER.total_seconds()),
        now=now.isoformat(),
        soon=(now + SOON).isoformat(),
    )
    with cluster.connect(database=database) as superuser:
        superuser.execute(said.encode())
