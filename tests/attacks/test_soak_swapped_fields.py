"""Every choice of every form, swapped for one that only the other clinic's page offers.

A long run: the sample is in ``make test``. What another clinic's row is answered with is what an id
is answered with that nobody has, and neither writes anything.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from bonefit.clinics.actions import add_member
from sessions import uploads
from sessions.models import Operation
from tests.access_sent import QUERIES
from tests.attacks.forms_on_pages import Field, Form, forms_at, route_of
from tests.attacks.knocks import Knock, encoded
from tests.attacks.told_apart import difference, knocked_as, told
from tests.doors import World
from tests.test_access_routes import address, arguments

NUMBER, UID = str(10**9), str(uuid.UUID(int=9))
#: Choices that are no rows, though the two clinics' pages offer different ones: days and hours, a
#: page to go back to, how a flag ended, and the number by which a set that is sent twice is one.
NO_ROWS = frozenset(
    {
        *("day", "at", "month", "from", "to", "until", "revision", "seen", "as_of"),
        # What a saved report asks for is a text: it is shown again as it was sent.
        *("next", "resolution", "op", "query"),
        # Sums over the draft of a note, so that what was drawn and what was written are told apart.
        *("drawn_subjective", "drawn_objective", "drawn_assessment", "drawn_plan"),
    }
)


class Swap:
    """A field of a form, with a row that only the other clinic has."""

    def __init__(self, form: Form, field: Field, theirs: str) -> None:
        self.form, self.field, self.theirs = form, field, theirs
        self.name = f"{route_of(form.action)} {form.method} {field.name}"

    @property
    def nobodys(self) -> str:
        """An id of the same kind that there is not."""
        if self.theirs.isdecimal():
            return NUMBER
        return UID if len(self.theirs) == 36 else "no-such"

    def knock(self, said: str) -> Knock:
        """The form as it is sent with ``said`` in that field."""
        filled = encoded(self.form.filled() | {self.field.name: said})
        url = self.form.action
        if self.form.method == "POST":
            return Knock(self.form.who, "POST", url, filled)
        return Knock(self.form.who, "GET", f"{url.partition('?')[0]}?{filled.decode()}")


@pytest.fixture(scope="package")
def hal(built: World) -> Browser:
    """Whoever may open every page of Harbor's staff."""
    member = add_member(
        clinic=built.harbor.clinic,
        email="hal@example.org",
        name="Hal H.",
        roles=["admin", "therapist", "desk"],
    )
    browser = Browser()
    browser.force_login(member.user)
    return browser


@pytest.fixture(scope="package")
def swaps(built: World, forms: dict[str, list[Form]], hal: Browser) -> list[Swap]:
    """One for each field that offers other rows to the other clinic."""
    found: dict[str, Swap] = {}
    by_page: dict[str, list[Form]] = defaultdict(list)
    for form in (form for several in forms.values() for form in several):
        by_page[form.page].append(form)
    for page, hers in sorted(by_page.items()):
        choosing = [form for form in hers if any(map(offers, form.fields.values()))]
        if not choosing:
            continue
        browser = built.browsers["olga"] if ":portal" in page else hal
        theirs = forms_at(browser, address(page, arguments(page, built.harbor)))
        for form in choosing:
            for swap in swapped(form, theirs):
                found.setdefault(swap.name, swap)
    return [found[name] for name in sorted(found)]


def offers(field: Field) -> bool:
    return bool(field.offered) and field.name not in NO_ROWS and "csrf" not in field.name


def swapped(form: Form, theirs: list[Form]) -> Iterator[Swap]:
    """What the same form of the other clinic offers and this one does not."""
    route = route_of(form.action)
    for field in filter(offers, form.fields.values()):
        there = [
            value
            for other in theirs
            if route_of(other.action) == route and field.name in other.fields
            for value in other.fields[field.name].offered
        ]
        new = [one for one in there if one and one not in field.offered]
        if new:
            yield Swap(form, field, new[0])


def parting(world: World, swap: Swap) -> str:
    """How the other clinic's row and none can be told apart, or that something was done with it."""
    answers = []
    for htmx in ({}, {"HX-Request": "true"}):
        for said in (swap.theirs, swap.nobodys):
            knock = swap.knock(said)
            knock = Knock(knock.who, knock.method, knock.url, knock.data, headers=htmx)
            answer, wrote = knocked_as(world, knock)
            if wrote or b"Olga" in answer.body or answer.status >= 500:
                return f"{said}: {answer.status}, wrote {wrote}, {answer.broke}"
            answers.append(answer)
        if found := difference(told(answers[-2]), told(answers[-1], swap.nobodys, swap.theirs)):
            return found
    return ""


@pytest.mark.soak
def test_no_field_takes_a_row_of_another_clinic_or_tells_of_it(world, swaps, soak):
    # Colleagues, classes, rooms, programs, versions, reports, papers: what forms offer by number.
    assert len(swaps) > 20
    found = {}
    for case in soak(len(swaps), 15):
        if said := parting(world, swaps[case]):
            found[swaps[case].name] = said
            soak.note(f"{swaps[case].name}: {said}")
    soak.say(f"{len(swaps)} fields name rows")
    assert found == {}


# --- what no form of a page offers ----------------------------------------------------------------
def operation(things: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.UUID(int=77)),
        "kind": "log_set",
        "visit": str(things.visit.uid),
        "entry": str(uuid.UUID(int=78)),
        "base_revision": 1,
        "payload": {"lift": "hinge", "number": "4", "load": "40", "reps": "5"},
        "at": "2026-03-13T01:00:00Z",
        **more,
    }


def told_of(world: World, who: str, path: str, body: Any, **headers: str) -> Any:
    """The answer to JSON, and what it wrote."""
    knock = Knock(who, "POST", path, json.dumps(body).encode(), "application/json", headers)
    return knocked_as(world, knock)


#: The id of a set that is new is made on the tablet, so a new one names no row of anybody.
NAMES_A_SET = ("correct_set", "confirm_set", "void_set")


@pytest.mark.parametrize(
    ("part", "kind"),
    [("visit", kind) for kind in Operation.Kind.values] + [("entry", kind) for kind in NAMES_A_SET],
)
@pytest.mark.parametrize("way", ["board", "tablet"])
def test_a_tablet_reaches_no_visit_and_no_set_of_another_clinic(world, way, part, kind):
    """Its own answer for each operation, in one batch that is taken; the row is not there."""
    north, harbor = world.north, world.harbor
    theirs = {"visit": harbor.visit.uid, "entry": harbor.entry.uid}[part]
    path, headers = reverse("sessions:board-send", args=["north"]), {}
    if way == "tablet":
        token = uploads.mint(member=world.cast.ana, device=uuid.UUID(int=7), now=timezone.now())
        path, headers = reverse("upload"), {"Authorization": f"Bearer {token.token}"}
    answers = []
    for said in (theirs, uuid.UUID(int=9)):
        batch = {
            "author": world.cast.ana.pk,
            "operations": [operation(north, kind=kind, **{part: str(said)})],
        }
        answer, wrote = told_of(world, "ana", path, batch, **headers)
        assert answer.status == 200
        if part == "visit":
            assert json.loads(answer.body)["results"][0]["outcome"] == "refused"
        assert not {name for name in wrote if name.startswith(("training_set", "training_vis"))}
        answers.append((answer, wrote))
    assert difference(told(answers[0][0]), told(answers[1][0], uuid.UUID(int=9), theirs)) == ""
    assert answers[0][1] == answers[1][1]


@pytest.mark.parametrize("part", ["client", "slot"])
def test_nobody_of_another_clinic_walks_in_and_nobody_into_a_class_of_it(world, part):
    north, harbor = world.north, world.harbor
    own = {"client": north.waiting.pk, "slot": north.booked.coming.slot_id}
    theirs = {"client": harbor.waiting.pk, "slot": harbor.booked.coming.slot_id}
    answers = []
    for said in (theirs[part], int(NUMBER)):
        body = {**own, part: said, "uid": str(uuid.UUID(int=5))}
        path = reverse("sessions:walk-in", args=["north"])
        answer, wrote = told_of(world, "ana", path, body)
        assert (answer.status, wrote) == (422, [])
        answers.append(answer)
    assert difference(told(answers[0]), told(answers[1], NUMBER, theirs[part])) == ""


#: Behind the question mark: a route, a name, and the other clinic's row.
ASKED = {
    "enrollment": ("sessions:adherence", lambda there: there.enrollment.pk),
    "client": ("clinics:looks", lambda there: there.client.pk),
    "slot": ("sessions:plates", lambda there: there.booked.coming.slot_id),
    "people of a slot": ("sessions:people", lambda there: there.booked.coming.slot_id),
    "notes of a slot": ("sessions:notes", lambda there: there.visit.slot_id),
    "with": ("sessions:week", lambda there: there.booked.leave.member_id),
    "correct": ("sessions:visit", lambda there: there.entry.uid),
    "season": ("sessions:timetable", lambda there: there.booked.season.pk),
    "version": ("programs:assign", lambda there: there.program.versions.first().pk),
    "booking of a client": ("sessions:seat-book", lambda there: there.waiting.pk),
}


@pytest.mark.parametrize("what", ASKED)
def test_behind_a_question_mark_another_clinics_row_is_none(world, what):
    route, theirs = ASKED[what]
    name = {"people of a slot": "slot", "notes of a slot": "slot"}.get(what, what.split()[-1])
    who = "ada" if route == "clinics:looks" else "ana"
    nobodys, answers = UID if what == "correct" else NUMBER, []
    for said in (theirs(world.harbor), nobodys):
        plain = address(route, arguments(route, world.north)).removesuffix(QUERIES.get(route, ""))
        answer, wrote = knocked_as(world, Knock(who, "GET", f"{plain}?{name}={said}"))
        assert wrote == []
        assert b"Olga" not in answer.body
        answers.append(answer)
    assert difference(told(answers[0]), told(answers[1], nobodys, theirs(world.harbor))) == ""
