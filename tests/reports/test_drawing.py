"""What the pictures of reports are made of: scales, words at their ends, marks that differ."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from sessions.reports.drawing import SHADES, draw, spec_of
from sessions.reports.pictures import (
    Bars,
    Benchmark,
    Forest,
    Funnel,
    Picture,
    Spot,
    Survival,
    Trend,
)
from sessions.reports.survival import Watched, curve


def layers(picture: Picture) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in spec_of(picture)["layer"]}


def trend(*values: float, benchmarks: tuple[Benchmark, ...] = ()) -> Trend:
    spots = [
        Spot(f"{month} 2026", value, value - 2, value + 2, 40)
        for month, value in zip(("October", "November", "December"), values, strict=False)
    ]
    return Trend("Attendance", "By month.", tuple(spots), benchmarks)


@pytest.mark.parametrize(
    ("values", "domain"),
    [
        ((84.0, 91.0), (50, 100)),
        ((31.0, 77.0), (20, 100)),
        ((2.5, 6.0), (0, 10)),
        ((58.0,), (50, 60)),
    ],
)
def test_the_scale_goes_round_what_is_drawn_in_whole_tens(
    values: tuple[float, ...], domain: tuple[int, int]
) -> None:
    assert layers(trend(*values))["value"]["encoding"]["y"]["scale"]["domain"] == domain


def test_a_published_value_and_an_interval_are_within_the_scale() -> None:
    published = (Benchmark("Real clinics 60–69", 60.0, 69.0), Benchmark("Others 31", 31.0, 31.0))
    made = layers(trend(84.0, benchmarks=published))
    assert made["value"]["encoding"]["y"]["scale"]["domain"] == (30, 100)
    assert made["band"]["data"]["values"][0]["high"] == 69.0
    assert [one["value"] for one in made["ref"]["data"]["values"]] == [31.0]


def test_a_long_name_beside_the_plot_goes_on_in_the_next_line() -> None:
    long = Benchmark("US outpatient physiotherapy 10.4 ± 7.4", 10.4, 10.4)
    (one,) = layers(trend(4.0, benchmarks=(long,)))["ref_word"]["data"]["values"]
    assert one["name"].replace("\n", " ") == long.name
    assert max(map(len, one["name"].split("\n"))) <= 20


def test_months_are_short_however_a_report_writes_them() -> None:
    made = Bars("Lifted", "By month.", "kg", (("2026-10", {"Squat": 1.0}), ("May 2026", {})))
    assert layers(made)["bars"]["encoding"]["x"]["sort"] == ["Oct 2026", "May 2026"]
    order = layers(trend(84.0, 85.0))["value"]["encoding"]["x"]["sort"]
    assert order == ["Oct 2026", "Nov 2026"]
    named = Trend("By room", "Rooms.", (Spot("Room 1", 50.0, None, None, 3),))
    assert layers(named)["value"]["encoding"]["x"]["sort"] == ["Room 1"]


def test_the_curve_has_its_interval_from_the_first_dropout_to_the_last_known_week() -> None:
    one = curve([Watched(4, True), *[Watched(30, False)] * 3])
    assert [week for week, _, _ in one.around()] == [float(week) for week in range(4, 31)]
    assert all((low, high) == one.interval(int(week)) for week, low, high in one.around())
    assert curve([Watched(9, False)]).around() == ()
    made = Survival("Still there", "By week.", one.drawn(), one.marked(), one.around())
    assert layers(made)["between"]["data"]["values"][0]["week"] == 4.0


def test_a_change_is_a_dot_and_a_published_one_another_shape() -> None:
    spots = (Spot("Deadlift", 9.0, None, None, 3), Spot("Reach", -4.0, -6.0, -2.0, 9))
    made = layers(Forest("Change", "Means.", "per cent", spots, (("Reach", "LIFTMOR", -5.0),)))
    assert made["mark"]["mark"]["shape"] == "diamond"
    assert [one["label"] for one in made["whisker"]["data"]["values"]] == ["Reach"]
    assert [one["label"] for one in made["value_point"]["data"]["values"]] == ["Deadlift", "Reach"]


@pytest.mark.parametrize(
    "picture",
    [
        trend(84.0, 91.0),
        Survival("Still there", "W & <b>.", ((0.0, 1.0), (4.0, 0.75)), ((0, 4), (4, 4))),
        Bars("Lifted", "W & <b>.", "kg", (("2026-10", {"Squat": 4.0, "Press": 2.0}),)),
        Funnel("Reached", "W & <b>.", (("Enrolled", 4), ("70 sessions", 1))),
        Forest("Change", "W & <b>.", "per cent", (Spot("Reach", 4.0, 2.0, 6.0, 9),)),
    ],
    ids=lambda picture: type(picture).__name__,
)
def test_each_is_one_image_with_its_words_and_without_a_style_of_its_own(picture: Picture) -> None:
    drawn = draw(picture)
    assert drawn.count('role="img"') == 1
    assert " style=" not in drawn
    assert "<b>" not in drawn
    assert f"<title>{picture.title}</title>" in drawn


def test_parts_of_a_bar_differ_in_how_dark_they_are() -> None:
    dark = [sum(int(shade[at : at + 2], 16) for at in (1, 3, 5)) for shade in SHADES[:4]]
    assert all(after - before > 90 for before, after in itertools.pairwise(dark))
