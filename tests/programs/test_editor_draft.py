"""A draft is written in the browser: nothing typed is lost, and every slip is explained."""

import re

from programs.models import Program, ProgramDraft, ProgramVersion
from tests.programs.editing import editor

FIRST = "phases-0-prescriptions-0"
WORDS = "Set by the clinic on 5 March 2026."


def said(answer, sentence, times=None):
    """The sentence stands beside its field and in the summary above the form."""
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(sentence) == (times or 2), sentence
    return page


def test_a_draft_begins_as_the_newest_version_and_there_is_one_only(writer, cast):
    draft = writer.start()
    assert (draft.base.number, draft.updated_by, draft.revision) == (1, cast.ana, 1)
    assert [phase["code"] for phase in draft.content["phases"]] == [
        "INTRO",
        "BUILD",
        "LOAD",
        "MAINTAIN",
    ]
    tess = editor(cast.tess)
    assert tess.start() == draft
    assert ProgramDraft.objects.count() == 1


def test_asking_for_a_page_never_begins_a_draft(writer):
    answer = writer.browser.get(writer.url("draft/edit/"))
    assert answer.url == writer.url()
    assert writer.browser.get(writer.url("draft/compare/")).url == writer.url()
    assert writer.browser.get(writer.url("draft/")).status_code == 405
    assert not ProgramDraft.objects.exists()


def test_sending_the_form_as_it_came_changes_nothing(drafting):
    before = drafting.content
    answer = drafting.send()
    assert answer.url == drafting.url("draft/edit/")
    assert drafting.content == before
    assert drafting.draft.revision == 2


def test_each_number_stands_with_its_default_tag_and_basis(drafting):
    page = drafting.page()
    field = page.split(f'id="id_{FIRST}-sets"')[1].split("</div>\n")[0]
    assert "Default 5." in field
    assert '<abbr title="design default, no published value">D</abbr>' in field
    assert f'aria-describedby="id_{FIRST}-sets_helptext"' in page
    assert f'id="id_{FIRST}-sets_helptext"' in page


def test_an_edited_number_is_the_clinics_and_its_default_stays_readable(drafting):
    before = drafting.line()["sets"]
    drafting.send(**{f"{FIRST}-sets": "4"})
    now = drafting.line()["sets"]
    assert (now["value"], now["tag"], now["basis"], now["was"]) == (4, "D", WORDS, before)
    field = drafting.page().split(f'id="id_{FIRST}-sets_helptext"')[1].split("</div>")[0]
    assert field.index(WORDS) < field.index("Default 5.")
    drafting.send(**{f"{FIRST}-sets": "5"})
    assert drafting.line()["sets"] == before


WRONG = [
    ({f"{FIRST}-sets": "many"}, "Write a whole number from 1 to 20."),
    ({f"{FIRST}-reps": ""}, "Write reps, or the seconds of a set."),
    ({f"{FIRST}-reps": "8", f"{FIRST}-reps_top": "6"}, "At least 8, where the range begins."),
    ({f"{FIRST}-effort_low": "15"}, "At least 15, where the band begins."),
    ({f"{FIRST}-lift": "swim"}, "Choose an exercise from the list."),
    ({f"{FIRST}-lift": "squat"}, "This exercise stands in the phase already. Choose another."),
    (
        {
            f"{FIRST}-rule": "percent",
            f"{FIRST}-from": "60",
            f"{FIRST}-to": "105",
            f"{FIRST}-step": "5",
        },
        "Write a whole number from 1 to 100 %.",
    ),
    ({"phases-1-first_week": "4"}, "The phase before ends in week 4. Begin in week 5."),
    ({"phases-1-code": "intro"}, "Another phase has this code already."),
    ({"weeks": "30"}, "The program has 30 weeks."),
    ({"name": ""}, "Write a name."),
]


def test_what_cannot_be_published_is_explained_and_kept_as_it_was_typed(drafting):
    as_it_came = drafting.form()
    for number, (typed, sentence) in enumerate(WRONG, start=1):
        words = f"In our words, {number}"
        body = {**as_it_came, "summary": words, **typed, "revision": str(number)}
        page = said(drafting.send(body=body), sentence, 4 if "30 weeks" in sentence else 2)
        assert "Saved as a draft, not ready to publish." in page
        assert f'value="{words}"' in page
        assert 'aria-invalid="true"' in page
        for name, text in typed.items():
            control = page.split(f'name="{name}"')[1].split("</select>")[0]
            assert f'value="{text}"' in control or not text, name
        assert drafting.content["summary"] == words
    # Looked at again, the draft says the same; without being asked it does not nag.
    assert sentence in drafting.page("draft/edit/?check")
    assert sentence not in drafting.page()


def test_a_draft_of_nothing_is_kept_and_explained(drafting):
    for _ in range(4):
        drafting.send("remove phases-0")
    assert drafting.content["phases"] == []
    said(drafting.send(), "A program needs at least one phase. Add one.")


def test_exercises_and_phases_are_added_moved_and_removed_and_all_that_was_typed_stays(drafting):
    typed = {"summary": "Mine", f"{FIRST}-rest_seconds": "later"}
    answer = drafting.send("down phases-0-prescriptions-0", **typed)
    assert answer.url.endswith("?at=phases-0-prescriptions-1#phases-0-prescriptions-1")
    assert [line["lift"] for line in drafting.content["phases"][0]["prescriptions"]][:2] == [
        "squat",
        "hinge",
    ]
    moved = drafting.line(at=1)["rest_seconds"]
    assert (moved["value"], drafting.content["summary"]) == ("later", "Mine")

    answer = drafting.send("add phases-0")
    assert "at=phases-0-prescriptions-4&new" in answer.url
    assert "<details open>" in drafting.browser.get(answer.url).content.decode()
    body = drafting.form(**{"phases-0-prescriptions-4-lift": "row"})
    drafting.send("up phases-0-prescriptions-4", body=body)
    assert drafting.line(at=3)["lift"] == "row"
    drafting.send("remove phases-0-prescriptions-3")
    assert len(drafting.content["phases"][0]["prescriptions"]) == 4

    drafting.send("add-phase")
    added = drafting.content["phases"][4]
    assert [line["lift"] for line in added["prescriptions"]] == [
        line["lift"] for line in drafting.content["phases"][3]["prescriptions"]
    ]
    assert added["prescriptions"][0]["sets"]["basis"] == WORDS
    drafting.send("up phases-4", **{"phases-4-code": "EXTRA", "phases-4-name": "Extra"})
    assert [phase["code"] for phase in drafting.content["phases"]][3:] == ["EXTRA", "MAINTAIN"]
    keys = re.findall(r'-key" value="(\w+)"', drafting.page())
    assert len(keys) == len(set(keys)) > 20


def test_a_button_that_means_nothing_only_saves(drafting):
    before = drafting.content
    for do in ("up phases-9", "remove x-1", "down phases-0-prescriptions-99", "fly", "up", ""):
        assert drafting.send(do).status_code == 302
    assert drafting.content == before


def test_a_new_exercise_gets_the_one_it_aims_at_and_the_sessions_follow_the_weeks(drafting):
    drafting.send("add phases-3")
    typed = {"lift": "chest", "sets": "2", "reps": "8", "effort_low": "13", "effort_high": "15"}
    drafting.send(
        **{f"phases-3-prescriptions-4-{name}": text for name, text in typed.items()},
        frequency="3",
    )
    aims = {aim["lift"]: aim["exercise"] for aim in drafting.content["lifts"]}
    assert aims["hinge"] == "deadlift"
    assert aims["chest"]
    assert drafting.content["sessions"]["value"] == 105


def test_two_editors_do_not_overwrite_each_other(drafting, cast):
    tess = editor(cast.tess)
    late = drafting.form(**{f"{FIRST}-sets": "3", "summary": "Anas words"})
    tess.send(**{f"{FIRST}-sets": "4"})

    answer = drafting.send(body=late)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Tess T. saved this draft at 12:00 while you were typing." in page
    assert 'value="Anas words"' in page
    changes = re.findall(r"<del>(.*?)</del>.*?<ins>(.*?)</ins>", page, re.S)
    assert ("4", "3") in changes
    assert tess.line()["sets"]["value"] == 4

    again = drafting.send(body={**late, "revision": "2"})
    assert again.status_code == 302
    assert drafting.line()["sets"]["value"] == 3
    assert drafting.line()["sets"]["was"]["value"] == 5


def test_what_is_typed_into_a_draft_that_was_published_meanwhile_begins_a_new_one(drafting, cast):
    body = drafting.form(summary="Still typing")
    drafting.send(**{f"{FIRST}-sets": "4"})
    drafting.publish()

    answer = drafting.send(body=body)
    page = answer.content.decode()
    assert (answer.status_code, ProgramDraft.objects.exists()) == (422, False)
    assert "This draft was published or thrown away while you were typing." in page
    assert 'value="Still typing"' in page
    assert 'name="revision" value="0"' in page
    assert drafting.send(body={**body, "revision": "0"}).status_code == 302
    assert (drafting.content["summary"], drafting.draft.base.number) == ("Still typing", 2)


def test_htmx_gets_the_form_alone(drafting):
    for do, status in (("save", 200), ("add phases-0", 200), ("save", 422)):
        answer = drafting.send(do, htmx=True)
        page = answer.content.decode()
        assert answer.status_code == status
        assert page.lstrip().startswith("<form")
        assert page.count("data-focus") == 1
    assert drafting.draft.revision == 4
    answer = drafting.send("remove phases-0-prescriptions-4", htmx=True)
    assert answer.status_code == 200
    answer = drafting.send("compare", htmx=True)
    assert answer["HX-Redirect"] == drafting.url("draft/compare/")


def test_a_form_of_garbage_is_kept_as_text(drafting):
    body = {"revision": "1", "phases-0-key": "p1", "name": "N\x00", "weeks": "9" * 60}
    body |= {"phases-0-prescriptions-0-key": "?", "phases-0-prescriptions-0-rule": "<b>"}
    answer = drafting.send(body=body)
    assert answer.status_code == 422
    assert "<b>" not in answer.content.decode()
    assert drafting.content["name"] == "N"
    assert drafting.send(body={"revision": "x"}).status_code == 422


def test_a_draft_is_thrown_away_and_a_copy_that_was_never_published_with_it(drafting):
    answer = drafting.browser.post(drafting.url("draft/discard/"), follow=True)
    assert "is thrown away." in answer.content.decode()
    assert Program.objects.filter(pk=drafting.program.pk).exists()
    assert ProgramVersion.objects.filter(program=drafting.program).count() == 1

    drafting.browser.post(drafting.url("copy/"), {"name": "Ours"})
    copied = Program.objects.get(name="Ours")
    drafting.browser.post(f"/c/north/programs/{copied.pk}/draft/discard/")
    assert not Program.objects.filter(name="Ours").exists()
