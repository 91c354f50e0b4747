"""Who has no licence or first aid any more cannot sign for a class; what was logged is kept."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from bonefit.clinics import credentials
from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import Credential, Membership
from sessions import actions, noting, sync
from sessions.models import SessionNote, SetEntry, Visit
from tests.cast import NOW, TODAY, Cast, log_op
from tests.doors import browser

YESTERDAY = TODAY - timedelta(days=1)
LATER = TODAY + timedelta(days=400)
NEXT_DAY = NOW + timedelta(days=1)


def show(member: Membership, **said: Any) -> Credential:
    """What a member has shown; all in order unless said otherwise."""
    return credentials.record(
        **{
            "member": member,
            "profession": "Physiotherapist",
            "licence": "P 12",
            "jurisdiction": "Queensland",
            "expires_on": LATER,
            "first_aid_until": LATER,
            "insured_until": None,
            "trained_on": None,
            "by": member,
            "now": NOW,
            **said,
        }
    )


def complete(cast: Cast, *, by: Membership | None = None, now: datetime = NOW) -> sync.Result:
    op = sync.Op(uuid.uuid4(), "complete", cast.visit.uid, made_at=NOW, payload={})
    return sync.apply([op], by=by or cast.ana, now=now)[0]


@pytest.fixture
def lifted(cast: Cast) -> Cast:
    cast.log_all(cast.visit)
    return cast


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"expires_on": YESTERDAY}, "the licence ran out on 4 March 2026"),
        ({"first_aid_until": YESTERDAY}, "the first aid ran out on 4 March 2026"),
        (
            {"expires_on": YESTERDAY, "first_aid_until": YESTERDAY},
            "the licence ran out on 4 March 2026 and first aid ran out on 4 March 2026",
        ),
    ],
)
def test_who_has_none_any_more_cannot_sign_and_is_told_what_to_do(
    lifted: Cast, said: dict[str, date], words: str
) -> None:
    show(lifted.ana, **said)
    result = complete(lifted)
    assert result.outcome == "refused"
    assert result.reason.startswith(f"Ana T. cannot sign: {words}. Another supervisor may sign;")
    assert Visit.objects.get(pk=lifted.visit.pk).completed_by is None


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"expires_on": TODAY, "first_aid_until": TODAY},
        {"first_aid_until": None},
        {"insured_until": YESTERDAY},
    ],
)
def test_on_the_last_day_and_with_nothing_but_the_insurance_gone_she_signs(
    lifted: Cast, said: dict[str, Any]
) -> None:
    show(lifted.ana, **said)
    assert complete(lifted).outcome == "applied"


def test_who_never_had_one_recorded_signs(lifted: Cast) -> None:
    assert complete(lifted).outcome == "applied"


def test_it_is_judged_by_the_day_of_signing_on_the_clinics_wall(lifted: Cast) -> None:
    show(lifted.ana, expires_on=TODAY)
    # 23:59 in Brisbane is 13:59 in Greenwich.
    last_minute = datetime(2026, 3, 5, 13, 59, tzinfo=UTC)
    assert complete(lifted, now=last_minute + timedelta(minutes=1)).outcome == "refused"
    assert complete(lifted, now=last_minute).outcome == "applied"


def test_another_supervisor_may_sign(lifted: Cast) -> None:
    show(lifted.ana, expires_on=YESTERDAY)
    assert complete(lifted).outcome == "refused"
    assert complete(lifted, by=lifted.tess).outcome == "applied"


def test_once_the_new_one_is_recorded_she_signs(lifted: Cast) -> None:
    show(lifted.ana, expires_on=YESTERDAY)
    show(lifted.ana, expires_on=LATER)
    assert complete(lifted).outcome == "applied"
    show(lifted.ana, expires_on=YESTERDAY, licence="P 13")
    assert Credential.objects.filter(member=lifted.ana).count() == 3


def test_a_set_is_logged_all_the_same_beside_the_signature_that_is_refused(cast: Cast) -> None:
    """A tablet sends both at once, from a class without a network."""
    show(cast.ana, expires_on=YESTERDAY)
    done = sync.Op(uuid.uuid4(), "complete", cast.visit.uid, made_at=NOW, payload={})
    results = sync.apply([log_op(cast.visit), done], by=cast.ana, now=NOW)
    assert [one.outcome for one in results] == ["applied", "refused"]
    assert SetEntry.objects.filter(visit=cast.visit).count() == 1


def test_what_was_signed_in_time_stays_when_it_is_sent_again(lifted: Cast) -> None:
    op = sync.Op(uuid.uuid4(), "complete", lifted.visit.uid, made_at=NOW, payload={})
    assert sync.apply([op], by=lifted.ana, now=NOW)[0].outcome == "applied"
    show(lifted.ana, expires_on=YESTERDAY)
    assert sync.apply([op], by=lifted.ana, now=NOW)[0].outcome == "applied"


def test_a_held_signature_is_judged_alike(lifted: Cast) -> None:
    show(lifted.ana, expires_on=YESTERDAY)
    op = sync.Op(uuid.uuid4(), "complete", lifted.visit.uid, made_at=NOW, payload={})
    result = sync.apply_held(op, author=lifted.ana, decided_by=lifted.ada, now=NOW)
    assert (result.outcome, "cannot sign" in result.reason) == ("refused", True)


def test_on_the_page_of_the_visit_it_is_said(lifted: Cast) -> None:
    show(lifted.ana, expires_on=YESTERDAY)
    ana = browser(lifted, "ana")
    page = ana.post(f"/c/north/visits/{lifted.visit.uid}/complete/", follow=True)
    assert "Ana T. cannot sign: the licence ran out" in page.content.decode()
    assert Visit.objects.get(pk=lifted.visit.pk).completed_by is None


def test_a_note_is_not_signed_and_what_was_typed_is_kept(lifted: Cast) -> None:
    actions.complete_visit(visit=lifted.visit, by=lifted.tess, now=NOW)
    show(lifted.ana, first_aid_until=YESTERDAY)
    uid = lifted.visit.uid
    (page,) = noting.pages_of(
        [noting.floor_of(lifted.ana).get(uid=uid)], member=lifted.ana, now=NOW
    )
    said = noting.Said(uid, 0, page.draft.seal, "In my words.", None)
    told = noting.sign([said], by=lifted.ana, now=NOW)[uid]
    assert told.told.startswith("Ana T. cannot sign: the first aid ran out")
    assert told.assessment == "In my words."
    assert not SessionNote.objects.exists()
    assert not noting.sign([said], by=lifted.tess, now=NOW)[uid].told


def test_a_whole_class_asks_once(cast: Cast, django_assert_max_num_queries: Any) -> None:
    show(cast.ana, expires_on=YESTERDAY)
    asked = 'FROM "clinics_credential"'
    cast.log_all(cast.visit)
    ops = [
        sync.Op(uuid.uuid4(), "complete", cast.visit.uid, made_at=NOW, payload={}) for _ in range(9)
    ]
    with django_assert_max_num_queries(40) as queries:
        sync.apply(ops, by=cast.ana, now=NOW)
    assert sum(asked in one["sql"] for one in queries.captured_queries) == 1
    with django_assert_max_num_queries(40) as queries:
        cast.log(cast.visit, "squat")
    assert not any(asked in one["sql"] for one in queries.captured_queries)


# --- the admin's page -----------------------------------------------------------------------------
@pytest.fixture
def ada(cast: Cast) -> Browser:
    return browser(cast, "ada")


PAGE = "/c/north/settings/credentials/"


def test_what_ran_out_and_what_soon_will_stands_on_top(ada: Browser, cast: Cast) -> None:
    show(cast.ana, expires_on=TODAY + timedelta(days=61), first_aid_until=LATER)
    page = ada.get(PAGE).content.decode()
    assert page.index("Never recorded") < page.index("In order") < page.index("Ana T.", 3000)
    show(cast.ana, expires_on=TODAY + timedelta(days=60))
    page = ada.get(PAGE).content.decode()
    assert "Runs out" in page
    assert "In order" not in page
    show(cast.tess, first_aid_until=YESTERDAY)
    page = ada.get(PAGE).content.decode()
    assert page.index("Tess T.") < page.index("Runs out")
    assert "first aid, 4 March 2026. Cannot sign for a class." in page


@pytest.mark.parametrize("page", ["/c/north/settings/", "/c/north/reports/adherence/"])
def test_the_admin_is_told_where_her_day_begins(ada: Browser, cast: Cast, page: str) -> None:
    assert "Supervisors’ credentials</a>: 2 to see to" in ada.get(page).content.decode()
    show(cast.ana)
    for gone in ("expires_on", "first_aid_until", "insured_until"):
        show(cast.tess, **{gone: TODAY + timedelta(days=60)})
        assert "credentials</a>: 1 to see to" in ada.get(page).content.decode(), gone
    show(cast.tess, expires_on=TODAY + timedelta(days=61))
    assert "to see to" not in ada.get(page).content.decode()


def test_recording_appends_and_the_newest_is_in_force(ada: Browser, cast: Cast) -> None:
    url = f"{PAGE}{cast.ana.pk}/"
    sent = {
        "profession": "Physiotherapist",
        "licence": "P 12",
        "jurisdiction": "Queensland",
        "expires_on": "1 May 2027",
        "first_aid_until": "1 April 2026",
        "trained_on": "3 June 2024",
    }
    assert ada.post(url, sent).status_code == 302
    assert ada.post(url, sent).status_code == 302  # a second tap
    assert ada.post(url, {**sent, "first_aid_until": "1 April 2029"}).status_code == 302
    first, second = Credential.objects.filter(member=cast.ana).order_by("pk")
    assert (first.first_aid_until, second.first_aid_until) == (date(2026, 4, 1), date(2029, 4, 1))
    assert (second.recorded_by, second.trained_on) == (cast.ada, date(2024, 6, 3))
    assert "first aid until 1 April 2026" in ada.get(url).content.decode()


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"profession": ""}, "profession", "Write the profession."),
        ({"expires_on": ""}, "expires_on", "Write the last day of the licence."),
        ({"expires_on": "31 February 2027"}, "expires_on", "has 28 days"),
        ({"expires_on": "1 May 2127"}, "expires_on", "more than 20 years off"),
        ({"trained_on": "6 March 2026"}, "trained_on", "still to come"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    ada: Browser, cast: Cast, said: dict[str, str], field: str, words: str
) -> None:
    sent = {
        "profession": "Physiotherapist",
        "licence": "P 12",
        "jurisdiction": "Queensland",
        "expires_on": "1 May 2027",
        **said,
    }
    response = ada.post(f"{PAGE}{cast.ana.pk}/", sent)
    page = response.content.decode()
    assert response.status_code == 422
    beside = page[page.index(f'id="id_{field}_error"') :]
    assert words in beside[: beside.index("</div>")]
    assert 'value="P 12"' in page
    assert not Credential.objects.exists()


def test_only_those_who_supervise_here_have_credentials(ada: Browser, cast: Cast) -> None:
    for who in (cast.dee, cast.cal, cast.otto, cast.lea, cast.ada):
        assert ada.get(f"{PAGE}{who.pk}/").status_code == 404


def test_the_page_costs_the_same_for_two_as_for_twelve(
    ada: Browser, cast: Cast, django_assert_num_queries: Any
) -> None:
    ada.get(PAGE)
    with django_assert_num_queries(8):
        ada.get(PAGE)
    for number in range(10):
        more = add_member(
            clinic=cast.north, email=f"t{number}@x.org", name=f"T{number}", roles=[Role.THERAPIST]
        )
        show(more)
    with django_assert_num_queries(8):
        ada.get(PAGE)
