"""What a bench's own code sees: every clinic. A request that it sends begins with none."""

from __future__ import annotations

from contextlib import ExitStack

from bonefit.clinics import rows

_UNTIL_THE_END = ExitStack()


def see_every_clinic() -> None:
    """From here to the end of the process; again after another clinic was made."""
    _UNTIL_THE_END.enter_context(rows.seeing_every_clinic())


def see_nothing() -> None:
    """Nothing more, as a process that answers requests: they then say no more than they must."""
    _UNTIL_THE_END.close()
