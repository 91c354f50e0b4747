"""A draft is compared and published once; whoever trains stays on the version she follows."""

import re

from django.utils import timezone

from programs.models import Prescription, Program, ProgramDraft, ProgramVersion
from sessions.facts import standing_now
from tests.programs.editing import editor

FIRST = "phases-0-prescriptions-0"


def versions(editing):
    return list(
        ProgramVersion.objects.filter(program=editing.program)
        .order_by("number")
        .values_list("number", flat=True)
    )


def test_the_comparison_says_line_by_line_what_was_and_what_becomes(drafting):
    drafting.send(**{f"{FIRST}-sets": "4", "phases-2-name": "Lift", "summary": "Short"})
    page = drafting.page("draft/compare/")
    rows = [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in re.findall(r"<tr class.*?</tr>", page, re.S)
    ]
    assert rows[0][:2] == ["Program", "Summary"]
    assert rows[1:] == [
        ["Learn, Deadlift", "Sets", "5", "4"],
        ["Lift", "Name", "Lift heavy", "Lift"],
    ]
    assert "Publish version 2" in page
    assert "2 clients stay on the version followed now, with the same targets." in page


def test_publishing_makes_the_next_version_and_the_draft_is_gone(drafting):
    drafting.send(**{f"{FIRST}-sets": "4", "name": "HiRIT, our way"})
    answer = drafting.publish()
    assert answer.url == drafting.url()
    assert (versions(drafting), ProgramDraft.objects.exists()) == ([1, 2], False)
    sets = {
        line.phase.version.number: (line.sets, line.detail["sets"]["tag"])
        for line in Prescription.objects.filter(
            phase__version__program=drafting.program, phase__code="INTRO", lift="hinge"
        ).select_related("phase__version")
    }
    assert sets == {1: (5, "D"), 2: (4, "D")}
    page = drafting.page("")
    assert "Version 2 of HiRIT, our way is published." in page
    assert "Set by the clinic on 5 March 2026." in page
    assert "Before: 5." in page
    assert Program.objects.get(pk=drafting.program.pk).name == "HiRIT, our way"
    # Nothing of a draft's own is in what is published.
    assert '"key"' not in str(ProgramVersion.objects.latest("number").detail)
    assert drafting.start().base.number == 2


def test_a_version_says_who_published_it(drafting, cast):
    first = ProgramVersion.objects.get(program=drafting.program)
    assert first.published_by is None
    drafting.send(**{f"{FIRST}-sets": "3"})
    drafting.publish()
    second = ProgramVersion.objects.get(program=drafting.program, number=2)
    assert second.published_by == cast.ana
    assert "5 March 2026, Ana T." in drafting.page("")


def test_editing_a_program_never_changes_a_started_clients_targets(drafting, cast):
    cast.log_all(cast.visit, rpe=14, clean="yes", pain=0)

    def standing():
        now = standing_now(cast.enrollment, clinic=cast.north, now=timezone.now())
        return now.plan, now.targets

    before = standing()
    changes = {f"phases-{phase}-prescriptions-0-sets": "2" for phase in range(4)}
    changes |= {f"{FIRST}-reps": "8", f"{FIRST}-effort_low": "6", "weeks": "40"}
    drafting.send(**changes, **{"phases-2-last_week": "40", "phases-3-first_week": "41"})
    assert standing() == before
    drafting.publish()
    assert versions(drafting) == [1, 2]
    assert standing() == before
    assert before[1]["hinge"].sets == 5
    assert cast.enrollment.tracks.get().version.number == 1


def test_a_second_tap_is_told_so_and_publishes_nothing(drafting):
    drafting.send(**{f"{FIRST}-sets": "4"})
    assert drafting.publish(2).status_code == 302
    late = drafting.browser.post(drafting.url("draft/publish/"), {"revision": "2"}, follow=True)
    words = "There is no draft to publish: it was published or thrown away already."
    assert words in late.content.decode()
    assert versions(drafting) == [1, 2]


def test_a_draft_that_somebody_has_saved_since_is_compared_once_more(drafting, cast):
    drafting.send(**{f"{FIRST}-sets": "4"})
    editor(cast.tess).send(**{f"{FIRST}-sets": "3"})
    late = drafting.publish(2)
    page = late.content.decode()
    assert (late.status_code, versions(drafting)) == (422, [1])
    assert "Tess T. has saved this draft since you opened it. Compare once more." in page
    assert 'name="revision" value="3"' in page
    assert "<ins>3</ins>" in page
    for revision in ("", "x", "-3"):
        answer = drafting.browser.post(drafting.url("draft/publish/"), {"revision": revision})
        assert answer.status_code == 422
    assert drafting.publish(3).status_code == 302


def test_an_invalid_draft_comes_back_with_its_errors_and_is_kept(drafting):
    drafting.send(**{f"{FIRST}-sets": "none"})
    page = drafting.page("draft/compare/")
    assert "Publish version" not in page
    assert "One thing needs another look" in page
    answer = drafting.publish()
    page = answer.content.decode()
    assert (answer.status_code, versions(drafting)) == (422, [1])
    assert page.count("Write a whole number from 1 to 20.") == 2
    assert 'value="none"' in page
    assert drafting.draft.revision == 2


def test_an_unchanged_draft_is_not_published(drafting):
    assert "Nothing differs from" in drafting.page("draft/compare/")
    assert "Publish version" not in drafting.page("draft/compare/")
    answer = drafting.publish()
    assert (answer.status_code, versions(drafting)) == (422, [1])
    assert "Nothing differs from version 1. Change something first." in answer.content.decode()


def test_htmx_is_sent_on_after_publishing_and_gets_the_comparison_alone_before(drafting):
    url, htmx = drafting.url("draft/publish/"), {"HTTP_HX_REQUEST": "true"}
    refused = drafting.browser.post(url, {"revision": "1"}, **htmx)
    assert refused.status_code == 422
    assert refused.content.decode().lstrip().startswith('<div id="comparison"')
    drafting.send(**{f"{FIRST}-sets": "4"})
    done = drafting.browser.post(url, {"revision": "2"}, **htmx)
    assert done["HX-Redirect"] == drafting.url()


def test_a_copy_is_a_program_of_its_own_from_its_first_version_on(writer, cast):
    unnamed = writer.browser.post(writer.url("copy/"), {"name": " "})
    assert unnamed.status_code == 422
    assert "Write a name for the new program." in unnamed.content.decode()

    for slug in ("ours", "ours-2"):
        answer = writer.browser.post(writer.url("copy/"), {"name": "Ours"})
        copied = editor(cast.ana, slug)
        assert answer.url == copied.url("draft/edit/")
    assert "not published yet" in copied.page("")
    assert "begun from HiRIT, LIFTMOR-style, 8 months, version 1" in copied.page()
    assert "<ins>Ours</ins>" in copied.page("draft/compare/")

    copied.publish()
    assert (versions(copied), versions(writer)) == ([1], [1])
    assert copied.program.kind == writer.program.kind
    assert ProgramDraft.objects.get().program.slug == "ours"
