"""The matrix: a page and a document, both made from the table that requests are checked against."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client as Browser

from bonefit.clinics.access import GRANTS, READ_ONLY_ROLES, STAFF_ROLES, Can, Role
from bonefit.clinics.access_words import GROUPS, ROLE_SAYS, as_markdown, columns, matrix
from bonefit.clinics.management.commands import write_access_page
from tests.doors import World


def test_every_right_has_one_sentence_and_every_role_one():
    said = [right for _, rights in GROUPS for right in rights]
    assert sorted(said) == sorted(Can), "a right without a sentence, or with two"
    sentences = [words for _, rights in GROUPS for words in rights.values()]
    assert len(set(sentences)) == len(sentences)
    assert set(ROLE_SAYS) == set(Role) == set(GRANTS)
    assert all(says.endswith(".") for says in ROLE_SAYS.values())


def test_the_document_is_what_the_code_says():
    """If this fails: python manage.py write_access_page."""
    assert write_access_page.DOCUMENT.read_text(encoding="utf-8") == as_markdown()


def test_the_command_writes_it(tmp_path, monkeypatch):
    monkeypatch.setattr(write_access_page, "DOCUMENT", tmp_path / "access.md")
    call_command("write_access_page", stdout=StringIO())
    assert (tmp_path / "access.md").read_text(encoding="utf-8") == as_markdown()


def test_each_cell_is_what_the_table_grants():
    heads = [one.word for one in columns()]
    assert heads == [*(role.label for role in Role), "Organisation admin"]
    for _, lines in matrix():
        for line in lines:
            for role, cell in zip(Role, line.cells, strict=False):
                assert (cell.column, cell.may) == (role.label, line.right in GRANTS[role])


def test_an_auditor_is_granted_nothing_that_only_writes():
    """What she has is what somebody else reads with; each of it opens a page by GET."""
    assert READ_ONLY_ROLES < STAFF_ROLES
    assert GRANTS[Role.AUDITOR] == {
        *(Can.SEE_CLIENTS, Can.SEE_HISTORY, Can.SEE_FLAGS, Can.RUN_REPORTS, Can.REPORT_ON_CLINIC),
        *(Can.READ_LOG, Can.SEE_PEOPLE),
    }


def test_a_lead_may_all_that_a_therapist_may_and_no_setting():
    assert GRANTS[Role.LEAD] - GRANTS[Role.THERAPIST] == {
        *(Can.REPORT_ON_CLINIC, Can.DECIDE_HELD, Can.SEE_PEOPLE, Can.COVER_ANYBODY),
    }
    assert GRANTS[Role.THERAPIST] < GRANTS[Role.LEAD]


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["ada", "lin", "aud"])
def test_the_page_says_the_same(world: World, who: str):
    browser: Browser = world.browsers[who]
    page = browser.get("/c/north/settings/access/").text
    for title, lines in matrix():
        assert f">{title}</h2>" in page
        for line in lines:
            row = re.search(rf'<th scope="row">{re.escape(line.says)}</th>(.*?)</tr>', page, re.S)
            assert row, line.says
            cells = re.findall(r'<td data-label="([^"]*)">(.*?)</td>', row[1], re.S)
            assert [(name, bool(cell)) for name, cell in cells] == [
                (cell.column, cell.may) for cell in line.cells
            ]


@pytest.mark.django_db
def test_who_may_see_it_finds_the_way_there(world: World):
    assert "/c/north/settings/access/" in world.browsers["ada"].get("/c/north/settings/").text
    for who in ("lin", "aud"):
        page = world.browsers[who].get("/c/north/settings/people/").text
        assert "/c/north/settings/access/" in page
        assert '<a href="/c/north/settings/people/" aria-current="page">People' in page
