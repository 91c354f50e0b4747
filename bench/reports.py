"""What reports cost: a clinic's pages, an organisation's attendance and dose, roll-ups.

    python -m bench.reports            print the figures
    python -m bench.reports --write    and put them into docs/performance.md
    python -m bench.reports --sizes 100000 --keep FOLDER

Each size is a database of its own, filled by COPY as for the reviews (``bench.many_clients``), and
measured by a process of its own: pages through the site's own handler with an admin logged in, what
spans an organisation as its page asks for it. Beside the counts stands bare SQL on the same tables.
What a size cost is written as soon as it is known. With ``--keep`` the databases stay in
FOLDER/SIZE, and another run there fills nothing and only measures.
"""

from __future__ import annotations

from typing import Any

from bench.reported import Found, as_text
from bench.sized import Sized

MARKS = ("<!-- figures of the reports: begin -->", "<!-- figures of the reports: end -->")


def fill(size: int) -> dict[str, Any]:
    """Make the clinics of so many clients, and fill them; how many rows it were."""
    from bench import flags

    made = flags.fill(size)
    return {name: made[name] for name in ("clients", "visits", "sets")}


def keep() -> dict[str, Any]:
    """Make all roll-ups that are not there yet, and say how long it took."""
    import django

    django.setup()
    from bench import asked
    from bench.in_sight import see_every_clinic

    see_every_clinic()
    return asked.kept()


def ask() -> dict[str, Any]:
    """Ask for every report of what was filled, and say what it cost."""
    import django

    django.setup()
    from bench import asked
    from bench.in_sight import see_every_clinic

    see_every_clinic()
    return asked.everything()


SIZED = Sized(
    module="bench.reports",
    about="Measure the reports.",
    marks=MARKS,
    steps={"fill": fill, "keep": lambda _size: keep(), "ask": lambda _size: ask()},
    lasting=("fill", "keep"),
    of_json=Found.of_json,
    as_text=as_text,
)

if __name__ == "__main__":
    SIZED.main()
