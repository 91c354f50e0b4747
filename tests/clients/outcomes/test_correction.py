"""A correction begins from what stands there, in the unit in which it was typed."""

from datetime import date
from decimal import Decimal

import pytest

from bonefit.clients.models import Measurement, ScanDevice
from tests.cast import NOW


@pytest.fixture
def pulled(cast):
    """Back extensor strength of 300 N, which is 30.5915 kg."""

    def pull(trials):
        return Measurement.objects.create(
            clinic=cast.north,
            client=cast.cal_client,
            measure="back_strength",
            taken_on=date(2026, 3, 1),
            amount=305_915,
            entered="; ".join(trials),
            entered_unit="N",
            trials=trials,
            recorded_by=cast.ana,
            recorded_at=NOW,
        )

    return pull


def page(row):
    return f"/c/north/clients/{row.client_id}/measured/{row.pk}/"


def test_a_force_in_newtons_is_corrected_in_newtons(cast, enter, pulled):
    first, ana = pulled(["300"]), enter(cast.ana)
    shown = ana.get(page(first)).text
    assert 'value="300"' in shown
    assert '<option value="N" selected>' in shown
    said = {"value": "310", "unit": "N", "taken_on": "1 March 2026", "why": "Misread"}
    assert ana.post(page(first), said).status_code == 302
    first.refresh_from_db()
    right = first.replaced_by
    assert (right.amount, right.entered, right.entered_unit) == (316_112, "310", "N")


def test_of_several_trials_the_value_stands_there_in_the_measures_own_unit(cast, enter, pulled):
    shown = enter(cast.ana).get(page(pulled(["290", "300", "280"]))).text
    assert 'value="30.6"' in shown
    assert '<option value="kg" selected>' in shown


def test_a_unit_that_it_is_not_measured_in_is_refused(cast, enter, pulled):
    first = pulled(["300"])
    said = {"value": "310", "unit": "stone", "taken_on": "1 March 2026", "why": "Misread"}
    assert enter(cast.ana).post(page(first), said).status_code == 422
    assert Measurement.objects.count() == 1


def test_what_a_scan_is_compared_by_is_corrected_with_it(cast, enter):
    wrong = ScanDevice.objects.create(clinic=cast.north, name="Old", added_by=cast.ada)
    right = ScanDevice.objects.create(clinic=cast.north, name="New", added_by=cast.ada)
    first = Measurement.objects.create(
        clinic=cast.north,
        client=cast.cal_client,
        measure="total_hip_bmd",
        taken_on=date(2026, 3, 1),
        amount=7100,
        entered="0.71",
        entered_unit="g/cm²",
        trials=["0.71"],
        site="total_hip",
        side="left",
        device=wrong,
        recorded_by=cast.ana,
        recorded_at=NOW,
    )
    ana = enter(cast.ana)
    said = {
        "value": "0.71",
        "taken_on": "1 March 2026",
        "device": str(right.pk),
        "side": "right",
        "region": "total",
        "t_score": "-2,45",
        "why": "Read from the wrong line",
    }
    answer = ana.post(page(first), said)
    assert answer.status_code == 422
    assert "A T-score lies between −8.0 and 5.0, with one decimal." in answer.content.decode()
    assert ana.post(page(first), {**said, "t_score": "−2,4"}).status_code == 302
    first.refresh_from_db()
    row = first.replaced_by
    assert (row.device, row.side, row.region, row.t_score) == (
        right,
        "right",
        "total",
        Decimal("-2.4"),
    )
    assert (first.device, first.side, first.t_score) == (wrong, "left", None)
