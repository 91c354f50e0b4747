"""The demo: people at every stage, another clinic never seen, doors that only it has."""

from __future__ import annotations

import re
import urllib.request
from http.cookiejar import CookieJar

import psycopg
import pytest
from django.conf import settings
from django.urls import NoReverseMatch, reverse

from bonefit.demo.people import GWEN, PEOPLE
from tests.servers import Site, environment, manage

pytestmark = pytest.mark.xdist_group("e2e")


def ask(site: Site, query: str) -> list[tuple]:
    with psycopg.connect(site.rows_url) as database:
        return database.execute(query).fetchall()


def test_twenty_four_clients_are_at_every_stage(demo_site: Site):
    stages = dict(
        ask(
            demo_site,
            "SELECT coalesce(e.status, 'none'), count(*) FROM clients_client c"
            " JOIN clinics_clinic k ON k.id = c.clinic_id AND k.slug = 'harbour'"
            " LEFT JOIN programs_enrollment e ON e.client_id = c.id GROUP BY 1",
        )
    )
    assert sum(stages.values()) == 24
    assert stages["none"] >= 1
    assert stages["withdrawn"] >= 1
    assert stages["finished"] >= 1
    kinds = ask(demo_site, "SELECT DISTINCT kind FROM training_flag WHERE resolved_at IS NULL")
    assert {kind for (kind,) in kinds} >= {"missed", "stalled"}


def test_enough_agree_to_research_that_there_is_an_export_to_look_at(demo_site: Site):
    agreed = ask(
        demo_site,
        "SELECT count(DISTINCT c.client_id) FROM clients_consent c"
        " JOIN clients_consenttext t ON t.id = c.text_id AND t.kind = 'research'"
        " JOIN clinics_clinic k ON k.id = c.clinic_id AND k.slug = 'harbour'",
    )
    assert agreed[0][0] == 18


def test_every_visit_of_the_past_has_a_word_or_a_set(demo_site: Site):
    silent = ask(
        demo_site,
        "SELECT count(*) FROM training_visit WHERE status = 'planned' AND missed_after < now()"
        " - interval '3 hours'",
    )
    assert silent == [(0,)]


def test_nobody_comes_after_her_last_day(demo_site: Site):
    later = ask(
        demo_site,
        "SELECT DISTINCT v.status FROM training_visit v"
        " JOIN programs_enrollment e ON e.id = v.enrollment_id"
        " JOIN clinics_clinic k ON k.id = v.clinic_id"
        " WHERE (lower(v.during) AT TIME ZONE k.timezone)::date > e.ended_on",
    )
    # Told ahead that she cannot come stays told; all else was released when she left.
    assert {status for (status,) in later} - {"excused"} == {"released"}


def test_no_row_points_into_the_other_clinic(demo_site: Site):
    crossed = ask(
        demo_site,
        "SELECT count(*) FROM training_setentry s JOIN training_visit v ON v.id = s.visit_id"
        " JOIN clients_client c ON c.id = v.client_id"
        " WHERE s.clinic_id <> v.clinic_id OR v.clinic_id <> c.clinic_id",
    )
    assert crossed == [(0,)]


def test_each_demo_person_logs_in_with_one_tap_and_the_other_clinic_is_not_there(demo_site: Site):
    for person in PEOPLE:
        web = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = web.open(f"{demo_site.url}/demo/").read().decode()
        form = next(one for one in page.split("<form")[1:] if person.email in one)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        name = re.search(r'name="(?!csrf)(\w+)" value="[^"]*' + re.escape(person.email), form)
        assert token
        assert name
        body = f"csrfmiddlewaretoken={token[1]}&{name[1]}={person.email}".encode()
        home = web.open(f"{demo_site.url}/demo/", body)
        if person is GWEN:
            assert "/o/strong-bones-group/reports/" in home.url
            continue
        slug = "hill" if "Hill" in person.clinic else "harbour"
        assert f"/c/{slug}/" in home.url


def test_a_deployed_site_has_no_demo():
    assert settings.ROOT_URLCONF == "bonefit.urls"
    assert "bonefit.demo" not in settings.INSTALLED_APPS
    for name in ("demo:people", "demo:mail"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_the_demo_is_not_mixed_with_clinics_that_are_there(demo_site: Site):
    here = {
        **environment(),
        "DATABASE_URL": demo_site.database_url,
        "VAR_DIR": str(demo_site.var),
        "DJANGO_SETTINGS_MODULE": "bonefit.demo.settings",
    }
    with pytest.raises(RuntimeError, match="There are clinics in this database already"):
        manage("seed_demo", **here)
    manage("seed_demo", "--if-empty", **here)


def test_a_clinic_has_a_handful_of_flags_that_ask_for_something(demo_site: Site):
    kinds = ask(
        demo_site,
        "SELECT k.slug, f.kind, f.severity, count(*) FROM training_flag f"
        " JOIN clinics_clinic k ON k.id = f.clinic_id WHERE resolved_at IS NULL"
        " AND severity <> 'good' GROUP BY 1, 2, 3 ORDER BY 1, 2",
    )
    number = dict.fromkeys(("harbour", "hill"), 0)
    for slug, _, _, count in kinds:
        number[slug] += count
    assert 5 <= number["harbour"] <= 20, kinds  # of 24 clients
    assert number["hill"] <= 14, kinds


def test_for_the_tests_the_class_that_is_on_and_the_next_go_on_for_hours(demo_site: Site):
    found = ask(
        demo_site,
        "SELECT c.name, v.during = tstzrange(s.starts_at, s.ends_at), v.missed_after > s.ends_at,"
        " s.ends_at - s.starts_at = interval '6 hours 30 minutes', s.ends_at > now()"
        " FROM training_visit v JOIN training_slot s ON s.id = v.slot_id"
        " JOIN clients_client c ON c.id = v.client_id WHERE c.name IN ('Ana R.', 'Luis A.')"
        " AND v.during && tstzrange(now() - interval '12 hours', now() + interval '12 hours')"
        " ORDER BY s.starts_at",
    )
    assert found == [("Ana R.", True, True, True, True), ("Luis A.", True, True, True, True)]
