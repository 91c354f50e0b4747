"""A red flag whose mail does not arrive is passed on to the admins at once."""

from __future__ import annotations

import pytest

from bonefit.clinics.access import Role
from bonefit.clinics.models import Membership
from sessions.models import Flag, StaffNotice
from sessions.notices import tell_staff
from sessions.staff_outbox import send_due
from tests.cast import NOW, Cast
from tests.notices.smtp import Postbox
from tests.notices.staff import DAY, HOUR, MINUTE, flag, told

pytestmark = pytest.mark.django_db

GONE = "550 No such user"
#: Questions of a sweep with red flags of which everybody has been told.
QUIET = 11
PASSED_ON = "did not reach the colleague it was for"


def minutes(box: Postbox, count: int = 3, *, after: int = 0) -> list[tuple[str, str]]:
    """Beat runs both sweeps once a minute; who was written to in these minutes, and what."""
    before = len(box.received)
    for number in range(after, after + count):
        tell_staff(NOW + number * MINUTE)
        send_due(NOW + number * MINUTE)
    return box.said[before:]


@pytest.mark.parametrize("where", ["refuses", "refuses_data"])
def test_an_address_that_the_server_refuses_for_good_passes_it_on_within_a_minute(
    cast: Cast, box: Postbox, where: str
):
    getattr(box, where)["ana@example.org"] = GONE
    one = flag(cast.enrollment)
    tell_staff(NOW)
    assert send_due(NOW) == 0
    assert tell_staff(NOW + MINUTE) == 1
    assert send_due(NOW + MINUTE) == 1

    assert box.said == [("ada@example.org", "1 red flag waits for you at Northside")]
    text = box.received[0].text
    assert PASSED_ON in text
    assert "http://testserver/c/north/flags/" in text
    assert told() == [(cast.ana, [one.pk]), (cast.ada, [one.pk])]
    assert minutes(box, 5, after=2) == []


def test_every_admin_is_told_and_nobody_of_another_clinic(cast: Cast, box: Postbox):
    cast.tess.roles = [Role.THERAPIST, Role.ADMIN]
    cast.tess.save()
    box.refuses["ana@example.org"] = GONE
    flag(cast.enrollment)
    assert sorted(to for to, _ in minutes(box)) == ["ada@example.org", "tess@example.org"]


def test_what_arrives_and_what_is_refused_for_now_is_not_passed_on(cast: Cast, box: Postbox):
    flag(cast.enrollment)
    assert [to for to, _ in minutes(box)] == ["ana@example.org"]

    box.refuses["tess@example.org"] = "450 Not now"
    flag(cast.cam_enrollment)
    assert minutes(box, after=3) == []
    box.refuses.clear()
    assert [to for to, _ in minutes(box, 9, after=6)] == ["tess@example.org"]


def test_what_could_not_be_sent_for_a_day_is_passed_on_as_well(cast: Cast, box: Postbox):
    one = flag(cast.enrollment, opened_at=NOW - DAY)
    tell_staff(NOW - DAY)
    StaffNotice.objects.update(failed_at=NOW - MINUTE, error="SMTPServerDisconnected")
    tell_staff(NOW)
    assert (cast.ada, [one.pk]) in told()


def test_each_flag_is_passed_on_once_and_only_what_is_new(cast: Cast, box: Postbox):
    box.refuses["ana@example.org"] = GONE
    first = flag(cast.enrollment)
    minutes(box)
    second = flag(cast.enrollment)
    minutes(box, after=3)
    assert [flags for member, flags in told() if member == cast.ada] == [[first.pk], [second.pk]]


def test_what_is_closed_or_read_by_herself_meanwhile_is_not_passed_on(cast: Cast, box: Postbox):
    box.refuses["ana@example.org"] = GONE
    closed, read = flag(cast.enrollment), flag(cast.enrollment)
    minutes(box, 1)
    Flag.objects.filter(pk=closed.pk).update(resolved_at=NOW, resolution="by_itself")
    Flag.objects.filter(pk=read.pk).update(seen_at=NOW, seen_by=cast.ana)
    assert minutes(box, after=1) == []


def test_an_admin_who_has_read_it_is_not_told(cast: Cast, box: Postbox):
    box.refuses["ana@example.org"] = GONE
    flag(cast.enrollment, seen_at=NOW, seen_by=cast.ada)
    assert minutes(box) == []


def test_an_admin_whose_own_mail_is_refused_is_not_written_to_again(cast: Cast, box: Postbox):
    Membership.objects.filter(pk=cast.ana.pk).update(roles=[Role.THERAPIST, Role.ADMIN])
    box.refuses |= {"ana@example.org": GONE, "ada@example.org": GONE}
    one = flag(cast.enrollment)
    assert minutes(box, 5) == []
    assert told() == [(cast.ana, [one.pk]), (cast.ada, [one.pk])]


def test_her_own_flags_and_those_passed_on_are_one_message(cast: Cast, box: Postbox):
    box.refuses["tess@example.org"] = GONE
    cast.ana.roles = [Role.THERAPIST, Role.ADMIN]
    cast.ana.save()
    hers = flag(cast.cam_enrollment)
    minutes(box, 1)
    own = flag(cast.enrollment)
    assert sorted(minutes(box, after=1)) == [
        ("ada@example.org", "1 red flag waits for you at Northside"),
        ("ana@example.org", "2 red flags wait for you at Northside"),
    ]
    row = StaffNotice.objects.get(member=cast.ana)
    assert row.facts == {"flags": [hers.pk, own.pk], "passed_on": [hers.pk]}
    assert all(PASSED_ON in mail.text for mail in box.received)


def test_whoever_has_it_now_has_been_told_and_nothing_is_passed_on(cast: Cast, box: Postbox):
    box.refuses["ana@example.org"] = GONE
    one = flag(cast.enrollment)
    minutes(box, 1)
    Flag.objects.filter(pk=one.pk).update(owner=cast.tess)
    assert [to for to, _ in minutes(box, after=1)] == ["tess@example.org"]


def test_it_takes_the_same_questions_however_many_flags_there_are(
    cast: Cast, box: Postbox, django_assert_num_queries
):
    box.refuses["ana@example.org"] = GONE
    flag(cast.enrollment)
    minutes(box)
    with django_assert_num_queries(QUIET):
        tell_staff(NOW + HOUR)
    for _ in range(12):
        flag(cast.enrollment)
    minutes(box, after=3)
    with django_assert_num_queries(QUIET):
        tell_staff(NOW + HOUR)
