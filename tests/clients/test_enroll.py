"""A therapist enrolls a client with a clearance; what was typed survives every error."""

from datetime import date

import pytest
from django.test import Client as Browser

from bonefit.clients.models import Clearance, Client
from bonefit.clinics.models import Membership

URL = "/c/north/clients/enroll/"
JOAN = {
    "name": "Joan P.",
    "born_on": "3 February 1958",
    "sex": "female",
    "email": "joan@example.org",
    "phone": "07 5550 0111",
    "emergency_contact": "Paul P., husband, 07 5550 0134",
    "notes": "Left knee",
    "cleared_by": "Dr L. H.",
    "cleared_on": "18/02/2026",
    "impact_level": "0",
}

#: A field, a wrong answer, and the words that explain it.
WRONG = [
    ("born_on", "31 02 1958", "February 1958 had 28 days. Check the day."),
    ("born_on", "3 February 2058", "This day is still to come. Check the year."),
    ("born_on", "3 February 1858", "That is more than 120 years ago. Check the year."),
    ("born_on", "", "Write the date of birth."),
    ("name", "", "Write the name."),
    ("sex", "", "Choose one."),
    ("email", "joan at example", "Write an address like joan@example.org."),
    ("emergency_contact", " ", "Write whom to call, and the number."),
    ("cleared_by", "", "Write who cleared the client. Nobody starts without it."),
    ("cleared_on", "6 March 2026", "A clearance cannot be dated ahead."),
    ("cleared_on", "1 1 1950", "This is before the date of birth. Check both."),
    ("impact_level", "6", "6 is not one of the available choices."),
]


@pytest.fixture
def ana(cast):
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


def joans():
    return Client.objects.filter(name="Joan P.")


def test_a_client_is_enrolled_with_her_clearance(ana, cast):
    answer = ana.post(URL, JOAN)

    joan = joans().get()
    assert answer.url == f"/c/north/clients/{joan.pk}/intake/"
    assert (joan.clinic, joan.created_by) == (cast.north, cast.ana)
    assert (joan.born_on, joan.sex, joan.email) == (date(1958, 2, 3), "female", "joan@example.org")
    assert (joan.phone, joan.notes) == ("07 5550 0111", "Left knee")
    clearance = joan.clearances.get()
    assert (clearance.cleared_by, clearance.cleared_on) == ("Dr L. H.", date(2026, 2, 18))
    assert (clearance.impact_level, clearance.recorded_by) == (0, cast.ana)
    assert joan.membership is None


def test_the_impact_level_is_0_unless_somebody_says_more(ana):
    page = ana.get(URL).content.decode()
    assert 'name="impact_level" value="0"' in page
    assert page.split('name="impact_level" value="0"')[1].split(">")[0].count("checked") == 1


def test_a_wrong_answer_is_explained_beside_its_field_and_nothing_is_lost(ana):
    for field, typed, words in WRONG:
        said = {**JOAN, field: typed}
        answer = ana.post(URL, said)
        page = answer.content.decode()
        assert (answer.status_code, page.count(words)) == (422, 1), (field, typed)
        assert f'id="id_{field}_error"' in page
        assert "Everything you typed is kept." in page
        for name in ("name", "born_on", "email", "phone", "emergency_contact", "cleared_by"):
            if said[name].strip():
                assert f'value="{said[name]}"' in page, (field, typed, name)
    assert not joans().exists()
    assert not Clearance.objects.filter(client__name="Joan P.").exists()


def test_an_empty_form_is_answered_with_every_missing_field(ana):
    answer = ana.post(URL, {})
    assert answer.status_code == 422
    assert "7 answers need another look" in answer.content.decode()


def test_htmx_gets_the_form_alone_with_422_and_a_redirect_when_it_is_right(ana):
    htmx = {"HTTP_HX_REQUEST": "true"}
    wrong = ana.post(URL, {**JOAN, "name": ""}, **htmx)
    assert wrong.status_code == 422
    assert wrong.content.decode().lstrip().startswith("<form")

    right = ana.post(URL, JOAN, **htmx)
    assert right.status_code == 200
    assert right["HX-Redirect"] == f"/c/north/clients/{joans().get().pk}/intake/"


def test_inviting_needs_an_address(ana):
    answer = ana.post(URL, {**JOAN, "email": "", "invite": "on"})
    assert answer.status_code == 422
    assert "An invitation needs an address." in answer.content.decode()
    assert not joans().exists()


def test_who_is_invited_gets_a_log_in(ana, cast):
    ana.post(URL, {**JOAN, "invite": "on"})
    joan = joans().get()
    assert joan.membership.user.email == "joan@example.org"
    assert (joan.membership.clinic, joan.membership.roles) == (cast.north, ["client"])
    assert joan.invited_at is not None


def test_an_address_of_another_client_enrolls_nobody(ana):
    answer = ana.post(URL, {**JOAN, "email": "CAL@example.org", "invite": "on"})
    assert answer.status_code == 422
    assert "Another client of this clinic logs in with this address." in answer.content.decode()
    assert not joans().exists()
    assert Membership.objects.filter(user__email__iexact="cal@example.org").count() == 1


def test_the_same_person_twice_is_asked_about_and_may_be_another_person(ana):
    ana.post(URL, JOAN)
    again = ana.post(URL, {**JOAN, "name": "JOAN P."})
    assert again.status_code == 422
    assert "Joan P., born 3 February 1958, is a client here already." in again.content.decode()
    assert 'name="another_person"' in again.content.decode()
    assert Client.objects.filter(name__iexact="Joan P.").count() == 1

    ana.post(URL, {**JOAN, "another_person": "on"})
    assert Client.objects.filter(name__iexact="Joan P.").count() == 2


def test_somebody_of_the_same_name_in_another_clinic_is_not_mentioned(ana, cast):
    Client.objects.filter(pk=cast.olga_client.pk).update(name="Joan P.", born_on="1958-02-03")
    assert ana.post(URL, JOAN).status_code == 302


def test_a_very_young_client_is_pointed_out_but_enrolled(ana):
    page = ana.post(URL, {**JOAN, "born_on": "3 2 2014"}, follow=True).content.decode()
    assert "Joan P. is 12 years old. Check the date of birth." in page
    assert joans().exists()


def test_markup_in_a_name_stays_text(ana):
    page = ana.post(URL, {**JOAN, "name": "<b>Joan</b>"}, follow=True).content.decode()
    assert "<b>Joan</b>" not in page
    assert "&lt;b&gt;Joan&lt;/b&gt;" in page


def test_only_therapists_of_the_clinic_enroll(cast):
    for who, status in ((cast.ada, 403), (cast.cal, 403), (cast.otto, 404), (cast.lea, 404)):
        browser = Browser()
        browser.force_login(who.user)
        assert browser.get(URL).status_code == status
        assert browser.post(URL, JOAN).status_code == status
    assert not joans().exists()
