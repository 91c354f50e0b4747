"""Whose rows a connection to the database sees, beneath the application's own ``visible_to``.

PostgreSQL holds back every row of a clinic that the connection was not told (``policies``). A
request, a task and a command each begin with ``nothing()``; what they may see is said inside it and
is taken back at its end. A connection that comes back in the middle is told again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import RawSQL
from psycopg.pq import ExecStatus, TransactionStatus

if TYPE_CHECKING:
    from .models import Clinic

_T = TypeVar("_T")

#: A sweep takes so many clinics at once.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Sight:
    """The rows of these clinics; of those about clients, where ``clients`` is none, everybody's.

    ``person`` is the user whose own memberships are seen in whichever clinic.
    """

    clinics: tuple[int, ...] = ()
    clients: tuple[int, ...] | None = None
    person: int | None = None

    def sql(self, known: Sight | None = None) -> str:
        """The statements that tell a connection what it does not know yet.

        Only whole numbers are in them.
        """
        said = []
        if known is None or self.clinics != known.clinics:
            said.append(f"SET bonefit.clinics = '{_ranges(self.clinics)}'")
        if known is None or self.clients != known.clients:
            clients = "" if self.clients is None else _array(self.clients)
            said.append(f"SET bonefit.clients = '{clients}'")
        if known is None or self.person != known.person:
            person = "" if self.person is None else str(int(self.person))
            said.append(f"SET bonefit.person = '{person}'")
        return ";".join(said)


NOTHING = Sight()
#: What is seen where nobody has said anything yet.
OUTSIDE = NOTHING


@contextmanager
def seeing(
    *,
    clinics: Iterable[int] = (),
    clients: Iterable[int] | None = None,
    person: int | None = None,
) -> Iterator[None]:
    """See these rows inside the block, and afterwards what was seen before it."""
    with _frame(Sight(tuple(clinics), None if clients is None else tuple(clients), person)):
        yield


@contextmanager
def nothing() -> Iterator[None]:
    """See no row of any clinic until ``see`` says otherwise; a request, a task begins so."""
    with _frame(NOTHING):
        yield


def see(
    *,
    clinics: Iterable[int] = (),
    clients: Iterable[int] | None = None,
    person: int | None = None,
) -> None:
    """See these rows from here to the end of the block that is open.

    RuntimeError where none is: nobody would take it back.
    """
    if not getattr(_ours(), "_sights_open", 0):
        raise RuntimeError("Rows are shown inside a block that hides them again.")
    _tell(Sight(tuple(clinics), None if clients is None else tuple(clients), person))


@contextmanager
def whole_clinic() -> Iterator[None]:
    """See everybody in the clinics that are seen, also where a client asks.

    Whether a place is free is a matter of who else has one.
    """
    sight = current()
    if sight.clients is None:
        yield
        return
    with _frame(replace(sight, clients=None)):
        yield


def current() -> Sight:
    """What this thread's connection sees."""
    sight: Sight = getattr(_ours(), "_sight", OUTSIDE)
    return sight


# --- who is not known by a log-in -----------------------------------------------------------------


def clinic_of_token(token_hash: str) -> int | None:
    """The clinic that a secret belongs to, by its hash; None for one that nobody made."""
    from .models import KnownToken

    return (
        KnownToken.objects.filter(token_hash=token_hash)
        .values_list("belongs_to", flat=True)
        .first()
    )


def see_token(token: str) -> None:
    """See the clinic that the secret opens something in; nothing where nobody made it."""
    clinic = clinic_of_token(hashlib.sha256(token.encode()).hexdigest())
    see(clinics=[] if clinic is None else [clinic])


@contextmanager
def seeing_person(user_id: int) -> Iterator[None]:
    """See whatever is in the clinics in which this person has or had a membership."""
    from .models import Membership

    with seeing(person=user_id):
        clinics = Membership.objects.filter(user_id=user_id).values_list("clinic", flat=True)
        found = tuple(sorted(set(clinics)))
    with seeing(clinics=found, person=user_id):
        yield


# --- work over many clinics -----------------------------------------------------------------------


def every_clinic() -> tuple[int, ...]:
    """All clinics there are, by number."""
    from .models import Clinic

    return tuple(Clinic.objects.order_by("pk").values_list("pk", flat=True))


def chunks() -> Iterator[tuple[int, ...]]:
    """All clinics, in chunks; one that is empty where there is none."""
    clinics = every_clinic()
    for start in range(0, max(len(clinics), 1), CHUNK):
        yield clinics[start : start + CHUNK]


def clinics_in_sight() -> models.QuerySet[Clinic]:
    """The clinics whose rows are seen: a sweep goes through these, not through all there are."""
    from .models import Clinic

    return Clinic.objects.filter(pk__in=RawSQL("SELECT unnest(seen_clinics())", ()))


@contextmanager
def seeing_every_clinic() -> Iterator[None]:
    """For what is about the whole site: a command, the operator's pages."""
    with seeing(clinics=every_clinic()):
        yield


@contextmanager
def seeing_clinic_of(model: type[models.Model], pk: int) -> Iterator[None]:
    """See the clinic that a row belongs to; nothing where there is no such row.

    For a message that carries a number and no clinic.
    """
    with seeing_every_clinic():
        clinics = tuple(model._default_manager.filter(pk=pk).values_list("clinic", flat=True))
    with seeing(clinics=clinics):
        yield


def streamed(parts: Iterable[_T]) -> Iterator[_T]:
    """Hand on what is made while it is sent: it sees what is seen now, in its own transaction.

    By then the request's own block has ended.
    """
    sight = current()

    def body() -> Iterator[_T]:
        with transaction.atomic(), _frame(sight):
            yield from parts

    return body()


def another_connection() -> BaseDatabaseWrapper:
    """A second connection of this thread, which sees what the first one sees now."""
    side = connection.copy()
    side._sight = current()  # type: ignore[attr-defined]
    return side


# --- telling --------------------------------------------------------------------------------------


@contextmanager
def _frame(sight: Sight) -> Iterator[None]:
    ours = _ours()
    before, opened = current(), getattr(ours, "_sights_open", 0)
    ours._sights_open = opened + 1
    _tell(sight)
    try:
        yield
    finally:
        ours._sights_open = opened
        _tell(before)


def _ours() -> Any:
    """This thread's connection itself: the proxy asks for it again at each name."""
    return connections[DEFAULT_DB_ALIAS]


def _tell(sight: Sight) -> None:
    """Remember it, and say it to the connection where there is one that does not know it yet.

    A transaction that has failed takes no statement; its end puts back what was seen before it. So
    only what was said outside of one is known to be what the connection goes by.
    """
    ours = _ours()
    ours._sight = sight
    raw = ours.connection
    if raw is None:
        return
    status = raw.pgconn.transaction_status
    alone = raw.autocommit and status == TransactionStatus.IDLE
    known: Sight | None = getattr(ours, "_told", None) if alone else None
    if known == sight:
        return
    ours._told = None
    if status == TransactionStatus.INERROR:
        return
    try:
        _say(raw, sight.sql(known))
    except psycopg.Error:
        # It is gone, or does not answer: the next one is told when it is made.
        ours.close()
    else:
        ours._told = sight if alone else None


def tell_new_connection(connection: Any, **_: Any) -> None:
    """Whatever a connection was told by others: from now on it sees what this thread may see."""
    if connection.alias == "default":
        sight = getattr(connection, "_sight", OUTSIDE)
        _say(connection.connection, sight.sql())
        connection._told = sight


def _say(raw: psycopg.Connection[Any], sql: str) -> None:
    """Without a cursor of psycopg's, which costs more than the statement does.

    A transaction that is open and has said nothing yet begins with it: it takes it back as well.
    """
    if not raw.autocommit and raw.pgconn.transaction_status == TransactionStatus.IDLE:
        raw.execute(sql.encode())
        return
    result = raw.pgconn.exec_(sql.encode())
    if result.status != ExecStatus.COMMAND_OK:
        raise psycopg.OperationalError("The connection was not told whose rows it sees.")


def _array(numbers: tuple[int, ...]) -> str:
    return "{" + ",".join(str(int(number)) for number in numbers) + "}"


def _ranges(numbers: tuple[int, ...]) -> str:
    """As PostgreSQL reads an ``int8multirange``: {[1,3],[7,7]}. Neighbours are one range."""
    found: list[tuple[int, int]] = []
    for number in sorted(map(int, numbers)):
        if found and number <= found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return "{" + ",".join(f"[{first},{last}]" for first, last in found) + "}"
