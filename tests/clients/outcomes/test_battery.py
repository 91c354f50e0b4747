"""A battery is entered on one page; nothing typed is lost, and twice is once."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from bonefit.clients import measuring
from bonefit.clients.measured import series_of
from bonefit.clients.measures import MEASURES
from bonefit.clients.models import Battery, Measurement, PrecisionStudy, ScanDevice
from tests.cast import NOW


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def scanner(cast):
    return ScanDevice.objects.create(clinic=cast.north, name="Horizon", added_by=cast.ada)


@pytest.fixture
def page(cast, client):
    client.force_login(cast.ana.user)
    return reverse("clients:battery", args=[cast.north.slug, cast.cal_client.pk])


def typed(cast, **more):
    return {
        "uid": str(uuid.uuid4()),
        "taken_on": "5 March 2026",
        "assessor": str(cast.ana.pk),
        **more,
    }


def test_trials_are_kept_as_typed_and_the_value_follows_the_rule(cast, client, page):
    said = typed(
        cast, tug_1="11,4", tug_2="10.9", height_1="162.0", height_2="162.1", treating="no"
    )
    assert client.post(page, said).status_code == 302
    tug = Measurement.objects.get(measure="tug")
    assert (tug.amount, tug.trials, tug.entered) == (109_000, ["11,4", "10.9"], "11,4; 10.9")
    assert Measurement.objects.get(measure="height").amount == 1_620_500
    battery = Battery.objects.get()
    assert (battery.assessor, battery.treating) == (cast.ana, False)


def test_a_scan_has_its_side_region_scanner_and_the_t_score_of_the_report(
    cast, client, page, scanner
):
    said = typed(
        cast,
        scanned_on="20 February 2026",
        device=str(scanner.pk),
        lumbar_bmd_1="0.8000",
        lumbar_bmd_t="−2,4",
        lumbar_bmd_region="L1-L4",
        total_hip_bmd_1="0.7100",
        total_hip_bmd_side="left",
    )
    assert client.post(page, said).status_code == 302
    spine = Measurement.objects.get(measure="lumbar_bmd")
    assert (spine.amount, spine.site, spine.t_score) == (8000, "lumbar", Decimal("-2.4"))
    assert (spine.taken_on, spine.device) == (date(2026, 2, 20), scanner)
    assert Measurement.objects.get(measure="total_hip_bmd").side == "left"


def test_a_scan_without_a_day_or_a_side_is_asked_for_them(cast, client, page):
    answer = client.post(page, typed(cast, total_hip_bmd_1="0.71"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Write the day of the scan." in text
    assert "Choose the side that was scanned." in text
    assert 'value="0.71"' in text
    assert not Measurement.objects.exists()


def test_a_value_that_cannot_be_is_refused_beside_its_field(cast, client, page):
    answer = client.post(page, typed(cast, tug_1="900", tug_2="11"))
    assert answer.status_code == 422
    assert "900.0 s cannot be. It is between 2 to 180 s." in answer.content.decode()
    assert 'value="900"' in answer.content.decode()
    assert not Battery.objects.exists()


def test_an_unusual_value_is_asked_about_once(cast, client, page):
    said = typed(cast, tug_1="45")
    answer = client.post(page, said)
    assert answer.status_code == 422
    assert "45.0 s is unusual" in answer.content.decode()
    assert client.post(page, {**said, "sure": "on"}).status_code == 302
    assert Measurement.objects.get().amount == 450_000


def test_what_was_not_done_has_its_reason_and_no_value(cast, client, page):
    client.post(page, typed(cast, vertical_jump_why="Knee is sore"))
    row = Measurement.objects.get()
    assert (row.amount, row.not_done) == (None, "Knee is sore")


def test_an_empty_battery_is_not_recorded(cast, client, page):
    answer = client.post(page, typed(cast))
    assert answer.status_code == 422
    assert "Nothing is written yet." in answer.content.decode()


def test_sent_twice_it_is_recorded_once(cast, client, page):
    said = typed(cast, tug_1="11.4")
    client.post(page, said)
    again = client.post(page, said, follow=True)
    assert "It was recorded already." in again.content.decode()
    assert Measurement.objects.count() == 1


def test_force_is_kept_in_the_unit_as_measured_beside_kilograms(cast, client, page):
    client.post(page, typed(cast, back_strength_1="300", back_strength_unit="N"))
    row = Measurement.objects.get()
    assert (row.entered, row.entered_unit, row.amount) == ("300", "N", 305_915)


def measured(cast, amount, on, **scan):
    slug = scan.pop("measure", "lumbar_bmd")
    battery, _ = measuring.record_battery(
        client=cast.cal_client,
        uid=uuid.uuid4(),
        taken_on=on,
        taken=[
            measuring.Taken(MEASURES[slug], typed=["x"], trials=[amount], taken_on=on, scan=scan)
        ],
        assessor=cast.ana,
        treating=None,
        note="",
        by=cast.ana,
        now=NOW,
    )
    return battery.measurements.get()


def precise(cast, scanner, *, people=30):
    return PrecisionStudy.objects.create(
        clinic=cast.north,
        device=scanner,
        site="lumbar",
        done_on=date(2026, 1, 5),
        repeats=[[8000, 8100]] * people,
        rms_micro=10_000,
        lsc_micro=27_700,
        recorded_by=cast.ada,
    )


def test_the_page_says_what_changed_and_against_what(cast, client, scanner):
    precise(cast, scanner)
    measured(cast, 7000, date(2025, 2, 1), device=scanner, region="L1-L4")
    measured(cast, 6723, date(2026, 2, 1), device=scanner, region="L1-L4")
    client.force_login(cast.ana.user)
    page = client.get(reverse("clients:outcomes", args=[cast.north.slug, cast.cal_client.pk]))
    text = page.content.decode()
    assert "decrease beyond LSC" in text
    assert "LSC 0.0277 g/cm²" in text
    assert "Tell the doctor who referred her." in text


def test_a_study_of_too_few_people_gives_no_lsc(cast, client, scanner):
    precise(cast, scanner, people=29)
    measured(cast, 7000, date(2025, 2, 1), device=scanner, region="L1-L4")
    measured(cast, 9000, date(2026, 2, 1), device=scanner, region="L1-L4")
    client.force_login(cast.ana.user)
    page = client.get(reverse("clients:outcomes", args=[cast.north.slug, cast.cal_client.pk]))
    assert "LSC unknown" in page.content.decode()


def test_height_lost_asks_for_an_image(cast, client):
    measured(cast, 1_640_000, date(2025, 2, 1), measure="height")
    measured(cast, 1_620_000, date(2026, 2, 1), measure="height")
    client.force_login(cast.ana.user)
    page = client.get(reverse("clients:outcomes", args=[cast.north.slug, cast.cal_client.pk]))
    assert "2.0 cm of height lost since it was first measured here" in page.content.decode()


def test_a_correction_is_a_further_row_and_the_first_stays_readable(cast, client):
    first = measured(cast, 114_000, date(2026, 3, 1), measure="tug")
    client.force_login(cast.ana.user)
    args = [cast.north.slug, cast.cal_client.pk, first.pk]
    page = reverse("clients:measurement", args=args)
    said = {"value": "10,4", "taken_on": "1 March 2026", "why": ""}
    answer = client.post(page, said)
    assert answer.status_code == 422
    assert "Write why, so that the first value can be understood." in answer.content.decode()
    assert client.post(page, {**said, "why": "A typing error"}).status_code == 302
    first.refresh_from_db()
    assert first.amount == 114_000
    assert first.replaced_by.amount == 104_000
    (series,) = series_of(cast.cal_client, lscs={}, numbers={"tug": {}})
    assert [point.shown for point in series.points] == ["10.4"]
    shown = client.get(reverse("clients:outcomes", args=args[:2])).content.decode()
    assert "A typing error" in shown
    again = client.post(page, {**said, "why": "Once more"})
    assert again.status_code == 422
    assert "Somebody else has corrected this value meanwhile." in again.content.decode()


@pytest.mark.parametrize("how_many", [2, 24])
def test_the_page_costs_the_same_queries_whatever_the_history(
    cast, client, how_many, django_assert_num_queries
):
    for number in range(how_many):
        measured(cast, 114_000, date(2024 + number // 12, number % 12 + 1, 1), measure="tug")
    client.force_login(cast.ana.user)
    url = reverse("clients:outcomes", args=[cast.north.slug, cast.cal_client.pk])
    client.get(url)
    with django_assert_num_queries(10):
        client.get(url)


def test_a_picture_is_sent_again_only_when_something_changed(cast, client, scanner):
    precise(cast, scanner)
    measured(cast, 8000, date(2025, 2, 1), device=scanner, region="L1-L4")
    last = measured(cast, 8240, date(2026, 2, 1), device=scanner, region="L1-L4")
    client.force_login(cast.ana.user)
    args = [cast.north.slug, cast.cal_client.pk]
    url = reverse("clients:chart", args=[*args, "lumbar_bmd"])
    first = client.get(url)
    assert "<svg" in first.content.decode()
    assert "no significant change" in first.content.decode()
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    measuring.correct(
        measurement=last,
        typed="0.83",
        amount=8300,
        taken_on=last.taken_on,
        why="Typing error",
        by=cast.ana,
        now=NOW,
    )
    again = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert "increase beyond LSC" in again.content.decode()


def test_a_trials_mean_is_shown_as_that_of_a_group_with_its_spread(cast, client, scanner):
    measured(cast, 8000, date(2026, 2, 1), device=scanner, region="L1-L4")
    client.force_login(cast.ana.user)
    page = client.get(reverse("clients:outcomes", args=[cast.north.slug, cast.cal_client.pk]))
    text = page.content.decode()
    assert "LIFTMOR, women, 8 months of HiRIT: mean change of the group +2.9 ± 2.8 %" in text
    assert "What one person can expect does not follow from it." in text


def test_a_stance_held_past_its_cap_counts_as_the_cap_and_is_kept_as_typed(cast, client, page):
    client.post(page, typed(cast, tandem_stance_1="12", single_leg_stance_1="61"))
    tandem = Measurement.objects.get(measure="tandem_stance")
    assert (tandem.amount, tandem.entered) == (100_000, "12")
    assert Measurement.objects.get(measure="single_leg_stance").amount == 450_000


def test_enjoyment_is_the_sum_of_eight_items(cast, client, page):
    items = {f"paces8_{number}": str(number % 7 + 1) for number in range(1, 9)}
    answer = client.post(page, typed(cast, **{**items, "paces8_3": ""}))
    assert answer.status_code == 422
    assert "All items are needed for a score." in answer.content.decode()
    answer = client.post(page, typed(cast, **{**items, "paces8_3": "8"}))
    assert "An item is 1 to 7." in answer.content.decode()
    assert not Measurement.objects.exists()
    assert client.post(page, typed(cast, **items)).status_code == 302
    row = Measurement.objects.get()
    assert row.amount == sum(int(one) for one in items.values()) * 10_000
    assert len(row.trials) == 8
