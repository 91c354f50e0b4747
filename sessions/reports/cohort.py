"""Whom a research export is about, without saying who: pseudonyms, bands of age, small groups.

A pseudonym holds within one export only: two exports cannot be laid beside each other, and nobody
without this site's key can work it out from a number.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from django.conf import settings

from .scope import Scope
from .small_counts import SMALL

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
    kept = _blurred([(row[0], row[1], row[3], _band(row[4])) for row in may])
    told = _shared([(row[1], (*kept[row[0]], row[5])) for row in may])
    people = tuple(
        Person(
            enrollment=enrollment,
            client=client,
            sex=kept[enrollment][0],
            age_band=kept[enrollment][1],
            status=status if (*kept[enrollment], status) in told else "",
            starts_on=starts_on,
            days=max(0, (min(ended_on or today, today) - starts_on).days + 1),
        )
        for enrollment, client, _, _, _, status, starts_on, ended_on, today in may
    )
    return Cohort(people, len({row[1] for row in rows if not row[2]}))


def _band(age: int) -> str:
    low = age // BAND * BAND
    return f"{low} to {low + BAND - 1}"


def _blurred(found: Sequence[tuple[int, int, str, str]]) -> Mapping[int, tuple[str, str]]:
    """Sex and band of age by enrollment, of (enrollment, client, sex, band); what fewer than
    ``SMALL`` people share is left out.

    First the band, then the sex: after that every combination that is written is that of at least
    ``SMALL`` people, and so is the blank one, or everything is blank. Whoever came back in another
    band is one of the people of both.
    """
    both = _people((client, (sex, band)) for _, client, sex, band in found)
    of_sex = _people((client, sex) for _, client, sex, _ in found)
    told = {}
    for enrollment, _, sex, band in found:
        known = sex if len(of_sex[sex]) >= SMALL else ""
        told[enrollment] = (known, band if known and len(both[sex, band]) >= SMALL else "")
    # A few whose band is blank would stand out by it: then their whole sex goes without.
    left = _people((client, told[enrollment]) for enrollment, client, _, _ in found)
    few = {sex for sex in of_sex if 0 < len(left[sex, ""]) < SMALL}
    told = {one: (sex, "" if sex in few else band) for one, (sex, band) in told.items()}
    return dict.fromkeys(told, ("", "")) if 0 < len(left["", ""]) < SMALL else told


_What = TypeVar("_What")


def _people(found: Iterable[tuple[int, _What]]) -> defaultdict[_What, set[int]]:
    """Which clients have each of these."""
    people: defaultdict[_What, set[int]] = defaultdict(set)
    for client, what in found:
        people[what].add(client)
    return people


_Alike = tuple[str, str, str]


def _shared(found: Sequence[tuple[int, _Alike]]) -> frozenset[_Alike]:
    """Sex, band and status that at least ``SMALL`` people share; what is left out is shared too.

    Of those with the same sex and band, the ones without a status are nobody or at least so many:
    else nobody of them has one.
    """
    people = _people(found)
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
