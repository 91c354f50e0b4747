"""The progress letter: figures frozen, a draft that people edit, a PDF that can be read back."""

from __future__ import annotations

import hashlib
import io
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser
from pypdf import PdfReader

from bonefit.clients.models import Client, Document, Measurement, PrecisionStudy, ScanDevice
from bonefit.clinics.models import Credential, Membership
from sessions import actions, letters
from sessions.letter_pdf import pages_of, pdf_of
from sessions.letter_signing import sign
from sessions.letter_words import PARTS
from sessions.letters import AlreadySigned, CannotSign, Conflict, Text
from sessions.models import ProgressLetter
from tests.cast import Cast
from tests.doors import filled

pytestmark = pytest.mark.django_db


def browser(member: Membership) -> Browser:
    made = Browser()
    made.force_login(member.user)
    return made


def licensed(cast: Cast, *, expires_on: date = date(2027, 1, 1)) -> None:
    Credential.objects.create(
        clinic=cast.north,
        member=cast.ana,
        profession="Physiotherapist",
        licence="PT 1234",
        jurisdiction="Queensland",
        expires_on=expires_on,
        recorded_by=cast.ada,
    )


@pytest.fixture
def trained(cast: Cast) -> Cast:
    """Cal came four times, deadlift and squat heavier each time, and missed one."""
    for number, visit in enumerate(cast.visits[:5]):
        now = visit.starts_at + timedelta(minutes=20)
        if number == 2:
            actions.say(visit=visit, status="no_show", by=cast.ana, now=now)
            continue
        cast.log_all(visit, load=str(40 + number), now=now)
        cast.log_all(visit, "squat", load=str(30 + number), now=now)
        actions.complete_visit(visit=visit, by=cast.ana, now=now)
    return cast


def later(cast: Cast) -> datetime:
    return cast.visits[4].starts_at + timedelta(days=1)


def letter_of(cast: Cast, **more: object) -> ProgressLetter:
    return letters.draft(
        enrollment=cast.enrollment,
        first=date(2026, 3, 1),
        last=date(2026, 3, 31),
        by=cast.ana,
        now=later(cast),
        addressee="Dr L. H.",
        **more,
    )


def read(pdf: bytes) -> str:
    return " ".join(
        " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split()
    )


def text_of(letter: ProgressLetter, **parts: str) -> Text:
    return Text(letter.addressee, letter.address, {**letter.parts, **parts})


# --- figures --------------------------------------------------------------------------------------
def test_the_figures_say_attendance_loads_events_and_falls(trained: Cast):
    figures = letter_of(trained).figures
    attendance = figures["attendance"]
    assert (attendance["attended"], attendance["counted"], attendance["share"]) == (4, 5, "80.0")
    assert attendance["longest_missed"] == 1
    deadlift = figures["loads"][0]
    assert (deadlift["exercise"], deadlift["visits"]) == ("Deadlift", 4)
    assert [deadlift[key]["load"] for key in ("first", "best", "latest")] == [
        "40 kg",
        "44 kg",
        "44 kg",
    ]
    assert (figures["events"]["count"], figures["falls"]["known"]) == (0, 0)


def test_figures_are_frozen_until_they_are_renewed(trained: Cast):
    letter = letter_of(trained)
    Client.objects.filter(pk=trained.cal_client.pk).update(name="Cal Other")
    letter = letters.save(
        letter=letter,
        text=text_of(letter, plan="My own plan."),
        revision=letter.revision,
        by=trained.ana,
    )
    assert letter.figures["client"]["name"] == "Cal P."

    renewed = letters.renew(letter=letter, by=trained.ana, now=later(trained))
    assert renewed.figures["client"]["name"] == "Cal Other"
    assert renewed.parts["opening"].startswith("Cal Other takes part")
    assert renewed.parts["plan"] == "My own plan."


def measured(cast: Cast, measure: str, *values: tuple[date, int], **more: object) -> None:
    """Values in ten-thousandths of the unit."""
    for day, amount in values:
        Measurement.objects.create(
            clinic=cast.north,
            client=cast.cal_client,
            measure=measure,
            taken_on=day,
            amount=amount,
            recorded_by=cast.ana,
            **more,
        )


JANUARY, MARCH = date(2026, 1, 10), date(2026, 3, 30)


def test_outcomes_have_their_honest_labels_and_what_they_were_held_against(trained: Cast):
    device = ScanDevice.objects.create(clinic=trained.north, name="DXA", added_by=trained.ana)
    PrecisionStudy.objects.create(
        clinic=trained.north,
        device=device,
        site="total_hip",
        done_on=JANUARY,
        repeats=[[8000, 8100]] * 30,
        rms_micro=10_000,
        lsc_micro=27_700,
        recorded_by=trained.ana,
    )
    measured(trained, "total_hip_bmd", (JANUARY, 8000), (MARCH, 8240), device=device, side="left")
    measured(trained, "lumbar_bmd", (JANUARY, 9000), (MARCH, 9500), device=device, region="L1-L4")
    measured(trained, "sts5", (JANUARY, 132_000), (MARCH, 109_000))
    measured(trained, "tug", (JANUARY, 80_000))
    letter = letter_of(trained)

    found = {one["name"]: one for one in letter.figures["outcomes"]}
    hip = found["Total hip BMD, left"]
    assert (hip["before"], hip["after"], hip["change"]) == (
        "0.8000",
        "0.8240",
        "+0.0240 g/cm² (+3.0 %)",
    )
    assert hip["label"] == "no significant change (LSC 0.0277 g/cm²)"
    assert found["Lumbar spine BMD"]["label"].startswith("LSC unknown")
    assert any(
        one["label"].startswith("possibly meaningful, within measurement error")
        for one in found.values()
    )
    assert hip["band"] == ["0.7723", "0.8277"]
    assert found["Lumbar spine BMD"]["band"] == []
    said = read(pdf_of(letter))
    assert "no significant change (LSC 0.0277 g/cm²)" in said
    assert "does not say what training did" in said
    assert pages_of(pdf_of(letter)) <= 2


def test_without_measurements_there_is_no_part_about_them(trained: Cast):
    assert "Outcomes" not in read(pdf_of(letter_of(trained)))


def test_no_part_promises_or_says_that_there_is_no_risk(trained: Cast):
    for words in letter_of(trained).parts.values():
        for never in ("no risk", "will improve", "will gain", "2.2 %", "guarantee"):
            assert never not in words.lower()


# --- two people, one draft ------------------------------------------------------------------------
def test_two_who_edit_one_draft_lose_nothing(trained: Cast):
    letter = letter_of(trained)
    letters.save(
        letter=letter,
        text=text_of(letter, plan="From Ana."),
        revision=letter.revision,
        by=trained.ana,
    )
    with pytest.raises(Conflict) as clash:
        letters.save(
            letter=letter,
            text=text_of(letter, plan="From Tess."),
            revision=letter.revision,
            by=trained.tess,
        )
    assert clash.value.letter.parts["plan"] == "From Ana."
    letter.refresh_from_db()
    assert (letter.parts["plan"], letter.revision) == ("From Ana.", 1)


def test_the_page_shows_both_texts_and_the_next_save_is_knowingly_on_top(trained: Cast):
    letter = letter_of(trained)
    ana, tess = browser(trained.ana), browser(trained.tess)
    url = f"/c/north/letters/{letter.pk}/"
    both = [filled(one.get(url).content.decode()) for one in (ana, tess)]
    assert ana.post(url, {**both[0], "part-plan": "From Ana."}).status_code == 302
    clash = tess.post(url, {**both[1], "part-plan": "From Tess."})
    page = clash.content.decode()

    assert clash.status_code == 409
    assert "From Ana." in page
    assert "From Tess." in page
    assert tess.post(url, filled(page)).status_code == 302
    letter.refresh_from_db()
    assert letter.parts["plan"] == "From Tess."


def test_too_long_a_part_is_told_beside_it_and_kept(trained: Cast):
    letter = letter_of(trained)
    ana, url = browser(trained.ana), f"/c/north/letters/{letter.pk}/"
    body = filled(ana.get(url).content.decode())
    refused = ana.post(url, {**body, "part-plan": "x" * 1300, "addressee": ""})
    page = refused.content.decode()
    assert refused.status_code == 422
    for words in ("this has 1300", "Write whom the letter is to", "x" * 1300):
        assert words in page


def test_a_nul_in_what_is_typed_is_left_out(trained: Cast):
    letter = letter_of(trained)
    ana, url = browser(trained.ana), f"/c/north/letters/{letter.pk}/"
    body = filled(ana.get(url).content.decode())
    said = {"part-plan": "On\x00ward.", "addressee": "Dr\x00 L.", "address": "1 Quay\x00"}
    assert ana.post(url, body | said).status_code == 302
    letter.refresh_from_db()
    assert (letter.parts["plan"], letter.addressee) == ("Onward.", "Dr L.")
    assert letter.address == "1 Quay"


# --- signed ---------------------------------------------------------------------------------------
def test_signed_it_is_a_paper_with_name_and_licence_and_never_changes(trained: Cast):
    licensed(trained)
    letter = sign(letter=letter_of(trained), revision=0, by=trained.ana, now=later(trained))

    document = letter.document
    assert (document.kind, document.type) == ("letter", "application/pdf")
    with document.file.open() as kept:
        said = read(kept.read())
    for words in (
        "Progress of Cal P., born 2 April 1958",
        "Dr L. H.",
        "4 of 5 sessions",
        "40 kg, 5 times",
        "Signed by Ana T., Physiotherapist, licence PT 1234 (Queensland)",
    ):
        assert words in said, words
    assert "Draft" not in said
    for change in (
        lambda: letters.renew(letter=letter, by=trained.ana, now=later(trained)),
        lambda: letters.save(letter=letter, text=text_of(letter), revision=0, by=trained.ana),
        lambda: sign(letter=letter, revision=0, by=trained.tess, now=later(trained)),
        lambda: letters.drop(letter=letter, by=trained.ana, now=later(trained)),
    ):
        with pytest.raises(AlreadySigned):
            change()


def test_the_pdf_of_a_signed_letter_is_the_file_that_was_kept(trained: Cast):
    letter = sign(letter=letter_of(trained), revision=0, by=trained.ana, now=later(trained))
    Client.objects.filter(pk=trained.cal_client.pk).update(name="Cal Other")
    answer = browser(trained.ada).get(f"/c/north/letters/{letter.pk}/letter.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert hashlib.sha256(answer.content).hexdigest() == letter.document.sha256


def test_what_changed_since_it_was_read_is_not_signed(trained: Cast):
    letter = letter_of(trained)
    letters.save(letter=letter, text=text_of(letter, plan="New."), revision=0, by=trained.tess)
    with pytest.raises(Conflict):
        sign(letter=letter, revision=0, by=trained.ana, now=later(trained))


def test_a_licence_that_ran_out_cannot_sign(trained: Cast):
    licensed(trained, expires_on=date(2026, 3, 10))
    letter = letter_of(trained)
    with pytest.raises(CannotSign, match="ran out on 10 March 2026"):
        sign(letter=letter, revision=0, by=trained.ana, now=later(trained))
    letter.refresh_from_db()
    assert letter.signed_at is None
    assert not Document.objects.exists()


def test_a_letter_of_three_pages_is_not_signed(trained: Cast):
    letter = letter_of(trained)
    long = {key: "a word\n" * 170 for key, _ in PARTS}
    letter = letters.save(letter=letter, text=text_of(letter, **long), revision=0, by=trained.ana)
    with pytest.raises(CannotSign, match="pages"):
        sign(letter=letter, revision=letter.revision, by=trained.ana, now=later(trained))


def test_only_therapists_of_the_clinic_write_and_sign(trained: Cast):
    letter = letter_of(trained)
    for by in (trained.ada, trained.dee, trained.cal, trained.otto, trained.lea):
        with pytest.raises(PermissionDenied):
            sign(letter=letter, revision=0, by=by, now=later(trained))
        with pytest.raises(PermissionDenied):
            letters.save(letter=letter, text=text_of(letter), revision=0, by=by)


# --- the PDF --------------------------------------------------------------------------------------
def test_a_draft_is_marked_on_its_page_and_has_at_most_two(trained: Cast):
    pdf = pdf_of(letter_of(trained))
    assert pages_of(pdf) <= 2
    assert "Draft, not signed. Cal P." in read(pdf)
    images = PdfReader(io.BytesIO(pdf)).pages[0]
    assert "Deadlift, heaviest set of each session" in images.extract_text()


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Ánh",
        "Ольга Ћирић",
        "Ελένη Παπά",
        '#import "@preview/x" *Bo* $x$ _y_ `z` <a> @b',
        "Bo ]#panic[",
        "Łucja Ğőș",
    ],
)
def test_a_name_keeps_its_letters_and_is_never_an_instruction(trained: Cast, name: str):
    Client.objects.filter(pk=trained.cal_client.pk).update(name=name)
    trained.enrollment.client.refresh_from_db()
    letter = letter_of(trained)
    letter.parts["plan"] = f"For {name}. #pagebreak() = Not a heading"
    said = read(pdf_of(letter))
    assert f"Progress of {name}, born" in said
    assert f"For {name}. #pagebreak() = Not a heading" in said


def test_the_page_has_what_the_pdf_has(trained: Cast):
    letter = letter_of(trained)
    page = browser(trained.ana).get(f"/c/north/letters/{letter.pk}/").content.decode()
    for words in ("Draft, not signed", "4 of 5 sessions", "44 kg, 5 times", "<svg"):
        assert words in page, words


# --- drafting on the page -------------------------------------------------------------------------
def test_drafted_from_the_clients_page_for_chosen_days(trained: Cast):
    url = f"/c/north/clients/{trained.cal_client.pk}/letters/"
    with time_machine.travel(later(trained), tick=False):
        ana = browser(trained.ana)
        body = filled(ana.get(url).content.decode())
        assert (body["addressee"], body["first"]) == ("Dr L. H.", "5 March 2026")
        refused = ana.post(url, {**body, "last": "1 January 2026"})
        assert refused.status_code == 422
        assert ana.post(url, {**body, "last": "1 January 2027"}).status_code == 422
        assert ana.post(url, body).status_code == 302
    letter = ProgressLetter.objects.get()
    assert (letter.first_day, letter.addressee) == (date(2026, 3, 5), "Dr L. H.")
