"""The list of flags: whose, in what order, filtered, paged by client, with what may be done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from bonefit.context import open_flags
from programs.models import Enrollment
from sessions import flag_list, flag_work
from sessions.flag_list import Shown
from sessions.models import Flag, Slot, Supervision
from tests.cast import NOW, TODAY, Cast, assign, enroll
from tests.sessions.flagged import raise_flag

HTMX = {"HX-Request": "true"}
FLAGS = "/c/north/flags/"
HOUR = timedelta(hours=1)


@pytest.fixture
def ana(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ana.user)
    return client


def heads(browser: Browser, query: str = "") -> list[str]:
    """The headlines of the list, in order."""
    rows = browser.get(f"{FLAGS}{query}").context["rows"]
    return [row.words.headline for row in rows]


def slot_of_class(cast: Cast, room: str = "Room 2") -> Slot:
    return Slot.objects.create(
        clinic=cast.north,
        room=room,
        starts_at=NOW + 26 * HOUR,
        ends_at=NOW + 27 * HOUR,
        capacity=6,
    )


# --- order and groups ----------------------------------------------------------------------------


def test_clients_stand_by_their_worst_flag_and_then_by_its_age(cast: Cast, ana: Browser):
    raise_flag(cast.enrollment, "stalled", "info", headline="old", now=NOW - 90 * HOUR)
    raise_flag(cast.enrollment, "interrupted", "amber", headline="amber", now=NOW - 3 * HOUR)
    raise_flag(cast.cam_enrollment, "interrupted", "amber", headline="older", now=NOW - 9 * HOUR)
    raise_flag(cast.cam_enrollment, "lapsed", "red", headline="red", now=NOW - HOUR)

    assert heads(ana) == ["red", "older", "amber", "old"]


def test_all_that_is_open_about_a_client_stands_together(cast: Cast, ana: Browser):
    raise_flag(cast.enrollment, "stalled", "info", headline="a")
    raise_flag(cast.cam_enrollment, "lapsed", "amber", headline="b")
    raise_flag(cast.enrollment, "interrupted", "red", headline="c")

    groups = ana.get(FLAGS).context["groups"]

    assert [(group.client.name, len(group.rows)) for group in groups] == [
        ("Cal P.", 2),
        ("Cam Q.", 1),
    ]


def test_a_page_never_tears_a_client_apart(cast: Cast, ana: Browser, monkeypatch: Any):
    monkeypatch.setattr(flag_list, "GROUPS_ON_A_PAGE", 1)
    raise_flag(cast.enrollment, "stalled", headline="a", now=NOW - 2 * HOUR)
    raise_flag(cast.enrollment, "lapsed", headline="b")
    raise_flag(cast.cam_enrollment, "lapsed", headline="c", now=NOW - HOUR)

    first = ana.get(f"{FLAGS}?severity=amber")

    assert [row.words.headline for row in first.context["rows"]] == ["a", "b"]
    assert "?severity=amber&amp;page=2" in first.text
    assert heads(ana, "?severity=amber&page=2") == ["c"]


def test_severity_is_said_by_a_word_beside_the_mark(cast: Cast, ana: Browser):
    raise_flag(cast.enrollment, "lapsed", "red", now=NOW - 50 * HOUR)
    assert "Red, open 2 days" in ana.get(FLAGS).text


# --- whose ---------------------------------------------------------------------------------------


def mine_of(member: Any) -> set[str]:
    found = Flag.objects.visible_to(member).filter(flag_list.mine(member))
    return {flag.evidence["headline"] for flag in found}


def test_mine_is_what_was_handed_to_me_or_else_is_about_a_client_of_mine(cast: Cast):
    raise_flag(cast.enrollment, "lapsed", headline="Ana's client")
    raise_flag(cast.cam_enrollment, "lapsed", headline="Tess's client")
    handed = raise_flag(cast.cam_enrollment, "stalled", headline="handed to Ana")
    flag_work.hand_over(flag=handed, by=cast.tess, to=cast.ana, why="Please", now=NOW)

    assert mine_of(cast.ana) == {"Ana's client", "handed to Ana"}
    assert mine_of(cast.tess) == {"Tess's client"}


def test_a_class_is_its_supervisors_and_what_nobody_has_is_everybodys(cast: Cast):
    supervised, alone = slot_of_class(cast), slot_of_class(cast, "Room 3")
    Supervision.objects.create(clinic=cast.north, slot=supervised, member=cast.tess)
    for slot, words in ((supervised, "Tess's class"), (alone, "nobody's class")):
        raise_flag(
            cast.north,
            "group_too_big",
            subject=str(slot.pk),
            headline=words,
            rows={"slot_id": slot.pk},
        )
    papers = {"member_id": cast.ana.pk}
    raise_flag(cast.north, "supervisor", headline="papers", rows=papers)

    assert mine_of(cast.ana) == {"nobody's class", "papers"}
    assert mine_of(cast.tess) == {"Tess's class", "nobody's class", "papers"}


def test_a_flag_about_a_class_or_a_supervisor_needs_no_client(cast: Cast, ana: Browser):
    slot = slot_of_class(cast)
    raise_flag(
        cast.north,
        "group_too_big",
        "red",
        headline="has nine with one supervisor",
        rows={"slot_id": slot.pk},
    )
    raise_flag(
        cast.north, "supervisor", headline="has no first aid", rows={"member_id": cast.tess.pk}
    )

    html = ana.get(FLAGS).text

    assert "Room 2, Friday 6 March, 14:00:</a> has nine with one supervisor" in html
    assert "Tess T. has no first aid" in html
    assert f"/c/north/classes/{slot.pk}/" in html
    assert ana.get("/c/north/today/").status_code == 200
    assert ana.get("/c/north/clients/").status_code == 200


# --- filters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?severity=red", ["gone"]),
        ("?severity=amber", ["still"]),
        ("?about=coming", ["gone"]),
        ("?about=lifts", ["still"]),
        ("?about=lifts&severity=red", []),
        ("?severity=purple&about=nothing&page=x", ["gone", "still"]),
    ],
)
def test_the_list_is_narrowed_by_severity_and_by_what_it_is_about(
    cast: Cast, ana: Browser, query: str, found: list[str]
):
    raise_flag(cast.enrollment, "lapsed", "red", headline="gone")
    raise_flag(cast.enrollment, "stalled", "amber", headline="still")
    assert heads(ana, query) == found


def test_every_kind_is_in_one_group_of_the_filter():
    grouped = [kind for _, kinds in flag_list.ABOUT.values() for kind in kinds]
    assert sorted(grouped) == sorted(Flag.Kind)


def test_the_filter_survives_an_answer(cast: Cast, ana: Browser):
    flag = raise_flag(cast.enrollment, "lapsed", "red")
    query = "whose=mine&severity=red&about=coming"
    response = ana.post(f"{FLAGS}{flag.pk}/resolve/?{query}", {"resolution": "called"})
    assert response["Location"] == f"{FLAGS}?{query}"


def test_an_address_says_what_is_shown_and_nothing_else():
    shown = Shown.read({"whose": "mine", "severity": "red", "next": "//evil", "page": "2"})
    assert shown.query() == "whose=mine&severity=red&page=2"


# --- put off -------------------------------------------------------------------------------------


def put_off(cast: Cast, flag: Flag, until: date) -> None:
    flag_work.put_off(flag=flag, by=cast.ana, until=until, why="Holiday", now=NOW)


def test_what_is_put_off_is_hidden_counted_nowhere_and_one_tap_away(cast: Cast, ana: Browser):
    flag = raise_flag(cast.enrollment, "lapsed", headline="gone")
    put_off(cast, flag, TODAY + timedelta(days=7))

    html = ana.get(FLAGS).text

    assert "Needs attention, 0" in html
    assert f'href="{FLAGS}?put_off=1">1 put off</a>' in html
    assert open_flags(cast.ana) == 0
    assert heads(ana, "?put_off=1") == ["gone"]
    assert "put off until 12 March" in ana.get(f"{FLAGS}?put_off=1").text


def test_it_is_back_on_its_day(cast: Cast):
    flag = raise_flag(cast.enrollment, "lapsed")
    put_off(cast, flag, TODAY + timedelta(days=1))
    assert not flag_list.to_act_on(cast.ana, TODAY).exists()
    assert flag_list.to_act_on(cast.ana, TODAY + timedelta(days=1)).exists()


def test_putting_off_from_the_list_comes_back_wrong_with_what_was_typed(cast: Cast, ana: Browser):
    flag = raise_flag(cast.enrollment, "lapsed")
    typed = {"until": "1 March 2026", "why": "She asked for it"}

    response = ana.post(f"{FLAGS}{flag.pk}/put-off/", typed, headers=HTMX)

    assert response.status_code == 422
    html = response.text
    assert "Choose a day after today, up to 2 April 2026." in html
    assert 'value="1 March 2026"' in html
    assert 'value="She asked for it"' in html
    assert html.count('<details class="resolve" open>') == 1


def test_putting_off_and_taking_up_again_from_the_list(cast: Cast, ana: Browser):
    flag = raise_flag(cast.enrollment, "lapsed")
    typed = {"until": "12 March 2026", "why": "Holiday"}

    html = ana.post(f"{FLAGS}{flag.pk}/put-off/", typed, headers=HTMX).text
    assert "Lapsed: put off until 12 March 2026." in html
    assert "1 put off" in html

    html = ana.post(f"{FLAGS}{flag.pk}/take-up/?put_off=1", headers=HTMX).text
    assert "Lapsed: taken up again." in html
    assert "Needs attention, 1" in html


# --- good news -----------------------------------------------------------------------------------


def test_good_news_stands_beside_and_asks_for_nothing(cast: Cast, ana: Browser):
    flag = raise_flag(
        cast.enrollment,
        "clean_weeks",
        "good",
        headline="had five clean weeks",
        detail="All lifts.",
    )

    html = ana.get(FLAGS).text
    assert "Needs attention, 0" in html
    assert "Cal P.</a> had five clean weeks" in html
    assert open_flags(cast.ana) == 0

    html = ana.post(f"{FLAGS}{flag.pk}/resolve/", {"resolution": "seen"}, headers=HTMX).text
    assert "Clean weeks: seen." in html
    flag.refresh_from_db()
    assert (flag.resolution, flag.resolved_by) == ("seen", cast.ana)


# --- what may be done ----------------------------------------------------------------------------


def deeds(browser: Browser, query: str = "") -> list[str]:
    row = browser.get(f"{FLAGS}{query}").context["rows"][0]
    return [deed.word for deed in row.deeds]


def test_the_evidence_may_suggest_other_actions_than_the_rule(cast: Cast, ana: Browser):
    raise_flag(cast.enrollment, "stalled", actions=["adjust", "refer", "later"])
    assert deeds(ana) == ["Adjust the plan", "Write a letter", "Later"]


def test_there_are_never_more_than_three(cast: Cast, ana: Browser):
    raise_flag(cast.enrollment, "stalled", actions=["call", "adjust", "refer", "make_up", "later"])
    assert deeds(ana) == ["Called", "Adjust the plan", "Write a letter"]


def test_each_action_leads_to_a_page_that_is_there(cast: Cast, ana: Browser):
    every = ["make_up", "adjust", "refer", "intake", "measure", "sign"]
    for number in range(0, len(every), 3):
        Flag.objects.all().delete()
        raise_flag(cast.enrollment, "tests_due", actions=every[number : number + 3])
        row = ana.get(FLAGS).context["rows"][0]
        assert len(row.deeds) == 3
        for deed in row.deeds:
            assert ana.get(deed.href).status_code == 200, deed


def test_one_tap_says_that_somebody_spoke_with_her(cast: Cast, ana: Browser):
    cast.cal_client.phone = "07 5550 0134"
    cast.cal_client.save()
    flag = raise_flag(cast.enrollment, "lapsed", actions=["call"])

    html = ana.get(FLAGS).text
    assert 'href="tel:0755500134"' in html
    assert 'name="resolution" value="called">Called' in html

    html = ana.post(f"{FLAGS}{flag.pk}/resolve/", {"resolution": "called"}, headers=HTMX).text
    assert "Lapsed: spoke with the client." in html


def test_the_admin_reads_the_list_and_has_no_buttons(cast: Cast, client: Browser):
    raise_flag(cast.enrollment, "lapsed", "red")
    raise_flag(cast.enrollment, "clean_weeks", "good", headline="had clean weeks")
    client.force_login(cast.ada.user)

    html = client.get(FLAGS).text
    main = html[html.index('<main id="main"') :]

    assert "missed 3 in a row" in main
    assert "/resolve/" not in main
    assert "/put-off/" not in main
    assert "/flags/read/" not in main


# --- focus and reading ---------------------------------------------------------------------------


def test_after_an_answer_the_focus_is_on_the_flag_that_took_its_place(cast: Cast, ana: Browser):
    first = raise_flag(cast.enrollment, "lapsed", now=NOW - HOUR)
    then = raise_flag(cast.cam_enrollment, "lapsed")
    page = ana.get(FLAGS).text
    assert f'name="next" value="{then.pk}"' in page

    sent = {"resolution": "called", "next": str(then.pk)}
    html = ana.post(f"{FLAGS}{first.pk}/resolve/", sent, headers=HTMX).text

    assert f'id="flag-{then.pk}" tabindex="-1" data-focus' in html
    assert html.count("data-focus") == 1


def test_without_htmx_the_page_comes_back_at_the_next_flag(cast: Cast, ana: Browser):
    first = raise_flag(cast.enrollment, "lapsed")
    sent = {"resolution": "called", "next": "77"}
    response = ana.post(f"{FLAGS}{first.pk}/resolve/", sent)
    assert response["Location"] == f"{FLAGS}#flag-77"


def test_the_red_ones_that_a_therapist_has_before_her_are_read(cast: Cast, ana: Browser):
    red = raise_flag(cast.enrollment, "lapsed", "red")
    amber = raise_flag(cast.enrollment, "stalled", "amber")

    html = ana.get(FLAGS).text
    assert f'<input type="hidden" name="flag" value="{red.pk}">' in html
    assert f'name="flag" value="{amber.pk}"' not in html

    sent = {"flag": [str(red.pk), "x"]}
    assert ana.post(f"{FLAGS}read/", sent, headers=HTMX).status_code == 204
    assert ana.post(f"{FLAGS}read/", sent)["Location"] == FLAGS
    red.refresh_from_db()
    assert red.seen_by == cast.ana
    assert f'name="flag" value="{red.pk}"' not in ana.get(FLAGS).text


# --- queries -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [3, 60])
def test_the_list_asks_the_same_of_3_and_of_60_flags(cast: Cast, ana: Browser, number: int):
    several = [cast.enrollment, cast.cam_enrollment]
    several += [_further(cast, one) for one in range(2)]
    kinds = [kind for kind in Flag.Kind if kind not in ("missed", "locked")]
    made = 0
    for kind in kinds:
        for enrollment in several:
            if made < number:
                raise_flag(enrollment, kind, "red" if made % 2 else "amber")
                made += 1
    ana.get(FLAGS)  # rules are read once a process
    with CaptureQueriesContext(connection) as queries:
        rows: Any = ana.get(FLAGS).context["rows"]
    assert len(rows) == number
    # One more than without anybody whose weeks are drawn.
    weeks = sum("training_visit" in one["sql"] and "flag" not in one["sql"] for one in queries)
    assert len(queries) - weeks == 11


def _further(cast: Cast, number: int) -> Enrollment:
    client = enroll(cast.ana, f"Fay {number}")
    return assign(client, cast.ana, starts_on=TODAY, weekdays=(1,), now=NOW)
