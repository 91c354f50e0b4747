"""What clients bring: the clinic's own words, or good ones until it has written some."""

from __future__ import annotations

from django.test import Client as Browser

from bonefit.clinics.models import Clinic
from tests.cast import Cast
from tests.portal.pages import logged_in, page, text_of

SETTINGS = "/c/north/settings/"


def test_until_the_clinic_has_written_something_the_page_has_good_words(
    cast: Cast, cal: Browser
) -> None:
    assert "Bring: Flat shoes, water and your glasses." in page(cal)
    assert "Flat shoes, water and your glasses." in page(logged_in(cast.ada), SETTINGS)


def test_what_the_admin_writes_stands_on_every_page(cast: Cast, cal: Browser) -> None:
    answer = logged_in(cast.ada).post(
        f"{SETTINGS}bring/", {"what_to_bring": "Socks.\r\nA towel <b>."}, follow=True
    )

    assert "Saved. Every client’s page says it from now on." in text_of(answer.text)
    assert "Bring: Socks. A towel &lt;b&gt;." in page(cal)
    assert "Flat shoes" not in page(cal)


def test_emptied_it_is_the_usual_words_again(cast: Cast, cal: Browser) -> None:
    Clinic.objects.filter(pk=cast.north.pk).update(what_to_bring="Socks.")

    logged_in(cast.ada).post(f"{SETTINGS}bring/", {"what_to_bring": "  \r\n"})

    assert "Flat shoes" in page(cal)


def test_too_much_is_said_beside_the_field_and_kept(cast: Cast) -> None:
    long = "x" * 401

    answer = logged_in(cast.ada).post(f"{SETTINGS}bring/", {"what_to_bring": long})

    assert answer.status_code == 422
    assert "At most 400 characters" in answer.text
    assert long in answer.text
    assert Clinic.objects.get(pk=cast.north.pk).what_to_bring == ""
