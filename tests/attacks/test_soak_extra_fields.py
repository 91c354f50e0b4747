"""Whatever else is sent along with a form, columns of tables above all: it changes nothing.

A long run: each form is sent once as a page sends it and then with the name of every column of
every table it writes, beside those that matter most. What is written is the same.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic, Membership, User
from tests.attacks.forms_on_pages import Form
from tests.attacks.knocks import Answer, Knock, ask, encoded
from tests.doors import World, writes
from tests.test_access_routes import ROWS, address, arguments, body, who_may

#: Whatever a form writes: whose it is, who did it, and whether it stands.
ALWAYS = (
    *("id", "pk", "uid", "clinic", "clinic_id", "client", "client_id", "member", "member_id"),
    *(
        "user",
        "user_id",
        "roles",
        "is_active",
        "is_staff",
        "is_superuser",
        "password",
        "organisation",
    ),
    *(
        "logged_by",
        "created_by",
        "by",
        "voided",
        "voided_at",
        "deleted",
        "membership",
        "therapist_id",
    ),
    *(
        "visit_id",
        "enrollment_id",
        "completed_by",
        "signed_by",
        "signed_at",
        "created_at",
        "_method",
    ),
    *("clinic__slug", "__class__", "csrfmiddlewaretoken", "session", "permissions", "groups"),
)
#: What is asked for with a set depends on its lift: no page has all of it.
OF_A_SET = frozenset(
    {
        *("load", "unit", "reps", "seconds", "landings", "level", "rpe", "technique", "pain"),
        *("pain_site", "pain_kind", "tolerated", "drop_cm", "why", "done", "tried", "op"),
        "revision",
    }
)
ALSO_ASKED = {
    "sessions:log-set": OF_A_SET,
    "sessions:correct-set": OF_A_SET,
    **{f"sessions:{name}": {"why"} for name in ("say", "void-set", "confirm-set")},
    "sessions:seat-book": {"client"},
}
POSTS = sorted(route for route, method in ROWS if method == "POST")
TEXT = "zq9x-brought-in"
#: They differ each time that a row is made: ids of new rows, numbers drawn by chance, sums of them.
_CHANCE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00"  # by the database's own clock
    r"|md5\$\w+\$[0-9a-f]+"  # a hash with its salt
    r'|(?<=\|)\d+(?=[|"])|(?<="file": ")[^"]+'  # a new row's number in a key, its paper's name
    r'|(?<="session_key": ")\w+'
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![\w-])[0-9a-f]{12,}(?![\w-])|[\w=.:/-]{40,}"
)
_NUMBER = re.compile(r'"(\w+)": "?(\d{1,11})"?(?=[,}\]])')


def columns(tables: set[str]) -> set[str]:
    """The names of all fields of these tables, with and without ``_id``."""
    return {
        name
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table in tables
        for one in model._meta.concrete_fields
        for name in (one.name, one.attname)
    }


def known_ids() -> list[set[int]]:
    """Of clinics and people: a row that comes to name another one of these is not what it was."""
    return [
        set(model.objects.values_list("pk", flat=True))
        for model in (Clinic, Membership, Client, User)
    ]


_OF_PEOPLE = re.compile(r"(clinic|client|member|user|person|therapist|by|author|to)(_id)?$")


def written_by(world: World, knock: Knock) -> tuple[Answer, dict[str, list[str]]]:
    """The answer, and each row that is new or another than before, by table; all is undone."""
    done, known, rows, fresh = writes(), known_ids(), {}, set[int]()

    def look() -> None:
        touched = {name for name, count in writes().items() if count != done.get(name, 0)}
        rows.update({name: rows_of(name) for name in touched - LEFT_OUT})
        # The number of a new one may be that of somebody in another table.
        for now, known_before in zip(known_ids(), known, strict=True):
            fresh.update(now - known_before)

    answer = ask(world.browsers[knock.who], knock, look)
    people, found = set().union(*known) - fresh, {}
    for name, after in rows.items():
        before = set(rows_of(name))
        found[name] = sorted(plain(row, people) for row in after if row not in before)
    return answer, {name: new for name, new in found.items() if new}


#: The log-in itself, and the log of what was looked at (tests/looks).
LEFT_OUT = {"django_session", "clients_look"}


def rows_of(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
        return [row[0] for row in cursor.fetchall()]


def plain(row: str, people: set[int]) -> str:
    """The row without what is drawn by chance; of ids those of clinics and people stay."""

    def number(found: re.Match[str]) -> str:
        name, said = found[1], int(found[2])
        if name == "id" or name.endswith("_id") or _OF_PEOPLE.search(name):
            said = said if _OF_PEOPLE.search(name) and said in people else -1
        elif name in ("row", "pk", "object_id", "seal", "upto", "link", "slot"):
            said = -1
        return f'"{name}": {said}'

    return _CHANCE.sub("…", _NUMBER.sub(number, row))


def brought_in(world: World) -> dict[str, str]:
    """A value of each kind that a column may have: text, a row of the other clinic, a yes."""
    return {"text": TEXT, "theirs": str(world.harbor.clinic.pk), "yes": "true"}


@pytest.mark.soak
def test_what_no_form_asks_for_is_not_taken_from_it(
    world: World, forms: dict[str, list[Form]], soak: Any
) -> None:
    taken: dict[str, str] = {}
    for case in soak(len(POSTS), 16):
        route = POSTS[case]
        if said := changed(world, forms, route):
            taken[route] = said
            soak.note(f"{route}: {said}")
    assert taken == {}


def changed(world: World, forms: dict[str, list[Form]], route: str) -> str:
    """What came to be another than without what was brought in; "" for nothing."""
    who, url = who_may(route, "POST"), address(route, arguments(route, world.north))
    sent = body(world, route, "POST") or {}
    asked = {name for form in forms.get(route, []) for name in form.fields}
    asked |= {*sent, *ALSO_ASKED.get(route, ())}
    answer, rows = written_by(world, Knock(who, "POST", url, encoded(sent)))
    more = {name for name in {*ALWAYS, *columns(set(rows))} if not is_asked(name, asked)}
    for kind, value in brought_in(world).items():
        said = encoded({**dict.fromkeys(sorted(more), value), **sent})
        other, after = written_by(world, Knock(who, "POST", url, said))
        if answer.status != other.status:
            return f"{kind}: {answer.status} became {other.status} {other.broke}"
        if rows != after:
            return f"{kind}: {parting(rows, after)}"
    return ""


def parting(rows: dict[str, list[str]], after: dict[str, list[str]]) -> str:
    apart = {
        name: sorted(set(rows.get(name, [])) ^ set(after.get(name, [])))
        for name in {*rows, *after}
        if rows.get(name) != after.get(name)
    }
    return json.dumps(apart)[:1500]


def is_asked(name: str, asked: set[str]) -> bool:
    """Whether the form has it itself, by that name or as a part of a longer one."""
    return name in asked or any(one.split("-")[-1] == name for one in asked)


def test_a_row_that_comes_to_be_of_another_clinic_would_be_seen(world: World) -> None:
    """The comparison is worth something: it keeps whose a row is, and drops what is by chance."""
    people = {5, 7}
    one = '{"id": 12, "clinic_id": 5, "uid": "0b9b6c9e-0000-0000-0000-000000000001", "why": "x"}'
    assert plain(one, people) == '{"id": -1, "clinic_id": 5, "uid": "…", "why": "x"}'
    assert plain(one.replace("5", "7"), people) != plain(one, people)
