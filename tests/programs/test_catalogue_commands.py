"""A clinic is opened by one command, the catalogue loaded by another; neither does harm twice."""

import copy
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from bonefit.clinics.models import Clinic, Membership, User
from programs import catalogue
from programs.models import Exercise, Program, ProgramVersion, RuleSet

pytestmark = pytest.mark.django_db
OPEN = {
    "name": "West",
    "slug": "west",
    "timezone": "Europe/London",
    "admin_email": "wes@example.org",
    "admin_name": "Wes A.",
}


def hirit(clinic):
    """The newest version of HiRIT."""
    return clinic.programs.get(slug="hirit-liftmor").versions.latest("number")


def run(command, **options):
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def test_a_clinic_is_opened_with_its_catalogue_its_rules_and_an_admin():
    said = run("open_clinic", **OPEN)

    west = Clinic.objects.get(slug="west")
    assert (west.timezone, west.organisation.name) == ("Europe/London", "West")
    assert [program.slug for program in Program.objects.filter(clinic=west).order_by("pk")] == [
        "hirit-liftmor", "graduated-strength", "general-strength", "balance-falls"
    ]  # fmt: skip
    assert hirit(west).phases.count() == 4
    assert RuleSet.objects.get(clinic=west).number == 1
    admin = Membership.objects.get(clinic=west)
    assert (admin.user.email, admin.roles) == ("wes@example.org", ["admin"])
    assert "http://testserver/c/west/settings/" in said
    assert "wes@example.org" in said

    browser = Browser()
    browser.force_login(admin.user)
    assert browser.get("/c/west/settings/").status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"timezone": "Mars/Olympus"}, "'Mars/Olympus' is no time zone."),
        ({"admin_email": "wes"}, "'wes' is no e-mail address."),
        ({"slug": "we st"}, "A slug has letters, digits, hyphens and underscores."),
    ],
)
def test_a_clinic_that_cannot_be_is_one_sentence_and_nothing_is_made(changes, words):
    with pytest.raises(CommandError, match=words):
        run("open_clinic", **{**OPEN, **changes})
    assert not Clinic.objects.exists()
    assert not User.objects.exists()


def test_a_taken_slug_is_said():
    run("open_clinic", **OPEN)
    with pytest.raises(CommandError, match=r"There is a clinic at 'west' already\."):
        run("open_clinic", **OPEN)
    assert Clinic.objects.count() == 1


def test_loading_the_catalogue_twice_changes_nothing():
    run("open_clinic", **OPEN)
    before = list(ProgramVersion.objects.values())
    exercises = Exercise.objects.count()

    said = run("load_catalogue")
    assert said == f"{exercises} exercises; 0 program versions published in 1 clinics.\n"
    assert list(ProgramVersion.objects.values()) == before
    assert Exercise.objects.count() == exercises


def changed_weeks(monkeypatch, weeks=36):
    """The catalogue with another length of HiRIT."""
    data = copy.deepcopy(catalogue.read("hirit_liftmor"))
    data["weeks"]["value"] = weeks
    read = catalogue.read
    monkeypatch.setattr(
        catalogue, "read", lambda name: data if name == "hirit_liftmor" else read(name)
    )


def test_changed_data_becomes_the_next_version_and_the_last_stays(monkeypatch):
    run("open_clinic", **OPEN)
    west = Clinic.objects.get()
    first = hirit(west)
    changed_weeks(monkeypatch)

    assert "1 program versions published" in run("load_catalogue")
    old, new = first.program.versions.order_by("number")
    assert (old.pk, old.weeks, new.number, new.weeks) == (first.pk, 35, 2, 36)
    assert "0 program versions published" in run("load_catalogue")


def test_what_a_clinic_wrote_itself_is_not_overtaken_by_the_catalogue(monkeypatch):
    run("open_clinic", **OPEN)
    west = Clinic.objects.get()
    ours = copy.deepcopy(catalogue.read("hirit_liftmor"))
    ours["minutes"]["value"] = 45
    catalogue.publish_content(west, ours)

    assert "0 program versions published" in run("load_catalogue")
    changed_weeks(monkeypatch)
    assert "0 program versions published" in run("load_catalogue")
    assert (hirit(west).number, hirit(west).minutes, hirit(west).weeks) == (2, 45, 35)


def test_every_exercise_carries_what_the_data_says_of_it():
    run("open_clinic", **OPEN)
    for item in catalogue.read("exercises"):
        detail = Exercise.objects.get(slug=item["slug"]).detail
        assert detail == {key: item[key] for key in detail}
        assert {"equipment", "impact_class", "criteria", "basis"} <= set(detail)


def test_the_admin_pages_serve_clinics_and_the_catalogue_and_no_client(admin_client):
    index = admin_client.get("/admin/").content.decode()
    for there in ("Clinics", "Memberships", "Exercises", "Program versions"):
        assert there in index
    for never in ("Clients", "Clearances", "Visits", "Set entr", "Flags", "Enrollments"):
        assert never not in index

    run("open_clinic", **OPEN)
    version = hirit(Clinic.objects.get())
    page = f"/admin/programs/programversion/{version.pk}/change/"
    assert admin_client.get(page).status_code == 200
    assert admin_client.post(page, {"weeks": 1}).status_code == 403


def test_the_admin_pages_ask_for_the_mailed_code_and_for_staff(client):
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.status_code == 302
    assert answer.url.startswith("/login/")
    client.force_login(User.objects.create_user("x@example.org", name="X"))
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/login/?next=/admin/").status_code == 403


def test_the_admin_pages_list_no_client_among_the_people(admin_client, cast):
    for page in ("user/", "membership/", "membership/add/"):
        shown = admin_client.get(f"/admin/clinics/{page}").content.decode()
        assert "Ana T." in shown
        assert "Cal P." not in shown
    assert admin_client.get(f"/admin/clinics/user/{cast.cal.user.pk}/change/").status_code == 302
