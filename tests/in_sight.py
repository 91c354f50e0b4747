"""What a test's own code sees: every clinic, so that it can lay out rows and look at them.

No product code sees by it. A request, a task and whatever is inside ``rows.nothing()`` begin with
nothing, as they do on a real site; only where a test calls a function straight does that see all.
"""

from __future__ import annotations

from bonefit.clinics import rows

#: A range without ends. The product names the clinics that it may see, one by one.
EVERY = "{(,)}"


class Everything(rows.Sight):
    """Every clinic, also those that are made later."""

    def sql(self, known: rows.Sight | None = None) -> str:
        others = rows.Sight(clinics=(), clients=self.clients, person=self.person).sql(known)
        return f"{others}; SET bonefit.clinics = '{EVERY}'".removeprefix("; ")


EVERYTHING = Everything(clinics=(-1,))


def see_everything() -> None:
    """From now on the code of this process's tests sees all, where nobody says otherwise."""
    rows.OUTSIDE = EVERYTHING
