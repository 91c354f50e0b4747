"""A scanner's LSC is from the clinic's own repeated scans, and is gone when it is moved."""

from datetime import date

import pytest

from bonefit.clients.models import PrecisionStudy, ScanDevice
from tests.cast import NOW

BASE = "/c/north/clients/devices/"
ENOUGH = "\n".join(f"0.{800 + n} 0,{805 + n}; 0.{803 + n}" for n in range(15))


@pytest.fixture
def device(cast):
    return ScanDevice.objects.create(clinic=cast.north, name="Horizon", added_by=cast.ada)


def typed(**said):
    return {"site": "lumbar", "done_on": "1 March 2026", "repeats": ENOUGH} | said


def test_a_scanner_is_added_once_under_its_name(cast, enter):
    ada = enter(cast.ada)
    assert ada.post(BASE, {"name": "Horizon", "maker": "Hologic"}).status_code == 302
    again = ada.post(BASE, {"name": "Horizon", "place": "Upstairs"})
    assert again.status_code == 422
    assert "A scanner of that name is there already." in again.text
    assert "Upstairs" in again.text
    assert ScanDevice.objects.get().maker == "Hologic"


def test_a_study_is_typed_with_commas_dots_and_any_gap_and_is_recorded_once(cast, enter, device):
    ada, page = enter(cast.ada), f"{BASE}{device.pk}/"
    for _ in range(2):
        assert ada.post(page, typed()).status_code == 302
    study = PrecisionStudy.objects.get()
    assert (study.done_on, study.recorded_by) == (date(2026, 3, 1), cast.ada)
    assert study.repeats[0] == [8000, 8050, 8030]
    # Each person's SD is √(19/3) thousandths, 2.5166; 2.77 times that is 6.97101, rounded up.
    assert (study.rms_micro, study.lsc_micro) == (2517, 6972)
    assert "LSC 0.0070 g/cm²" in ada.get(page).text
    assert "too few people" not in ada.get(page).text


def test_a_study_of_too_few_people_is_kept_and_says_so(cast, enter, device):
    ada, page = enter(cast.ada), f"{BASE}{device.pk}/"
    ada.post(page, typed(repeats="0.800 0.812\n0.900 0.894\n0.700 0.710"))
    assert PrecisionStudy.objects.get().lsc_micro == 18_923
    assert "From too few people" in ada.get(page).text


@pytest.mark.parametrize(
    ("repeats", "words"),
    [
        ("", "Write the scans, one person a line."),
        ("0.8", "Line 1: write two or three scans of one person."),
        ("0.800 0.812\n0.900", "Line 2: write two or three scans of one person."),
        ("0.800 abc", "“abc” is no number."),
        ("0.800 NaN", "Line 1: NaN is no bone density in g/cm²."),
        ("0.800 8000", "Line 1: 8000 is no bone density in g/cm²."),
        ("0.80001 0.8", "Line 1: 0.80001 has more than four decimals."),
        ("0.800 0.812\n0.9 0.91 0.92", "Everybody is scanned equally often."),
        ("0.800 0.800\n0.900 0.900", "All scans are equal to the last digit."),
    ],
)
def test_scans_that_cannot_be_are_refused_beside_the_field(cast, enter, device, repeats, words):
    answer = enter(cast.ada).post(f"{BASE}{device.pk}/", typed(repeats=repeats))
    assert answer.status_code == 422
    assert words in answer.text
    assert "1 March 2026" in answer.text, "what was typed is kept"
    assert not PrecisionStudy.objects.exists()


def test_a_study_of_tomorrow_is_refused(cast, enter, device):
    answer = enter(cast.ada).post(f"{BASE}{device.pk}/", typed(done_on="6 March 2026"))
    assert (answer.status_code, PrecisionStudy.objects.count()) == (422, 0)


def test_when_the_scanner_is_moved_its_studies_hold_no_longer_and_stay_readable(
    cast, enter, device
):
    ada, page = enter(cast.ada), f"{BASE}{device.pk}/"
    ada.post(page, typed())
    assert ada.post(f"{page}moved/", {"why": ""}).status_code == 422
    assert PrecisionStudy.objects.get().void_at is None
    assert ada.post(f"{page}moved/", {"why": "To another room"}).status_code == 302
    study = PrecisionStudy.objects.get()
    assert (study.void_by, study.void_why) == (cast.ada, "To another room")
    assert study.void_at.date() == NOW.date()
    assert "Holds no longer" in ada.get(page).text
    ada.post(page, typed())
    assert PrecisionStudy.objects.filter(void_at=None).count() == 1, "a new study after the move"


def test_a_scanner_that_is_used_no_longer_stays_with_its_day(cast, enter, device):
    ada = enter(cast.ada)
    ada.post(f"{BASE}{device.pk}/retired/")
    device.refresh_from_db()
    assert device.retired_on == date(2026, 3, 5)
    assert "used until 5 March 2026" in ada.get(BASE).text
