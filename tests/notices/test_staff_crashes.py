"""Senders of mails to the staff that die at the worst moment: none is lost, few come twice."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from sessions.mails import message_id
from sessions.models import Flag, StaffNotice
from sessions.notices import tell_staff
from sessions.posting import CLAIM
from sessions.staff_outbox import send_due
from tests.cast import NOW, Cast
from tests.notices.senders import Senders
from tests.notices.smtp import Postbox
from tests.notices.staff import MINUTE, flag, of_clinic, told
from tests.servers import SECONDS_TO_START, Databases

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = timedelta(seconds=1)


@pytest.fixture
def senders(box: Postbox, databases: Databases, worker_name: str) -> Senders:
    return Senders("sessions.staff_outbox", box, databases, f"test_{worker_name}")


@pytest.fixture
def waiting(cast: Cast) -> None:
    """A red flag each for Ana, Tess and, of the clinic's own, Ada; they are to be told."""
    flag(cast.enrollment)
    flag(cast.cam_enrollment)
    of_clinic(cast, kind=Flag.Kind.GROUP_TOO_BIG)
    assert tell_staff(NOW) == 3


def test_a_sender_killed_after_sending_and_before_recording_forgets_nobody(
    waiting: None, box: Postbox, senders: Senders
):
    senders.killed_after(1, NOW)
    (first,) = box.received
    assert StaffNotice.objects.filter(sent_at=None, claimed_at__isnull=False).count() == 3

    # While it may still live nobody else sends, and nobody is written to anew.
    for wait in (SECOND, MINUTE, CLAIM - SECOND):
        assert tell_staff(NOW + wait) == 0
        assert send_due(NOW + wait) == 0
    assert send_due(NOW + CLAIM + SECOND) == 3

    assert Counter(one.to for one in box.received) == {
        first.to: 2,
        **dict.fromkeys({"ana@example.org", "tess@example.org", "ada@example.org"} - {first.to}, 1),
    }
    # A mail program can tell that it is the same message.
    assert box.received[1].id == first.id


@pytest.mark.parametrize("taken", [(1, 1, 1, 1), (1, 2, 1), (3, 1), (2, 2)])
def test_however_often_it_is_killed_a_mail_comes_twice_at_most_once_a_crash(
    waiting: None, box: Postbox, senders: Senders, taken: tuple[int, ...]
):
    now, crashes = NOW, 0
    for number in taken:
        if number > StaffNotice.objects.filter(sent_at=None).count():
            break
        senders.killed_after(number, now)
        crashes += 1
        now += CLAIM + SECOND
        assert tell_staff(now) == 0
    send_due(now)

    assert not StaffNotice.objects.filter(sent_at=None).exists()
    assert len(told()) == 3
    came = Counter(one.id for one in box.received)
    assert set(came) == {message_id(row) for row in StaffNotice.objects.all()}
    assert 1 <= came.total() - len(came) <= crashes


def test_a_sender_in_its_own_process_does_all_by_itself(
    waiting: None, box: Postbox, senders: Senders
):
    assert senders.start(NOW).wait(SECONDS_TO_START) == 0
    assert sorted(one.to for one in box.received) == [
        "ada@example.org",
        "ana@example.org",
        "tess@example.org",
    ]
    assert StaffNotice.objects.filter(sent_at__isnull=False).count() == 3
