"""Cover: a colleague sees to a therapist's clients until a day, and it ends by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member, write_report_settings
from bonefit.clinics.cover import CannotCover, end_early, hand_over
from bonefit.clinics.models import Cover, Membership, RowChange
from sessions.flag_list import Shown, counts_of, mine
from sessions.models import Flag, StaffNotice
from sessions.notices import tell_staff
from sessions.reports.whose import enrollments_of_member
from tests.cast import NOW, TODAY, Cast
from tests.notices.staff import SEVEN, flag, rows, told

pytestmark = pytest.mark.django_db

COVER = "/c/north/cover/"
WEEK = timedelta(days=7)
#: A minute before and after the end of the last day in Brisbane.
LAST_MINUTE = datetime(2026, 3, 12, 13, 59, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 12, 14, 1, tzinfo=UTC)


def browser(member: Membership) -> Browser:
    made = Browser()
    made.force_login(member.user)
    return made


def tess_for_ana(cast: Cast, **more: Any) -> Cover:
    """Tess sees to Ana's clients from today until Thursday in a week."""
    said: dict[str, Any] = {
        "therapist": cast.ana,
        "colleague": cast.tess,
        "starts_on": TODAY,
        "ends_on": TODAY + WEEK,
        "reason": "On leave",
        "by": cast.ana,
        "now": NOW,
        **more,
    }
    return hand_over(**said)


def third(cast: Cast) -> Membership:
    """Lia, one more therapist at Northside."""
    email, roles = "lia@example.org", [Role.THERAPIST]
    return add_member(clinic=cast.north, email=email, name="Lia T.", roles=roles)


def typed(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "colleague": cast.tess.pk,
        "starts_on": "5 March 2026",
        "ends_on": "12 March 2026",
        "reason": "On leave",
        **more,
    }


# --- arranging it ---------------------------------------------------------------------------------
def test_a_therapist_hands_her_clients_over_and_both_see_it_on_their_day(cast: Cast) -> None:
    page = browser(cast.ana).post(COVER, typed(cast), follow=True)
    assert "Tess T. stands in until 12 March 2026." in page.text
    row = Cover.objects.get()
    assert (row.therapist, row.colleague, row.given_by) == (cast.ana, cast.tess, cast.ana)
    hers = browser(cast.tess).get("/c/north/today/").text
    assert "You see to the clients of <strong>Ana T.</strong> until 12 March" in hers
    assert "for Ana T. until 12 March" in hers  # beside Cal, whose visit is today
    assert "<strong>Tess T.</strong> sees to your clients until 12 March" in (
        browser(cast.ana).get("/c/north/today/").text
    )
    people = browser(cast.ada).get("/c/north/settings/people/").text
    assert "Tess T. stands in until 12 March 2026" in people
    assert "For Ana T. until 12 March 2026" in people


def test_a_lead_and_an_admin_arrange_it_for_somebody_who_is_ill(cast: Cast) -> None:
    Membership.objects.filter(pk=cast.tess.pk).update(roles=["lead"])
    for by in (cast.ada, cast.tess):
        answer = browser(by).post(COVER, typed(cast, therapist=cast.ana.pk))
        assert answer.status_code == 302
        row = Cover.objects.latest("pk")
        assert (row.therapist, row.colleague, row.given_by) == (cast.ana, cast.tess, by)
        end_early(cover=row, by=Membership.objects.get(pk=by.pk), now=NOW)


def test_a_therapist_hands_over_nobodys_clients_but_her_own(cast: Cast) -> None:
    """Whatever is sent with the form."""
    lia = third(cast)
    answer = browser(cast.ana).post(COVER, typed(cast, therapist=cast.tess.pk, colleague=lia.pk))
    assert answer.status_code == 302
    assert Cover.objects.get().therapist == cast.ana
    with pytest.raises(PermissionDenied):
        tess_for_ana(cast, therapist=cast.tess, colleague=lia)


@pytest.mark.parametrize("who", ["dee", "cal", "con"])
def test_who_does_not_treat_arranges_none(cast: Cast, who: str) -> None:
    assert browser(getattr(cast, who)).post(COVER, typed(cast)).status_code == 403
    with pytest.raises(PermissionDenied):
        tess_for_ana(cast, by=getattr(cast, who))


@pytest.mark.parametrize(
    ("sent", "name", "words"),
    [
        ({"starts_on": "4 March 2026"}, "starts_on", "This day is past."),
        ({"ends_on": "4 March 2026"}, "ends_on", "The last day is before the first."),
        ({"ends_on": "12 March 2036"}, "ends_on", "more than a year"),
        ({"ends_on": ""}, "ends_on", "Cover always has one."),
        ({"ends_on": "soon"}, "ends_on", "Write day, month and year"),
        ({"reason": " "}, "reason", "Write why"),
        ({"colleague": "ana"}, "colleague", "Choose somebody who treats in this clinic."),
        ({"colleague": "dee"}, "colleague", "Choose somebody who treats in this clinic."),
        ({"colleague": "lea"}, "colleague", "Choose somebody who treats in this clinic."),
        ({"colleague": "otto"}, "colleague", "Choose somebody who treats in this clinic."),
        ({"colleague": ""}, "colleague", "Choose a colleague."),
    ],
)
def test_a_mistake_is_said_beside_its_field(
    cast: Cast, sent: dict[str, str], name: str, words: str
) -> None:
    said = {key: getattr(getattr(cast, one, None), "pk", one) for key, one in sent.items()}
    page = browser(cast.ana).post(COVER, typed(cast, **said))
    assert page.status_code == 422
    assert words in page.text
    assert f'aria-describedby="id_{name}' in page.text or f'href="#id_{name}"' in page.text
    if "colleague" not in sent:
        assert f'<option value="{cast.tess.pk}" selected>' in page.text
    assert not Cover.objects.exists()


def test_an_admin_cannot_choose_the_same_person_twice(cast: Cast) -> None:
    sent = typed(cast, therapist=cast.tess.pk, colleague=cast.tess.pk)
    page = browser(cast.ada).post(COVER, sent)
    assert page.status_code == 422
    assert "Nobody stands in for herself." in page.text
    with pytest.raises(IntegrityError, match="cover_by_somebody_else"), transaction.atomic():
        Cover.objects.create(
            clinic=cast.north, therapist=cast.ana, colleague=cast.ana, starts_on=TODAY,
            ends_on=TODAY, reason="x", given_at=NOW, given_by=cast.ana,
        )  # fmt: skip


def test_days_that_overlap_are_refused_and_days_that_follow_are_not(cast: Cast) -> None:
    tess_for_ana(cast)
    lia = third(cast)
    last = TODAY + WEEK
    for first, until in ((last, last + WEEK), (TODAY, TODAY), (TODAY, last + WEEK)):
        with pytest.raises(CannotCover) as refused:
            tess_for_ana(cast, colleague=lia, starts_on=first, ends_on=until)
        assert "Tess T. stands in from 5 March 2026 until 12 March 2026" in str(refused.value)
        assert list(refused.value.wrong) == ["starts_on"]
    day = timedelta(days=1)
    tess_for_ana(cast, colleague=lia, starts_on=last + day, ends_on=last + WEEK)
    with pytest.raises(IntegrityError, match="one_cover_at_a_time"), transaction.atomic():
        Cover.objects.create(
            clinic=cast.north, therapist=cast.ana, colleague=lia, starts_on=last, ends_on=last,
            reason="x", given_at=NOW, given_by=cast.ana,
        )  # fmt: skip


def test_nobody_is_covered_by_somebody_who_is_away_herself(cast: Cast) -> None:
    tess_for_ana(cast)
    lia = third(cast)
    with pytest.raises(CannotCover, match=r"Ana T\. is away from 5 March 2026"):
        tess_for_ana(cast, therapist=lia, colleague=cast.ana, by=cast.ada)
    with pytest.raises(CannotCover, match=r"Tess T\. stands in for Ana T\."):
        tess_for_ana(cast, therapist=cast.tess, colleague=lia, by=cast.ada)


# --- what the colleague gets, while it holds ------------------------------------------------------
def test_flags_of_his_therapist_are_the_colleagues_while_it_holds(cast: Cast) -> None:
    hers = flag(cast.enrollment)
    handed = flag(cast.cam_enrollment, owner=cast.ana)
    other = flag(cast.cam_enrollment)
    cover = tess_for_ana(cast, ends_on=date(2026, 3, 12))

    def of_tess(moment: datetime) -> set[Flag]:
        with time_machine.travel(moment, tick=False):
            return set(
                Flag.objects.filter(clinic=cast.north, resolved_at=None).filter(mine(cast.tess))
            )

    assert of_tess(NOW) >= {hers, handed, other}
    assert of_tess(LAST_MINUTE) >= {hers, handed, other}
    assert of_tess(NEXT_DAY).isdisjoint({hers, handed})
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        assert hers not in Flag.objects.filter(mine(cast.tess))
    assert set(Flag.objects.filter(mine(cast.ana))) >= {hers, handed}, "hers they stay"

    end_early(cover=cover, by=cast.ana, now=NOW)
    assert of_tess(NOW).isdisjoint({hers, handed})


def test_the_list_says_for_whom_and_until_when(cast: Cast) -> None:
    flag(cast.enrollment)
    tess_for_ana(cast)
    page = browser(cast.tess).get("/c/north/flags/?whose=mine").text
    assert "for Ana T. until 12 March" in page
    assert counts_of(cast.tess, Shown(mine=True), now=NOW).mine == 1
    assert "until 12 March" not in browser(cast.ana).get("/c/north/flags/?whose=mine").text


def test_red_flags_and_the_morning_list_go_to_who_stands_in(cast: Cast) -> None:
    red = flag(cast.enrollment)
    tess_for_ana(cast)
    tell_staff(NOW)
    assert told() == [(cast.tess, [red.pk])]
    tell_staff(SEVEN)
    assert [row.member for row in rows(StaffNotice.Kind.MORNING)] == [cast.tess]


def test_after_the_last_day_they_go_to_her_again(cast: Cast) -> None:
    tess_for_ana(cast)
    with time_machine.travel(NEXT_DAY, tick=False):
        red = flag(cast.enrollment, opened_at=NEXT_DAY)
        tell_staff(NEXT_DAY)
    assert told() == [(cast.ana, [red.pk])]


@pytest.mark.parametrize("why", ["left", "closed", "desk", "no address"])
def test_a_colleague_who_has_left_gets_nothing_and_the_therapist_is_told(
    cast: Cast, why: str
) -> None:
    red = flag(cast.enrollment)
    tess_for_ana(cast)
    tess = Membership.objects.filter(pk=cast.tess.pk)
    if why == "left":
        tess.update(is_active=False)
    elif why == "desk":
        tess.update(roles=["desk"])
    else:
        user = cast.tess.user
        user.is_active, user.email = why == "no address", "" if why == "no address" else user.email
        user.save()
    tell_staff(NOW)
    assert told() == [(cast.ana, [red.pk])]
    if why == "left":
        gone = Membership.objects.get(pk=cast.tess.pk)
        assert not Flag.objects.visible_to(gone).exists()
        assert not Cover.objects.visible_to(gone).exists()
        assert browser(gone).get("/c/north/today/").status_code == 404
    if why != "no address":
        assert red not in Flag.objects.filter(mine(Membership.objects.get(pk=cast.tess.pk)))


def test_in_reports_about_her_own_clients_his_are_too_while_it_holds(cast: Cast) -> None:
    write_report_settings(
        clinic=cast.north, headline="A3", therapists_see="own", by=cast.ada, now=NOW
    )
    tess = Membership.objects.select_related("clinic").get(pk=cast.tess.pk)
    assert set(enrollments_of_member(tess)) == {cast.cam_enrollment}
    cover = tess_for_ana(cast)
    assert set(enrollments_of_member(tess)) == {cast.cam_enrollment, cast.enrollment}
    with time_machine.travel(NEXT_DAY, tick=False):
        assert set(enrollments_of_member(tess)) == {cast.cam_enrollment}
    end_early(cover=cover, by=cast.tess, now=NOW)
    assert set(enrollments_of_member(tess)) == {cast.cam_enrollment}


def test_it_gives_no_right_and_no_client_of_another_clinic(cast: Cast) -> None:
    ida = add_member(
        clinic=cast.harbor, email="ida@example.org", name="Ida T.", roles=[Role.THERAPIST]
    )
    before = cast.tess.can
    tess_for_ana(cast)
    assert Membership.objects.get(pk=cast.tess.pk).can == before
    with pytest.raises(CannotCover):
        tess_for_ana(cast, colleague=ida, starts_on=date(2026, 5, 4), ends_on=date(2026, 5, 5))
    with pytest.raises(IntegrityError, match="same_clinic"):
        _past_the_form(cast, ida)


def _past_the_form(cast: Cast, colleague: Membership) -> None:
    """A row as nothing of the product writes it; keys are looked at when it is committed."""
    days = {"starts_on": date(2026, 5, 4), "ends_on": date(2026, 5, 5)}
    whose = {"clinic": cast.north, "therapist": cast.ana, "given_by": cast.ana}
    with transaction.atomic():
        Cover.objects.create(colleague=colleague, reason="x", given_at=NOW, **days, **whose)
        connection.check_constraints()


# --- ending it ------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["ana", "tess", "ada"])
def test_either_of_the_two_and_an_admin_end_it_early(cast: Cast, who: str) -> None:
    cover = tess_for_ana(cast)
    page = browser(getattr(cast, who)).post(f"{COVER}{cover.pk}/end/", follow=True)
    assert "It is ended. Ana T. sees to her own clients again." in page.text
    assert "ended early" in page.text
    cover.refresh_from_db()
    assert cover.ended_by == getattr(cast, who)
    tess_for_ana(cast)  # the days are free again


def test_a_colleague_who_has_no_part_in_it_does_not(cast: Cast) -> None:
    cover = tess_for_ana(cast)
    lia = third(cast)
    assert browser(lia).post(f"{COVER}{cover.pk}/end/").status_code == 403
    assert "Tess T." not in browser(lia).get(COVER).text.split("<form", 1)[0]
    assert browser(cast.otto).post(f"{COVER}{cover.pk}/end/").status_code == 404
    assert browser(cast.otto).post(f"/c/harbor/cover/{cover.pk}/end/").status_code == 404
    cover.refresh_from_db()
    assert cover.ended_at is None


def test_what_is_over_is_not_ended_again_and_stays_readable(cast: Cast) -> None:
    cover = tess_for_ana(cast)
    with time_machine.travel(NEXT_DAY, tick=False):
        end_early(cover=cover, by=cast.ana, now=NEXT_DAY)
    cover.refresh_from_db()
    assert cover.ended_at is None
    with time_machine.travel(NEXT_DAY, tick=True):
        assert "Tess T. for Ana T., 5 March 2026 to 12 March 2026: On leave" in (
            browser(cast.ana).get(COVER).text
        )


def test_what_became_of_it_is_kept(cast: Cast) -> None:
    cover = tess_for_ana(cast)
    end_early(cover=cover, by=cast.ana, now=NOW)
    kept = RowChange.objects.filter(table="clinics_cover", row=cover.pk).order_by("pk")
    assert [one.what for one in kept] == ["added", "changed"]
    assert kept[1].before == {"ended_at": None, "ended_by_id": None}
