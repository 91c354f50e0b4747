"""An end that was a mistake is taken back: the client goes on where she was."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from programs.models import Enrollment
from sessions import moving
from sessions.actions import Refused, say
from sessions.facts import standing_now
from sessions.models import StandingPlace, Visit
from tests.cast import NOW, TODAY, assign


@pytest.fixture
def ana(cast):
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


@pytest.fixture
def base(cast):
    return f"/c/north/clients/{cast.cal_client.pk}/"


def end(cast, now=NOW):
    return moving.end_enrollment(
        enrollment=cast.enrollment,
        status="withdrawn",
        kind="transfer",
        reason="Moved to Cairns",
        on=TODAY,
        by=cast.ana,
        now=now,
    )


def resume(cast, now=NOW):
    return moving.resume_enrollment(
        enrollment=cast.enrollment, reason="Wrong client", by=cast.ana, now=now
    )


def statuses(cast):
    return list(cast.enrollment.visits.order_by("during").values_list("status", flat=True))


def test_an_end_taken_back_leaves_the_client_where_she_was(cast):
    before = standing_now(cast.enrollment, clinic=cast.north, now=timezone.now()).targets
    visits, places = statuses(cast), StandingPlace.objects.filter(ends_on=None).count()
    end(cast)
    assert "released" in statuses(cast)
    back = resume(cast)
    assert (back.status, back.end_kind, back.end_reason) == ("active", "", "")
    assert statuses(cast) == visits
    assert StandingPlace.objects.filter(ends_on=None).count() == places
    assert cast.enrollment.tracks.get().ends_on is None
    after = standing_now(cast.enrollment, clinic=cast.north, now=timezone.now()).targets
    assert after == before
    said = cast.enrollment.decisions.exclude(kind="start")
    assert [(one.kind, one.reason) for one in said] == [
        ("end", "Moved to Cairns"),
        ("revoke", "Wrong client"),
    ]
    assert said[1].revokes == said[0]


def test_visits_that_passed_meanwhile_and_words_said_before_stay(cast):
    monday, thursday, after = cast.visits[1:4]
    say(visit=after, status="cancelled_client", by=cast.ana, why="At her sister's", now=NOW)
    end(cast)
    resume(cast, monday.ends_at + timedelta(hours=1))
    found = {one.pk: one.status for one in Visit.objects.all()}
    assert found[monday.pk] == "released"
    assert found[thursday.pk] == "planned"
    assert found[after.pk] == "cancelled_client"


def test_an_end_cannot_be_taken_back_while_another_program_runs(ana, cast, base):
    end(cast)
    assign(cast.cal_client, cast.ana)
    with pytest.raises(Refused, match="in another program now"):
        resume(cast)
    assert Enrollment.objects.get(pk=cast.enrollment.pk).status == "withdrawn"
    assert ana.get(base + "end/take-back/").status_code == 404


def test_what_has_not_ended_cannot_be_taken_back(ana, cast, base):
    with pytest.raises(Refused, match="no end to take back"):
        resume(cast)
    assert ana.get(base + "end/take-back/").status_code == 404


def test_the_end_is_taken_back_on_its_page_and_can_be_said_again(ana, cast, base):
    typed = {"status": "finished", "on": "5 March 2026", "reason": "All done"}
    for _ in range(2):
        ana.post(base + "end/", typed)
        assert "end/take-back/" in ana.get(base).content.decode()
        assert ana.post(base + "end/take-back/", {"reason": ""}).status_code == 422
        answer = ana.post(base + "end/take-back/", {"reason": "She comes on"})
        assert answer.url == base
        assert Enrollment.objects.get(pk=cast.enrollment.pk).status == "active"
        assert "end/take-back/" not in ana.get(base).content.decode()


def test_only_therapists_of_the_clinic_take_an_end_back(cast, base):
    end(cast)
    for who, status in ((cast.ada, 403), (cast.cal, 403), (cast.otto, 404)):
        browser = Browser()
        browser.force_login(who.user)
        assert browser.get(base + "end/take-back/").status_code == status
        assert browser.post(base + "end/take-back/", {"reason": "x"}).status_code == status
    assert Enrollment.objects.get(pk=cast.enrollment.pk).status == "withdrawn"


def test_why_she_withdrew_is_said_and_only_of_a_withdrawal(ana, cast, base):
    typed = {"status": "withdrawn", "on": "5 March 2026", "reason": "Her knee", "kind": "health"}
    ana.post(base + "end/", typed)
    assert Enrollment.objects.get(pk=cast.enrollment.pk).end_kind == "health"
    assert "Health, not from training: Her knee" in ana.get(base).content.decode()
    ana.post(base + "end/take-back/", {"reason": "She comes on"})
    ana.post(base + "end/", {**typed, "status": "finished", "reason": "All done"})
    assert Enrollment.objects.get(pk=cast.enrollment.pk).end_kind == ""


def test_what_was_picked_of_a_withdrawal_is_kept_when_something_else_is_wrong(ana, cast, base):
    typed = {"status": "withdrawn", "on": "5 March 2026", "reason": "", "kind": "silent"}
    answer = ana.post(base + "end/", typed)
    assert answer.status_code == 422
    assert answer.context["form"]["kind"].value() == "silent"
