"""Which tables are sealed, and how a row is written down to be summed: the same on any server.

A row is one line: its columns in a fixed order as a JSON array, times in UTC. Columns that a later
release adds make a new form; what was sealed under an older one is checked by that.
"""

from __future__ import annotations

from dataclasses import dataclass

#: How PostgreSQL writes values down. Said in each transaction that sums rows.
AS_TEXT = """
SELECT set_config('TimeZone', 'UTC', true), set_config('extra_float_digits', '1', true),
    set_config('bytea_output', 'hex', true)
"""


@dataclass(frozen=True, slots=True)
class Audited:
    """A table whose rows are sealed. ``forms``: the columns of each form, the newest last.

    ``at`` is the column that says when a row was written. Names are parts of SQL, and ours.
    """

    name: str
    table: str
    at: str
    forms: tuple[tuple[str, ...], ...]

    @property
    def form(self) -> int:
        """The number of the newest form, from 1 on."""
        return len(self.forms)

    @property
    def sequence(self) -> str:
        return f"{self.table}_id_seq"

    def lines(self, form: int) -> str:
        """The query of rows in a range (``above``, ``upto``], by number: the number and the line.

        KeyError for a form that this release does not know.
        """
        if not 1 <= form <= self.form:
            raise KeyError(form)
        columns = ", ".join(self.forms[form - 1])
        return (
            f"SELECT id, jsonb_build_array({columns})::text FROM {self.table}"
            " WHERE id > %(above)s AND id <= %(upto)s ORDER BY id"
        )


LOOKS = Audited(
    "looks",
    "clients_look",
    "at",
    (
        (
            *("id", "clinic_id", "at", "what", "member_id", "organiser_id", "user_id", "roles"),
            *("client_id", "route", "kind", "how", "address"),
        ),
    ),
)
OPERATIONS = Audited(
    "operations",
    "training_operation",
    "received_at",
    (
        (
            *("id", "uid", "clinic_id", "visit_id", "entry", "kind", "payload", "base_revision"),
            *("made_at", "received_at", "by_id", "outcome", "before"),
        ),
    ),
)
HISTORY = Audited(
    "history",
    "clinics_rowchange",
    "at",
    (
        (
            *("id", "clinic_id", '"table"', '"row"', "what", "before", "at", "member_id"),
            *("user_id", "role", "source", "why"),
        ),
    ),
)
AUDITED = (LOOKS, OPERATIONS, HISTORY)
BY_NAME = {one.name: one for one in AUDITED}
