"""Records past their time are flagged for an admin, who decides; nothing is deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bonefit.clients.models import Clearance, Client, RetentionDecision
from bonefit.clinics.models import Membership
from programs.actions import publish_rules
from programs.loads import DEFAULT_INVENTORY
from programs.rules import DEFAULT_RULES
from sessions import retention
from sessions.record.reading import read
from tests.cast import NOW, TODAY, Cast
from tests.record.copying import browser
from tests.test_access_models import OWNED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

LIST = "/c/north/clients/past-their-time/"
#: Seven years before noon of 5 March 2026 in Brisbane the day began at 14:00 UTC of the 4th.
EDGE = datetime(2019, 3, 4, 14, 0, tzinfo=UTC)
KEEP = {"kind": "keep", "until": "1 March 2030", "reason": "A claim is open."}
RELEASE = {"kind": "release", "reason": "Nobody asked for it."}


def came(by: Membership, at: datetime = EDGE - timedelta(days=30), **more: Any) -> Client:
    """Somebody whose record was begun then, and nothing since."""
    details = {"name": "Ola D.", "born_on": date(1940, 5, 1), **more}
    return Client.objects.create(
        clinic=by.clinic,
        sex=Client.Sex.FEMALE,
        emergency_contact="Ivo D., son",
        created_at=at,
        created_by=by,
        **details,
    )


def page_of(client: Client) -> str:
    return f"/c/north/clients/{client.pk}/past-its-time/"


def past(who: Membership) -> list[Client]:
    return list(retention.past(who, NOW))


# --- found ----------------------------------------------------------------------------------------


def test_a_record_is_past_its_time_seven_years_after_its_last_entry_and_not_before(cast: Cast):
    old = came(cast.ana, EDGE - timedelta(seconds=1))
    came(cast.ana, EDGE, name="Una E.")
    assert past(cast.ada) == [old]


def test_any_entry_keeps_it_and_the_last_one_counts(cast: Cast):
    old = came(cast.ana)
    entry = {"cleared_by": "Dr L. H.", "cleared_on": TODAY, "recorded_by": cast.ana}
    Clearance.objects.create(
        clinic=cast.north, client=old, recorded_at=EDGE - timedelta(days=3), **entry
    )
    (found,) = past(cast.ada)
    assert found.last_entry == EDGE - timedelta(days=3)  # type: ignore[attr-defined]
    Clearance.objects.create(clinic=cast.north, client=old, recorded_at=EDGE, **entry)
    assert past(cast.ada) == []


def test_every_table_that_counts_is_of_a_client_and_has_its_moment(cast: Cast):
    for model, path, at in retention.ENTRIES:
        assert model in OWNED
        rows = model.objects.filter(**{path: cast.cal_client, f"{at}__gte": EDGE})
        assert rows.count() >= 0
    tables = {model.__name__ for model, _, _ in retention.ENTRIES}
    assert {"Visit", "Measurement", "SessionNote", "Document", "Consent", "Screening"} <= tables


def test_who_is_in_training_or_was_here_lately_is_never_there(cast: Cast):
    Client.objects.update(created_at=EDGE - timedelta(days=900))
    assert past(cast.ada) == []


def test_who_was_a_minor_is_kept_until_the_age_that_is_set(cast: Cast):
    young = came(cast.ana, born_on=date(2001, 3, 6), name="Yun G.")
    of_age = came(cast.ana, born_on=date(2001, 3, 5), name="Yan G.")
    assert past(cast.ada) == [of_age]
    assert young not in past(cast.ada)


def test_years_and_age_are_the_clinic_s_settings(cast: Cast):
    old = came(cast.ana)
    for years, age, found in ((7, 25, [old]), (10, 25, []), (7, 90, []), (7, 80, [old])):
        publish_rules(
            clinic=cast.north,
            rules=replace(DEFAULT_RULES, record_kept_years=years, minor_kept_until_age=age),
            inventory=DEFAULT_INVENTORY,
            by=cast.ada,
            reason="The law",
            now=NOW,
        )
        cast.ada.clinic.refresh_from_db()
        assert past(cast.ada) == found, (years, age)


def test_another_clinic_s_are_not_there(cast: Cast):
    came(cast.otto)
    assert past(cast.ada) == []


# --- decided --------------------------------------------------------------------------------------


def test_an_admin_reads_the_list_and_decides_and_nothing_is_deleted(cast: Cast):
    old = came(cast.ana)
    ada = browser(cast.ada)
    page = ada.get(LIST).text
    assert "Ola D." in page
    assert "Nothing is deleted by itself." in page
    assert ada.post(page_of(old), RELEASE).headers["Location"] == LIST
    made = RetentionDecision.objects.get()
    assert (made.client, made.kind, made.decided_by, made.until) == (
        *(old, "release", cast.ada),
        None,
    )
    assert (made.years, made.last_entry_on) == (7, date(2019, 2, 3))
    assert past(cast.ada) == []
    assert "Nobody asked for it." in ada.get(LIST).text
    assert Client.objects.filter(pk=old.pk).exists()
    client = Client.objects.select_related("clinic").get(pk=old.pk)
    assert [one["kind"] for one in read(client)["retention"].rows] == ["release"]


def test_one_that_is_kept_for_longer_comes_back_when_that_is_over(cast: Cast):
    old = came(cast.ana)
    assert browser(cast.ada).post(page_of(old), KEEP).status_code == 302
    assert past(cast.ada) == []
    for day, there in ((datetime(2030, 3, 1, 2, tzinfo=UTC), False), (None, True)):
        now = day or datetime(2030, 3, 2, 2, tzinfo=UTC)
        assert (old in retention.past(cast.ada, now)) is there


def test_that_it_may_be_deleted_is_taken_back_by_keeping_it(cast: Cast):
    old = came(cast.ana)
    ada = browser(cast.ada)
    ada.post(page_of(old), RELEASE)
    assert list(retention.released(cast.north, NOW)) == [old]
    page = ada.get(LIST).text
    assert "Take it back" in page
    assert "it was decided that it may be deleted" in ada.get(page_of(old)).text
    again = ada.post(page_of(old), RELEASE, follow=True)
    assert "Somebody has decided already." in again.text
    ada.post(page_of(old), KEEP)
    assert not retention.released(cast.north, NOW).exists()
    assert past(cast.ada) == []
    assert "Take it back" not in ada.get(LIST).text
    assert [one.kind for one in RetentionDecision.objects.all()] == ["keep", "release"]
    assert ada.get(page_of(old)).status_code == 404, "it is kept now"


def test_who_came_back_is_not_among_those_that_may_be_deleted_and_is_decided_on_anew(cast: Cast):
    old = came(cast.ana)
    retention.decide(
        client=old, kind="release", until=None, reason="Nobody asked.", by=cast.ada, now=NOW
    )
    back = NOW + timedelta(days=30)
    entry = {"cleared_by": "Dr L. H.", "cleared_on": TODAY, "recorded_by": cast.ana}
    Clearance.objects.create(clinic=cast.north, client=old, recorded_at=back, **entry)
    assert not retention.released(cast.north, back + timedelta(hours=1)).exists()
    later = back + timedelta(days=366 * 8)
    assert not retention.released(cast.north, later).filter(pk=old.pk).exists()
    assert old in retention.past(cast.ada, later)


def test_another_clinic_s_may_not_be_deleted_here(cast: Cast):
    other = came(cast.otto)
    RetentionDecision.objects.create(
        clinic=cast.harbor, client=other, kind="release", reason="x", last_entry_on=TODAY,
        years=7, decided_at=NOW, decided_by=cast.otto,
    )  # fmt: skip
    assert not retention.released(cast.north, NOW).exists()
    assert list(retention.released(cast.harbor, NOW)) == [other]


def test_a_mistake_is_said_beside_its_field_and_what_was_typed_stays(cast: Cast):
    old = came(cast.ana)
    ada = browser(cast.ada)
    for said, words in (
        ({"reason": "zzkept"}, "Choose one of the two."),
        ({**KEEP, "until": ""}, "Write until when it is kept."),
        ({**KEEP, "until": "5 March 2026"}, "This day is over."),
        ({**RELEASE, "reason": " "}, "Write why."),
    ):
        answer = ada.post(page_of(old), said)
        assert answer.status_code == 422
        assert words in answer.text
    assert "zzkept" in ada.post(page_of(old), {"reason": "zzkept"}).text
    assert not RetentionDecision.objects.exists()


def test_only_what_is_past_its_time_is_decided_on_and_only_once(cast: Cast):
    said = {"kind": "release", "until": None, "reason": "x", "by": cast.ada, "now": NOW}
    with pytest.raises(retention.NotPast):
        retention.decide(client=cast.cal_client, **said)
    old = came(cast.ana)
    retention.decide(client=old, **said)
    with pytest.raises(retention.NotPast):
        retention.decide(client=old, **said)
    for wrong in ({"kind": "gone"}, {"reason": " "}, {"until": TODAY}, {"kind": "keep"}):
        with pytest.raises(ValueError, match="A decision"):
            retention.decide(client=old, **{**said, **wrong})
    with pytest.raises(IntegrityError), transaction.atomic():
        RetentionDecision.objects.update(kind="keep")


def test_nobody_but_an_admin_reads_or_decides(cast: Cast):
    old = came(cast.ana)
    for who, code in ((cast.ana, 403), (cast.dee, 403), (cast.cal, 403), (cast.otto, 404)):
        for address in (LIST, page_of(old)):
            assert browser(who).get(address).status_code == code
        assert browser(who).post(page_of(old), RELEASE).status_code == code
    assert not RetentionDecision.objects.exists()


def test_the_list_asks_as_much_for_many_as_for_few(cast: Cast):
    ada = browser(cast.ada)
    came(cast.ana)
    ada.post(page_of(came(cast.ana)), RELEASE)
    ada.get(LIST)
    with CaptureQueriesContext(connection) as few:
        ada.get(LIST)
    for number in range(12):
        came(cast.ana, name=f"Ola {number}")
        ada.post(page_of(came(cast.ana, name=f"Una {number}")), RELEASE)
    with CaptureQueriesContext(connection) as many:
        ada.get(LIST)
    assert len(few) == len(many)
