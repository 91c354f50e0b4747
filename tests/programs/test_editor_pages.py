"""The programs of a clinic: who follows which version, and each version as a page."""

import re

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from programs.actions import assign_program
from programs.models import Program
from tests.cast import TODAY, enroll
from tests.programs.editing import editor

LIST = "/c/north/programs/"


def row_of(page, name):
    return page.split(f">{name}</a>")[1].split("</li>")[0]


def test_the_list_says_who_follows_which_version_and_what_is_drafted(drafting, cast):
    drafting.send(**{"phases-0-prescriptions-0-sets": "4"})
    name = drafting.program.name
    row = row_of(drafting.browser.get(LIST).content.decode(), name)
    assert "Version 1: 2 a week, 30 minutes, 35 weeks" in row
    assert "2 clients on version 1" in row
    assert f"{drafting.url()}draft/edit/" in row

    drafting.publish()
    newest = drafting.program.versions.get(number=2)
    joan = enroll(cast.ana, "Joan P.")
    assign_program(
        client=joan, version=newest, therapist=cast.ana, starts_on=TODAY, lifts=[], by=cast.ana
    )
    cast.cam_enrollment.status, cast.cam_enrollment.ended_on = "withdrawn", TODAY
    cast.cam_enrollment.save()
    row = row_of(drafting.browser.get(LIST).content.decode(), name)
    assert "Version 2: 2 a week" in row
    assert "1 client on version 2, 1 client on version 1" in " ".join(row.split())
    assert "draft/edit" not in row


def test_a_client_whose_track_has_ended_follows_the_program_no_more(writer, cast):
    track = cast.enrollment.tracks.get()
    track.ends_on = TODAY
    track.save()
    page = writer.browser.get(LIST).content.decode()
    assert "2 clients on version 1" in page
    cast.enrollment.tracks.update(starts_on="2026-03-01", ends_on="2026-03-04")
    assert "1 client on version 1" in writer.browser.get(LIST).content.decode()


def test_a_version_is_read_with_every_number_its_tag_and_its_basis(writer):
    page = writer.page("")
    for phase, weeks in (("Learn", "weeks 1 to 4"), ("Build", "weeks 5 to 8")):
        assert re.search(rf"{phase} <span class=\"hush\">{weeks}", page)
    assert "5 × 5" in page
    assert "5 × 5 landings" in page
    assert "Effort 9 to 13. " in page
    assert "INTRO: RPE 9 to 13, no test of a best single." in page
    assert '<abbr title="read in the source">V</abbr>: 5 sets x 5 repetitions. [L18]' in page
    assert "Technique signed off on the current rung of each lift" in page
    assert "J Bone Miner Res 2018" in page


def test_an_earlier_version_stays_readable_and_one_that_is_not_there_is_not(drafting):
    drafting.send(**{"phases-0-prescriptions-0-sets": "4"})
    drafting.publish()
    first = drafting.page("versions/1/")
    assert "Version 1, not the newest" in " ".join(first.split())
    assert "Before: 5." not in first
    assert "Before: 5." in drafting.page("versions/2/")
    assert drafting.browser.get(drafting.url("versions/3/")).status_code == 404


def queries(browser, url):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert browser.get(url).status_code == 200
    return len(asked)


def test_the_list_asks_as_often_for_many_programs_as_for_one(writer, cast):
    writer.browser.get(LIST)
    few = queries(writer.browser, LIST)
    before = Program.objects.filter(clinic=cast.north).count()
    for number in range(5):
        writer.browser.post(writer.url("copy/"), {"name": f"Copy {number}"})
    for slug in ("copy-0", "copy-1"):
        editor(cast.ana, slug).publish()
    assert Program.objects.filter(clinic=cast.north).count() == before + 5
    assert queries(writer.browser, LIST) == few == 9


@pytest.mark.parametrize("who", ["cal", "otto", "lea"])
def test_the_programs_are_for_the_staff_of_the_clinic(writer, drafting, cast, who):
    browser = Browser()
    browser.force_login(getattr(cast, who).user)
    refused = 403 if who == "cal" else 404
    for path in ("", "draft/edit/", "draft/compare/", "versions/1/"):
        assert browser.get(drafting.url(path)).status_code == refused
    for path in ("draft/", "draft/edit/", "draft/publish/", "draft/discard/", "copy/"):
        answer = browser.post(drafting.url(path), {"revision": "1", "name": "Mine"})
        assert answer.status_code == refused
    assert browser.get(LIST).status_code == refused
    assert drafting.draft.revision == 1
    assert Program.objects.filter(name="Mine").count() == 0


def test_an_admin_writes_programs_too(cast):
    ada = editor(cast.ada)
    ada.start()
    ada.send(**{"phases-0-prescriptions-0-sets": "4"})
    assert ada.publish().url == ada.url()
