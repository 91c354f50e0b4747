"""A companion looks at the page of a client who agreed to it, and can press nothing there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from bonefit.clients import companions
from bonefit.clients.models import Client
from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import Membership
from sessions import actions, booking
from sessions.models import Slot, Visit, Waiting
from sessions.portal.shown import BRING
from tests.cast import NOW, Cast, accompanied, enroll
from tests.portal.pages import MY, came, cannot_come, logged_in, page

QUERIES = 13


def of(client: Client, more: str = "") -> str:
    return f"{MY}of/{client.pk}/{more}"


def also_of(cast: Cast, client: Client) -> None:
    """Con is the companion of another client too."""
    companions.give(
        client=client,
        email=cast.con.user.email,
        name="Con P.",
        consent="Agreed at the desk.",
        by=cast.ana,
        now=NOW,
    )
    cast.con.refresh_from_db()


def test_the_front_door_leads_her_there(cast: Cast, con: Browser) -> None:
    assert con.get("/c/north/")["Location"] == MY
    assert con.get(MY)["Location"] == of(cast.cal_client)


def test_it_says_first_whose_page_it_is_and_then_the_next_session(cast: Cast, con: Browser) -> None:
    text = page(con, of(cast.cal_client))

    assert text.startswith(
        "This is the page of Cal P., for you to look at. Only Cal P. and the clinic can change "
        "things. The first session of Cal P. is in 4 days Monday 9 March 9:00 to 9:30 in the "
        "morning with Ana T. Northside, Room 1"
    )
    assert "Thursday 12 March 9:00 am" in text


def test_nothing_on_it_can_be_pressed_but_links_to_look_further(cast: Cast, con: Browser) -> None:
    came(cast, cast.visits[0])
    booking.cancel(visit=cast.visits[1], cause="client", why="", by=cast.cal, now=NOW)

    free = Slot.objects.filter(supervisions__member=cast.tess, starts_at__gt=NOW).latest(
        "starts_at"
    )
    Waiting.objects.create(
        clinic=cast.north,
        slot=free,
        enrollment=cast.enrollment,
        client=cast.cal_client,
        asked_by=cast.cal,
        offered_at=NOW,
        offer_ends_at=NOW + timedelta(hours=4),
    )

    html = con.get(of(cast.cal_client)).text

    assert "A place is free for Cal P." in page(con, of(cast.cal_client))
    main = html[html.index("<main") :]
    assert "<form" not in main
    assert "<button" not in main
    links = set(re.findall(r'href="(/c/[^"]+)"', main))
    further = {of(cast.cal_client, part) for part in ("correction/", "growth/", "looked/")}
    assert links == {*further, f"{MY}why/"}
    assert "Sessions that can be made up for Monday 9 March" in page(con, of(cast.cal_client))


def test_what_was_lifted_is_part_of_the_view(cast: Cast, con: Browser) -> None:
    came(cast, cast.visits[0])
    came(cast, cast.visits[1])

    assert "Deadlift 5 sets of 5 with 40 kg" in page(con, of(cast.cal_client))
    text = page(con, of(cast.cal_client, "growth/"))
    assert "What Cal P. lifted" in text
    assert "9 March 40 kg, 5 times" in text
    assert "<svg" in con.get(of(cast.cal_client, "growth/chart/?exercise=deadlift")).text


def test_the_words_are_about_him_and_never_you(cast: Cast, con: Browser) -> None:
    came(cast, cast.visits[0])
    actions.say(visit=cast.visits[2], status="excused", by=cast.ana, why="Knee")

    text = page(con, of(cast.cal_client))

    body = text.partition("can change things.")[2].replace(BRING, "")
    assert "Not coming to this one." in body
    assert re.findall(r"\b(you|your)\b", body, re.IGNORECASE) == []
    assert "Knee" not in text


@pytest.mark.parametrize("path", ["", "growth/", "growth/chart/"])
def test_of_nobody_else_is_anything_there(cast: Cast, con: Browser, path: str) -> None:
    came(cast, cast.visits[0])
    for client in (cast.cam_client, cast.olga_client):
        assert con.get(of(client, path)).status_code == 404
    assert con.get(f"{MY}of/999999999/{path}").status_code == 404
    for member, status in ((cast.cal, 404), (cast.cam, 404), (cast.ana, 403), (cast.olga, 404)):
        assert logged_in(member).get(of(cast.cal_client, path)).status_code == status


def test_she_can_change_nothing(cast: Cast, con: Browser) -> None:
    visit = cast.visits[1]
    for path in (
        cannot_come(visit),
        f"{MY}visits/{visit.uid}/come/",
        f"{MY}visits/{visit.uid}/make-up/",
        f"{MY}calendar/",
        f"{MY}calendar/renew/",
        f"{MY}calendar/stop/",
    ):
        assert con.post(path).status_code == 403, path
    assert Visit.objects.get(pk=visit.pk).status == Visit.Status.PLANNED


def test_taken_away_she_sees_nothing_with_her_next_request(cast: Cast, con: Browser) -> None:
    assert con.get(of(cast.cal_client)).status_code == 200

    companions.take_away(companion=cast.cal_client.companions.get(), by=cast.dee, now=NOW)

    assert con.get(of(cast.cal_client)).status_code == 404
    assert con.get(of(cast.cal_client, "growth/")).status_code == 404
    assert con.get(MY).status_code == 404
    assert con.get("/").status_code == 403


def test_of_two_she_chooses(cast: Cast, con: Browser) -> None:
    also_of(cast, cast.cam_client)

    text = page(con)

    assert text.startswith("Whose sessions would you like to see? Cal P. Cam Q.")
    assert "The first session of Cam Q. is tomorrow" in page(con, of(cast.cam_client))
    assert f'href="{MY}"' in con.get(of(cast.cam_client)).text


def test_taken_away_of_one_she_keeps_the_other(cast: Cast, con: Browser) -> None:
    also_of(cast, cast.cam_client)

    companions.take_away(companion=cast.cal_client.companions.get(), by=cast.dee, now=NOW)

    assert con.get(of(cast.cal_client)).status_code == 404
    assert con.get(MY)["Location"] == of(cast.cam_client)


def test_who_trains_here_and_accompanies_somebody_has_both(cast: Cast) -> None:
    accompany(cast, cast.cam)
    cam = logged_in(cast.cam)

    text = page(cam)

    assert text.startswith("Your first session is tomorrow")
    assert "You may look at these pages too The sessions of Cal P." in text
    assert "The first session of Cal P. is in 4 days" in page(cam, of(cast.cal_client))
    assert "To your own sessions" in page(cam, of(cast.cal_client))
    assert cam.post(cannot_come(cast.visits[1])).status_code == 404
    assert "Nothing is here yet." in page(cam, f"{MY}growth/")


def test_a_therapist_who_accompanies_one_client_sees_that_page_only(cast: Cast) -> None:
    accompany(cast, cast.tess)
    tess = logged_in(cast.tess)

    assert tess.get(of(cast.cal_client)).status_code == 200
    assert tess.get(of(cast.cam_client)).status_code == 404


def accompany(cast: Cast, member: Membership) -> None:
    companions.give(
        client=cast.cal_client,
        email=member.user.email,
        name=member.user.name,
        consent="Agreed at the desk.",
        by=cast.ana,
        now=NOW,
    )


def test_a_companion_of_nobody_is_told_so(cast: Cast) -> None:
    lone = add_member(
        clinic=cast.north, email="lone@example.org", name="Lone L.", roles=[Role.COMPANION]
    )

    text = page(logged_in(lone))

    assert text.startswith("There is no page for you to see now")
    assert "Call the clinic: 07 5550 0100" in text


def test_a_companion_elsewhere_is_a_stranger_here(cast: Cast) -> None:
    kit = accompanied(cast.olga_client, "Kit R.", by=cast.otto)

    assert logged_in(kit).get(of(cast.cal_client)).status_code == 404


def test_a_client_without_a_program_has_a_page_to_look_at(cast: Cast, con: Browser) -> None:
    newcomer = enroll(cast.ana, "Nel N.")
    also_of(cast, newcomer)

    assert "No sessions are planned yet The therapist plans them" in page(con, of(newcomer))


def test_the_page_asks_the_database_as_often_for_many_visits_as_for_one(
    cast: Cast, con: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    came(cast, cast.visits[0])
    page(con, of(cast.cal_client))
    with django_assert_num_queries(QUERIES):
        page(con, of(cast.cal_client))

    for visit in cast.visits[1:5]:
        came(cast, visit)
    with django_assert_num_queries(QUERIES):
        page(con, of(cast.cal_client))
