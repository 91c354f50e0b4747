"""Rows of the access log in the world of ``tests/doors.py``: a look and a try, a day ago."""

from __future__ import annotations

from datetime import datetime, timedelta

from bonefit.clients import looks
from bonefit.clients.models import Client, Look
from bonefit.clinics.models import Membership


def taken_in_looks(client: Client, by: Membership, now: datetime) -> None:
    """She looked at the client's page, and somebody who was not logged in tried to."""
    hers = "SELECT id FROM clients_client WHERE clinic_id = c.id AND id = %(client)s"
    for what, user in ((Look.What.VIEWED, by.user_id), (Look.What.REFUSED, None)):
        seen = looks.Seen(
            where=looks.clinic_at(by.clinic.slug),
            client=looks.Which(hers, client.pk),
            what=what,
            route="clients:client",
            kind=Look.Kind.RECORD,
            how=Look.How.PAGE,
        )
        looks.note(seen, user_id=user, address="192.0.2.7", now=now - timedelta(days=1))
