"""Whom a research export is about, without saying who: pseudonyms, bands of age, small groups.

A pseudonym holds within one export only: two exports cannot be laid beside each other, and nobody
without this site's key can work it out from a number.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.conf import settings

from .scope import Scope
from .small_cells import SMALL

#: Years in a band of age.
BAND = 5

#: Who agreed to her figures being used for research, by the newest thing she signed about it.
PEOPLE = """
, agreed AS (
    SELECT DISTINCT ON (c.client_id) c.client_id,
        (c.withdrawn_at IS NULL OR c.withdrawn_at > %(as_at)s) AND c.agreed ? 'study' AS may
    FROM clients_consent c JOIN clients_consenttext t ON t.id = c.text_id AND t.kind = 'research'
    WHERE c.client_id IN (SELECT client_id FROM chosen) AND c.recorded_at <= %(as_at)s
    ORDER BY c.client_id, c.id DESC
)
SELECT h.enrollment_id, h.client_id, coalesce(a.may, false), p.sex,
    extract(year FROM age(h.starts_on, p.born_on))::int, h.status, h.starts_on, h.ended_on, h.today
FROM chosen h
JOIN clients_client p ON p.id = h.client_id
LEFT JOIN agreed a ON a.client_id = h.client_id
ORDER BY h.enrollment_id
"""


@dataclass(frozen=True, slots=True)
class Person:
    """One enrollment of somebody who agreed, as an export shows it; "" is left out."""

    enrollment: int
    client: int
    sex: str
    age_band: str
    status: str
    starts_on: date
    days: int


@dataclass(frozen=True)
class Cohort:
    """Those who agreed, and how many were left out because they did not."""

    people: tuple[Person, ...]
    left_out: int

    @property
    def clients(self) -> int:
        """People, not enrollments."""
        return len({one.client for one in self.people})

    @property
    def too_small(self) -> bool:
        """Whether these are too few to be told apart from each other by nothing."""
        return self.clients < SMALL


def cohort_of(scope: Scope) -> Cohort:
    """The people of a scope; one query."""
    rows = scope.ask(PEOPLE)
    may = [row for row in rows if row[2]]
    kept = _blurred([(row[1], row[3], _band(row[4])) for row in may])
    told = _shared([(row[1], (*kept[row[1]], row[5])) for row in may])
    people = tuple(
        Person(
            enrollment=enrollment,
            client=client,
            sex=kept[client][0],
            age_band=kept[client][1],
            status=status if (*kept[client], status) in told else "",
            starts_on=starts_on,
            days=max(0, (min(ended_on or today, today) - starts_on).days + 1),
        )
        for enrollment, client, _, _, _, status, starts_on, ended_on, today in may
    )
    return Cohort(people, len({row[1] for row in rows if not row[2]}))


def _band(age: int) -> str:
    low = age // BAND * BAND
    return f"{low} to {low + BAND - 1}"


def _blurred(found: Sequence[tuple[int, str, str]]) -> Mapping[int, tuple[str, str]]:
    """Sex and band of age of each client; what fewer than ``SMALL`` people share is left out.

    First the band, then the sex: after that every combination that is written is that of at least
    ``SMALL`` people, and so is the blank one, or everything is blank.
    """
    people = {client: (sex, band) for client, sex, band in found}
    both = Counter(people.values())
    banded = {
        client: (sex, band if both[sex, band] >= SMALL else "")
        for client, (sex, band) in people.items()
    }
    by_sex = Counter(sex for sex, _ in people.values())
    told = {
        client: (sex if by_sex[sex] >= SMALL else "", band if by_sex[sex] >= SMALL else "")
        for client, (sex, band) in banded.items()
    }
    # A few whose band is blank would stand out by it: then their whole sex goes without.
    few = {sex for sex in by_sex if 0 < sum(1 for one in told.values() if one == (sex, "")) < SMALL}
    told = {client: (sex, "" if sex in few else band) for client, (sex, band) in told.items()}
    blank = sum(1 for one in told.values() if one == ("", ""))
    return dict.fromkeys(told, ("", "")) if 0 < blank < SMALL else told


_Alike = tuple[str, str, str]


def _shared(found: Sequence[tuple[int, _Alike]]) -> frozenset[_Alike]:
    """Sex, band and status that at least ``SMALL`` people share; what is left out is shared too.

    Of those with the same sex and band, the ones without a status are nobody or at least so many:
    else nobody of them has one.
    """
    people: dict[_Alike, set[int]] = defaultdict(set)
    for client, alike in found:
        people[alike].add(client)
    blank: dict[tuple[str, str], set[int]] = defaultdict(set)
    for (sex, band, _), clients in people.items():
        if len(clients) < SMALL:
            blank[sex, band] |= clients
    few = {group for group, clients in blank.items() if len(clients) < SMALL}
    return frozenset(
        alike for alike, clients in people.items() if len(clients) >= SMALL and alike[:2] not in few
    )


class Pseudonyms:
    """Names for rows of one export; the same row has the same name in each of its tables."""

    def __init__(self, export: UUID) -> None:
        self.key = hmac.new(settings.SECRET_KEY.encode(), export.bytes, sha256).digest()

    @property
    def salt(self) -> str:
        """What the rows are ordered by, with their numbers."""
        return hmac.new(self.key, b"order", sha256).hexdigest()

    def of(self, kind: str, number: int) -> str:
        """The name of a row: twelve letters and digits."""
        made = hmac.new(self.key, f"{kind}|{number}".encode(), sha256).digest()
        return b32encode(made).decode()[:12].lower()
