"""The bench runs, keeps what it is told, and writes its figures where they belong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from bench import board, charts, desk, flags, fold, importing, previews, report, reports, week
from bench.history import history
from bench.reported import AIM_STATEMENTS, Found, as_text
from bench.web import BenchError
from bonefit.paths import BASE_DIR
from programs.progression import Visited, replay, targets
from sessions.reports.registry import KINDS
from tests.servers import environment

TINY = ["--people=3", "--history=2", "--visits=2", "--rounds=1", "--bare=6", "--tablets=2"]
#: 5 sets of 4 lifts.
SETS_OF_A_VISIT = 20


def run_tiny(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench.log_set", *TINY],
        cwd=BASE_DIR,
        env=environment(**env),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_tiny_run_logs_its_sets_over_http_and_says_how_fast(databases, migrated, worker_name):
    database = databases.clone(migrated, f"bench_{worker_name}")
    done = run_tiny(databases.environment(database))
    assert done.returncode == 0, done.stderr

    said = done.stdout
    assert re.search(r"Logging a set runs at \d+\.\d\d of the bare view's requests a second", said)
    assert re.search(r"^\| requests/s \| [\d,]+ \| [\d,]+ \| [\d,]+ \|$", said, re.M)
    assert re.search(r"^\| p95 \| \d+\.\d ms \| \d+\.\d ms \| \d+\.\d ms \|$", said, re.M)
    assert re.search(r"^\| the fold over the log \| \d+\.\d\d ms \| \d+ % \|  \|$", said, re.M)
    # One visit of each of two clients is logged in the round; the other visit warms up.
    before = 3 * 2 * SETS_OF_A_VISIT
    assert f"1 rounds, the views in turn; {2 * SETS_OF_A_VISIT} sets and 12 bare rows" in said
    assert f"with 2 visits each before ({before} sets)" in said
    assert str(BASE_DIR) not in said

    # Two clients' two visits over HTTP, and the third one's inside one process.
    with databases.cluster.connect(database=database) as sees:
        sets = sees.execute("SELECT count(*) FROM training_setentry").fetchone()
    assert sets == (before + 6 * SETS_OF_A_VISIT,)
    databases.cluster.drop_database(database)


@pytest.mark.browser
@pytest.mark.xdist_group("e2e")
def test_a_tiny_run_of_the_board_sends_batches_and_says_what_the_page_weighs(
    databases, migrated, worker_name
):
    database = databases.clone(migrated, f"bench_board_{worker_name}")
    done = subprocess.run(
        [sys.executable, "-m", "bench.board", "--tablets", "1", "2", "--history", "2"],
        cwd=BASE_DIR,
        env=environment(**databases.environment(database)),
        capture_output=True,
        text=True,
        check=False,
    )
    databases.cluster.drop_database(database)
    assert done.returncode == 0, done.stderr

    for tablets in (1, 2):
        assert re.search(rf"^\| {tablets} \| [\d,]+ \| \d+ ms \| [\d,]+ \|", done.stdout, re.M)
    alone, many = re.search(
        r"one operation takes (\d+) SQL statements, one with 50 .* takes (\d+)", done.stdout
    ).groups()
    assert int(many) < 3 * int(alone)
    weight = re.search(r"first load weighs (\d+) kB compressed", done.stdout)
    assert int(weight[1]) <= 150
    assert "without a network." in done.stdout


def test_a_tiny_run_of_the_desk_asks_for_each_page_at_each_size(databases, migrated, worker_name):
    database = databases.clone(migrated, f"bench_desk_{worker_name}")
    done = subprocess.run(
        [sys.executable, "-m", "bench.desk", "--sizes", "2", "4", "--repeats", "2"],
        cwd=BASE_DIR,
        env=environment(**databases.environment(database)),
        capture_output=True,
        text=True,
        check=False,
    )
    databases.cluster.drop_database(database)
    assert done.returncode == 0, done.stderr
    for size in (2, 4):
        for page in ("A class", "The bookings of a client", "Free places for a make-up"):
            row = rf"^\| {page}, {size} \| \d+ \| \d+ ms \| \d+ ms \|$"
            assert re.search(row, done.stdout, re.M), page
    assert "Each was asked for 2 times." in done.stdout


def test_a_tiny_run_of_the_week_plans_and_says_what_its_pages_cost(
    databases, migrated, worker_name
):
    database = databases.clone(migrated, f"bench_week_{worker_name}")
    tiny = ["--people", "10", "--weeks", "5", "--repeats", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "bench.week", *tiny],
        cwd=BASE_DIR,
        env=environment(**databases.environment(database)),
        capture_output=True,
        text=True,
        check=False,
    )
    databases.cluster.drop_database(database)
    assert done.returncode == 0, done.stderr

    assert re.search(r"A week of 200 classes is shown in \d+ ms of the server", done.stdout)
    statements = re.search(
        r"^\| the week \| \d+ ms \| \d+ ms \| \d+ ms \| (\d+) \|", done.stdout, re.M
    )
    assert int(statements[1]) <= 13  # one of them writes who looked
    assert re.search(r"Planning 8 weeks for 10 clients takes \d+\.\d s", done.stdout)


def test_a_database_that_holds_a_clinic_is_left_alone(databases, migrated, worker_name):
    database = databases.clone(migrated, f"bench_{worker_name}")
    with databases.cluster.connect(database=database) as owner:
        owner.execute(
            "INSERT INTO clinics_organisation (name, slug) VALUES ('Northside', 'northside')"
        )
        owner.execute(
            "INSERT INTO clinics_clinic"
            " (organisation_id, name, slug, timezone, unit, phone, address, emergency_plan,"
            " what_to_bring, rules_number)"
            " SELECT id, name, 'north', 'UTC', 'kg', '', '', '', '', 0"
            " FROM clinics_organisation"
        )
    done = run_tiny(databases.environment(database))
    databases.cluster.drop_database(database)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("holds clinics already: take another.")
    assert "Traceback" not in done.stderr


def test_the_figures_are_written_between_their_marks_and_the_words_around_them_stay(tmp_path):
    document = tmp_path / "performance.md"
    begin, end = report.MARKS
    document.write_text(f"# Before\n\n{begin}\n\nold\n\n{end}\n\nAfter.\n")
    report.write("new", document)
    report.write("newer", document)
    assert document.read_text() == f"# Before\n\n{begin}\n\nnewer\n\n{end}\n\nAfter.\n"


def test_a_document_without_the_marks_is_not_touched(tmp_path):
    document = tmp_path / "performance.md"
    document.write_text("# Before\n")
    with pytest.raises(BenchError, match=r"performance\.md has no place"):
        report.write("new", document)
    assert document.read_text() == "# Before\n"


def test_the_fold_is_measured_over_logs_that_grow_and_over_many_clients():
    folds = fold.measure(clients=3, repeats=2, lengths=(10, 70))
    assert [(one.visits, one.sets) for one in folds.lengths] == [(10, 200), (70, 1400)]
    assert [len(one.took) for one in folds.lengths] == [2, 2]
    assert len(folds.clients) == 3

    said = fold.as_text(folds)
    assert "70 visits × 4 lifts × 5 sets of one client fold in" in said
    assert "**3 such clients in one process take" in said
    assert re.search(r"^\| 10 \| \d+ \| 200 \| \d+\.\d\d ms \| \d+\.\d\d ms \| ", said, re.M)
    assert re.search(r"^\| 70 \| \d+ \| 1,400 \| \d+\.\d\d ms \| \d+\.\d\d ms \| ", said, re.M)


def test_pictures_of_each_size_are_drawn_and_taken_from_the_cache():
    found = charts.measure(repeats=2, sizes=(2, 12))
    assert [(one.values, len(one.first), len(one.again)) for one in found.sizes] == [
        (2, 2, 2),
        (12, 2, 2),
    ]
    said = charts.as_text(found)
    assert "**A picture of outcomes is drawn in" in said
    assert re.search(r"^\| 12 \| \d+\.\d ms \| \d+\.\d ms \| \d+\.\d\d ms \| ", said, re.M)


def test_a_picture_without_a_line_is_not_measured(monkeypatch):
    whole = charts.picture

    def empty(values, *, seed):
        return replace(whole(values, seed=seed), points=())

    monkeypatch.setattr(charts, "picture", empty)
    with pytest.raises(BenchError, match="A picture of 0 values is not what it should be"):
        charts.measure(repeats=1, sizes=(2,))


def test_a_log_of_the_bench_climbs_through_the_phases_and_is_the_same_for_the_same_seed():
    events = history(70, seed=1)
    assert events == history(70, seed=1) != history(70, seed=2)
    state = replay(events)
    assert state.phase == "LOAD"
    assert state.locked is None
    assert state.rescreen is None
    shorter = targets(replay(history(10, seed=1)))
    for lift in ("hinge", "squat", "press"):
        assert targets(state)[lift].load > shorter[lift].load


def test_a_log_that_lost_sets_is_not_measured(monkeypatch):
    def lost(visits, *, seed):
        events = history(visits, seed=seed)
        last = next(event for event in reversed(events) if isinstance(event, Visited))
        return [*(event for event in events if event is not last), replace(last, lifts=())]

    monkeypatch.setattr(fold, "history", lost)
    with pytest.raises(BenchError, match="A log of 10 visits holds 180 sets"):
        fold.measure(clients=0, repeats=1, lengths=(10,))


def test_every_bench_of_the_makefile_has_its_place_in_the_document():
    document = report.DOCUMENT.read_text()
    measured = (report, fold, board, week, desk, charts, importing, flags, previews, reports)
    for begin, end in (one.MARKS for one in measured):
        assert document.index(begin) < document.index(end)
    makefile = (BASE_DIR / "Makefile").read_text()
    assert re.findall(r"-m (bench\.\w+)", makefile) == [
        "bench.log_set",
        "bench.fold",
        "bench.board",
        "bench.week",
        "bench.desk",
        "bench.charts",
        "bench.importing",
        "bench.flags",
        "bench.previews",
        "bench.reports",
    ]


def said_in_steps(module: str, *steps: str, env: dict[str, str]) -> dict[str, Any]:
    """What the steps of a bench over a site of 40 clients print, together."""
    said: dict[str, Any] = {}
    for step in steps:
        done = subprocess.run(
            [sys.executable, "-m", module, "--sizes=40", "--step", step],
            cwd=BASE_DIR,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said |= json.loads(done.stdout)
    return said


def test_a_small_run_of_the_reviews_fills_a_site_and_says_what_they_cost(
    databases, migrated, worker_name
):
    database = databases.clone(migrated, f"bench_{worker_name}")
    env = environment(
        **databases.environment(database), DJANGO_SETTINGS_MODULE="bonefit.demo.settings"
    )
    said = said_in_steps("bench.flags", "fill", "review", env=env)

    found = flags._of_json(said)
    assert (found.clients, found.visits) == (40, 40 * 72)
    assert found.sets > 40 * 100
    assert found.filled_processor > 0
    assert found.first.seen == found.everybody.seen == 40
    assert 0 < found.alarmed <= found.flagged < 40
    assert found.changed.opened < found.first.opened
    assert 0 < found.changed.seen < 40
    assert 0 < found.missed_least <= found.missed
    assert min(found.missed_bare, found.preview, found.everybody.bare) > 0
    assert found.everybody.processor > found.everybody.bare_processor > 0
    text = flags.as_text([found], "18")
    assert re.search(r"reviewed in \d+ s, \d+\.\d times the bare SQL", text)
    assert re.search(r"missed candidates, nothing due \| `visit_overdue`", text)
    assert re.search(r"\| lifts \| .*`visit_for_reviews`", text)
    assert str(BASE_DIR) not in text

    # What was taken off for the filling is on again.
    with databases.cluster.connect(database=database) as sees:
        kept = sees.execute(
            "SELECT count(*) FROM pg_constraint WHERE conname IN"
            " ('one_visit_at_a_time', 'set_number_once', 'visit_uid_once')"
        ).fetchone()
        triggers = sees.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'note_%' AND tgenabled = 'D'"
        ).fetchone()
    assert (kept, triggers) == ((2,), (0,))
    databases.cluster.drop_database(database)


def test_a_small_run_of_the_previews_says_what_each_change_costs(databases, migrated, worker_name):
    database = databases.clone(migrated, f"bench_{worker_name}")
    env = environment(
        **databases.environment(database), DJANGO_SETTINGS_MODULE="bonefit.demo.settings"
    )
    done = subprocess.run(
        [sys.executable, "-m", "bench.previews", "--clients=20", "--inside"],
        cwd=BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    text = previews.as_text(json.loads(done.stdout))
    assert re.search(r"a clinic of 20 clients takes \d+\.\d s", text)
    for name, changed in previews.CHANGES.items():
        row = rf"^\| {name} \({', '.join(changed)}\) \| \d+\.\d\d \| \d+\.\d\d \| \d+\.\d\d \|"
        assert re.search(row, text, re.M), name
    databases.cluster.drop_database(database)


def test_a_small_run_of_the_reports_opens_every_page_and_asks_across_clinics(
    databases, migrated, worker_name, tmp_path
):
    database = databases.clone(migrated, f"bench_{worker_name}")
    env = environment(
        **databases.environment(database), DJANGO_SETTINGS_MODULE="bonefit.demo.settings"
    )
    said = {}
    for step in reports.SIZED.steps:
        said |= reports.SIZED.once(step, 40, env, tmp_path)
    # What lasts is not done again; the clinics could not even be made a second time.
    kept = {name: reports.SIZED.once(name, 40, env, tmp_path) for name in ("fill", "keep")}
    assert kept["fill"] | kept["keep"] == {
        name: said[name] for one in kept.values() for name in one
    }
    assert sorted(one.name for one in tmp_path.iterdir()) == ["fill.json", "keep.json"]

    found = Found.of_json(said)
    assert found.made_clients == 40
    assert (found.clients, found.visits) == (40, 40 * 72)
    titles = {kind.title for kind in KINDS}
    assert titles <= {page.name for page in found.pages}
    # Which of its parts is the slowest depends on the machine.
    assert any(re.match("Adherence: (table|picture) ", page.name) for page in found.pages)
    assert found.page("Adherence").statements <= AIM_STATEMENTS
    assert 0 < found.rebuilt_clients < 40
    assert all(0 < cost.least <= cost.middle for cost in found.costs.values())
    text = as_text([found], "18")
    assert re.search(r"The adherence page of a clinic of 40 clients .* takes \d+ ms", text)
    assert re.search(r"^\| attendance by clinic \| \d+\.\d{3} s \(", text, re.M)
    assert re.search(r"^\| attendance of \d+ clinics \| .*`visit_for_reports`", text, re.M)
    assert str(BASE_DIR) not in text
    databases.cluster.drop_database(database)
