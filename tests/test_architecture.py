"""The house plan, held up: which floor may know which, and what is pure."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: From the ground up. A floor knows itself and those before it.
FLOORS = ("bonefit.clinics", "bonefit.clients", "programs", "sessions")

#: Values in, values out: the standard library and each other, no ORM, no clock, no settings.
PURE = frozenset(
    {
        "bonefit.clients.eligibility",
        "bonefit.clients.eligibility_answers",
        "bonefit.clients.eligibility_rules",
        "bonefit.clinics.browser_words",
        "bonefit.clinics.months",
        "bonefit.deidentify.declared",
        "bonefit.deidentify.dropped",
        "bonefit.deidentify.rules",
        "bonefit.deidentify.table",
        "bonefit.deidentify.tables_clients",
        "bonefit.deidentify.tables_site",
        "bonefit.deidentify.tables_training",
        "bonefit.clients.consent_words",
        "bonefit.clients.intake_rules",
        "bonefit.clients.questionnaires",
        "bonefit.clients.importing.cells",
        "bonefit.clients.importing.columns",
        "bonefit.clients.importing.records",
        "bonefit.clients.measures",
        "bonefit.clients.trial_means",
        "bonefit.clients.outcomes",
        "bonefit.clients.signatures",
        "programs.calendar",
        "programs.content",
        "programs.estimates",
        "programs.events",
        "programs.gate",
        "programs.inventory",
        "programs.plate_changes",
        "programs.loads",
        "programs.asking",
        "programs.visiting",
        "programs.strength",
        "programs.deciding",
        "programs.returning",
        "programs.load_rules",
        "programs.offers",
        "programs.problems",
        "programs.progression",
        "programs.preview",
        "programs.reasons",
        "programs.pain",
        "programs.rules",
        "programs.setting",
        "programs.settings_clinic",
        "programs.checks_due",
        "programs.settings_intake",
        "programs.settings_flags",
        "programs.settings_load",
        "programs.settings_records",
        "sessions.capacity",
        "sessions.flags",
        "sessions.flags.attendance",
        "sessions.flags.coming",
        "sessions.flags.days",
        "sessions.flags.finding",
        "sessions.flags.floor",
        "sessions.flags.gaps",
        "sessions.flags.history",
        "sessions.flags.health",
        "sessions.flags.lifted",
        "sessions.flags.lifts",
        "sessions.flags.loads",
        "sessions.flags.phases",
        "sessions.flags.measured",
        "sessions.flags.news",
        "sessions.flags.registry",
        "sessions.flags.rule",
        "sessions.flags.said",
        "sessions.portal.progress",
        "sessions.portal.words",
        "sessions.quiet",
        "sessions.reports.define",
        "sessions.reports.define_fidelity",
        "sessions.reports.define_retention",
        "sessions.reports.lazily",
        "sessions.reports.pictures",
        "sessions.reports.rates",
        "sessions.reports.stats",
        "sessions.reports.strips",
        "sessions.reports.survival",
        "sessions.reports.small_cells",
        "sessions.reports.small_counts",
        "sessions.reports.small_parts",
        "sessions.reports.small_pictures",
        "sessions.reports.small_rows",
        "sessions.reports.table",
        "sessions.rest",
    }
)
CLOCKS = frozenset({"now", "utcnow", "today", "time", "monotonic", "localtime", "gmtime"})


@cache
def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name; migrations are Django's own affair."""
    files = [
        file for top in ("bonefit", "programs", "sessions") for file in ROOT.glob(f"{top}/**/*.py")
    ]
    named = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
        for file in files
    }
    return {name: file for name, file in named.items() if ".migrations" not in name}


@cache
def imports(module: str) -> frozenset[str]:
    """All that a module imports, also inside functions: modules of the product, or top packages."""
    return frozenset(_imports(module, ast.parse(modules()[module].read_text())))


def _imports(module: str, tree: ast.Module) -> Iterator[str]:
    package = module.split(".")
    if modules()[module].name != "__init__.py":
        package.pop()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (_known(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*start, *filter(None, [node.module])])
            yield from (_known(f"{source}.{alias.name}") for alias in node.names)


def _known(dotted: str) -> str:
    """The longest beginning of ``dotted`` that is a module of ours, else its top package."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        if ".".join(parts[:end]) in modules():
            return ".".join(parts[:end])
    return parts[0]


def floor_of(module: str) -> int | None:
    """The number of its floor; None for the wiring, which stands beside the house."""
    for number, floor in enumerate(FLOORS):
        if module == floor or module.startswith(f"{floor}."):
            return number
    return None


def may_combine(module: str) -> bool:
    """Views and their addresses sit on top of all floors."""
    return any(part.startswith(("views", "urls")) for part in module.split("."))


def reached(module: str) -> set[str]:
    """What is loaded with a module: its imports, their imports, and so on."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        for found in imports(waiting.pop()) - seen:
            seen.add(found)
            if found in modules():
                waiting.append(found)
    return seen


def grounded() -> list[str]:
    return sorted(
        name for name in modules() if floor_of(name) is not None and not may_combine(name)
    )


def test_the_walk_sees_the_house():
    assert set(FLOORS) <= set(modules())
    assert modules().keys() >= PURE
    assert "bonefit.clinics.models" in imports("sessions.models.log")
    assert "sessions.models.schedule" in imports("sessions.models.log")
    assert "django" in imports("bonefit.clinics.access")
    assert len(grounded()) > 40


@pytest.mark.parametrize("module", grounded())
def test_a_floor_knows_only_the_floors_below_it(module):
    """Also by way of the wiring: ``bonefit.health`` may be used, ``bonefit.context`` may not."""
    above = sorted(
        found for found in reached(module) if (floor_of(found) or 0) > (floor_of(module) or 0)
    )
    assert above == []


@pytest.mark.parametrize("module", grounded())
def test_only_views_know_views(module):
    assert [found for found in imports(module) if found in modules() and may_combine(found)] == []


@pytest.mark.parametrize("module", sorted(PURE))
def test_a_pure_module_knows_the_standard_library_and_other_pure_ones(module):
    assert sorted(imports(module) - PURE - sys.stdlib_module_names) == []


@pytest.mark.parametrize("module", sorted(PURE))
def test_a_pure_module_asks_no_clock_and_no_environment(module):
    tree = ast.parse(modules()[module].read_text())
    asked = [
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    assert CLOCKS & set(asked) == set()
    assert {"os", "time", "random", "secrets", "socket", "subprocess"} & imports(module) == set()


def test_nothing_deployed_knows_the_demo_or_the_tests():
    """The launcher behind ``make run`` does: a demo is what it launches."""
    known = {
        name: found
        for name in modules()
        if not name.startswith("bonefit.demo")
        and (found := {one for one in imports(name) if one.startswith(("bonefit.demo", "tests"))})
    }
    assert set(known) <= {"bonefit.launcher"}


def test_sets_and_flags_have_one_writer_each():
    """``sync.apply`` is the only writer of sets and operations, ``flagging`` of flags."""
    writers: dict[str, set[str]] = {"SetEntry": set(), "Operation": set(), "Flag": set()}
    for name, file in modules().items():
        for model in _written(ast.parse(file.read_text())) & writers.keys():
            writers[model].add(name)
    assert writers == {
        "SetEntry": {"sessions.desk", "sessions.on_sets"},  # made at a desk, written by it
        "Operation": {"sessions.desk"},
        "Flag": {"sessions.flagging"},
    }


def _written(tree: ast.Module) -> set[str]:
    """Names of classes that are made (``Flag(...)``) or written in bulk by their manager."""
    writes = {"create", "bulk_create", "bulk_update", "update", "get_or_create", "update_or_create"}
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            found.add(node.func.id)
        elif isinstance(node.func, ast.Attribute) and node.func.attr in writes:
            found |= {one.id for one in ast.walk(node.func) if isinstance(one, ast.Name)}
    return found
