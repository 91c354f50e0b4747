"""Who may look at a client's page: given with her consent, taken away at once, kept on record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bonefit.clients import companions
from bonefit.clients.companions import CannotGive
from bonefit.clients.models import Companion
from bonefit.clinics.access import Can, Role
from bonefit.clinics.models import Membership, User
from sessions.models import SetEntry, Visit
from tests.cast import NOW, Cast, enroll

LATER = NOW + timedelta(days=3)


def give(cast: Cast, **said: object) -> Companion:
    usual = {
        "client": cast.cam_client,
        "email": "pat@example.org",
        "name": "Pat Q.",
        "consent": "Cam agreed at the desk.",
        "by": cast.dee,
        "now": NOW,
    }
    return companions.give(**{**usual, **said})  # type: ignore[arg-type]


def test_it_is_recorded_what_was_agreed_when_and_by_whom_it_was_written_down(cast: Cast) -> None:
    given = give(cast)

    assert (given.client, given.consent, given.given_at, given.given_by, given.ended_at) == (
        cast.cam_client,
        "Cam agreed at the desk.",
        NOW,
        cast.dee,
        None,
    )
    assert given.member.roles == [Role.COMPANION]
    assert given.member.can == {Can.SEE_OWN_SCHEDULE}


def test_the_usual_words_name_both(cast: Cast) -> None:
    words = companions.consent_words(cast.cam_client, "Pat Q.")

    assert "Cam Q. agrees that Pat Q. may see" in words
    assert "can end this at any time" in words
    assert len(words) <= 400


def test_twice_is_one_and_the_first_consent_stands(cast: Cast) -> None:
    first = give(cast)

    again = give(cast, consent="Something else.", email="PAT@example.org")

    assert again == first
    assert Companion.objects.get(pk=first.pk).consent == "Cam agreed at the desk."
    assert User.objects.filter(email__iexact="pat@example.org").count() == 1


def test_who_has_a_log_in_keeps_it_and_her_name(cast: Cast) -> None:
    given = give(cast, email="tess@example.org", name="Somebody Else")

    assert given.member == cast.tess
    assert given.member.user.name == "Tess T."
    assert set(given.member.roles) == {Role.THERAPIST, Role.COMPANION}


def test_who_has_left_comes_back_as_a_companion_and_nothing_else(cast: Cast) -> None:
    given = give(cast, email="lea@example.org")

    assert given.member == cast.lea
    assert given.member.is_active
    assert given.member.roles == [Role.COMPANION]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"consent": "  "}, "Without her consent nobody may look"),
        ({"consent": "x" * 401}, "at most 400 characters"),
        ({"name": ""}, "Write the name"),
        ({"email": "pat"}, "e-mail address"),
        ({"email": ""}, "e-mail address"),
        ({"email": "CAM@example.org"}, "the address of the client"),
    ],
)
def test_what_is_missing_is_said_and_nobody_is_given_anything(
    cast: Cast, said: dict[str, str], why: str
) -> None:
    before = Companion.objects.count(), Membership.objects.count()

    with pytest.raises(CannotGive, match=why):
        give(cast, **said)

    assert (Companion.objects.count(), Membership.objects.count()) == before


def test_the_client_s_own_log_in_is_no_companion(cast: Cast) -> None:
    cast.cam_client.email = "another@example.org"
    cast.cam_client.save()

    with pytest.raises(CannotGive, match="logs in with"):
        give(cast, email="cam@example.org")

    cast.cam.refresh_from_db()
    assert cast.cam.roles == [Role.CLIENT]


def test_taken_away_it_stays_on_record_and_the_log_in_is_closed(cast: Cast) -> None:
    given = give(cast)

    companions.take_away(companion=given, by=cast.ana, now=LATER)

    given.refresh_from_db()
    assert (given.ended_at, given.ended_by, given.consent) == (
        LATER,
        cast.ana,
        "Cam agreed at the desk.",
    )
    member = Membership.objects.get(pk=given.member_id)
    assert not member.is_active
    assert not Visit.objects.visible_to(member).exists()


def test_taken_away_twice_the_first_time_stands(cast: Cast) -> None:
    given = companions.take_away(companion=give(cast), by=cast.ana, now=LATER)

    again = companions.take_away(companion=given, by=cast.dee, now=LATER + timedelta(days=1))

    assert (again.ended_at, again.ended_by) == (LATER, cast.ana)


def test_other_roles_stay(cast: Cast) -> None:
    given = give(cast, email="tess@example.org")

    companions.take_away(companion=given, by=cast.ana, now=LATER)

    cast.tess.refresh_from_db()
    assert (cast.tess.roles, cast.tess.is_active) == ([Role.THERAPIST], True)


def test_who_accompanies_two_keeps_the_other(cast: Cast) -> None:
    other = enroll(cast.ana, "Nel N.")
    first, second = give(cast), give(cast, client=other)

    companions.take_away(companion=first, by=cast.ana, now=LATER)

    member = Membership.objects.get(pk=second.member_id)
    assert (member.roles, member.is_active) == ([Role.COMPANION], True)


def test_given_again_it_is_a_new_consent(cast: Cast) -> None:
    companions.take_away(companion=give(cast), by=cast.ana, now=LATER)

    again = give(cast, now=LATER, consent="Agreed again.")

    assert Companion.objects.filter(client=cast.cam_client).count() == 2
    member = Membership.objects.get(pk=again.member_id)
    assert (member.roles, member.is_active) == ([Role.COMPANION], True)


def test_she_sees_rows_of_that_client_alone(cast: Cast) -> None:
    cast.log(cast.visit)
    given = give(cast)

    seen = set(Visit.objects.visible_to(given.member))

    assert seen == set(Visit.objects.filter(client=cast.cam_client))
    assert not SetEntry.objects.visible_to(given.member).exists()
