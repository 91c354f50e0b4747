"""House rules that a linter does not know: sizes, templates, words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("bonefit", "programs", "sessions")
LONGEST = 400

#: What talks to a person on a terminal.
MAY_PRINT = ("bonefit/run.py", "bonefit/launcher.py", "bonefit/healthcheck.py", "/commands/")
#: django-allauth, Django and the mail look these up by name.
FOUND_BY_NAME = re.compile(r"account/|mfa/|\d{3}(_csrf)?\.html|(\w+/)?email/")


def files(*tops: str, ends: tuple[str, ...]) -> list[str]:
    """Files below these folders, from the root; what a machine wrote is left out."""
    found = (
        file.relative_to(ROOT).as_posix()
        for top in tops
        for file in (ROOT / top).rglob("*")
        if file.suffix in ends and not {"__pycache__", "migrations"} & set(file.parts)
    )
    return sorted(found)


CODE = files(*PRODUCT, "tests", "bench", ends=(".py",))
TEMPLATES = files("templates", ends=(".html",))
ALL = CODE + TEMPLATES + files("static", ends=(".css", ".js"))


def read(name: str) -> str:
    return (ROOT / name).read_text()


def test_there_is_something_to_look_at():
    assert len(CODE) > 100
    assert len(TEMPLATES) > 40
    assert "static/css/tokens.css" in ALL


def test_a_file_is_one_room():
    """Over 400 lines it is two."""
    lines = {name: read(name).count("\n") for name in ALL}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


# --- templates: a strict Content-Security-Policy has nothing to object to -------------------------
INLINE = {
    "an inline style": re.compile(r"\sstyle\s*=", re.I),
    "an inline handler": re.compile(r"\s(on[a-z]+|hx-on[:a-z-]*)\s*=", re.I),
    "a script without src": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "something from another site": re.compile(
        r"\b(src|action|hx-[a-z]+)\s*=\s*['\"]?https?:", re.I
    ),
    "text that is not escaped": re.compile(r"\|\s*safe\b|\bautoescape\s+off\b"),
}


@pytest.mark.parametrize("what", INLINE)
def test_no_template_has(what):
    assert [name for name in TEMPLATES if INLINE[what].search(read(name))] == []


def test_the_patterns_find_what_they_are_for():
    bad = {
        "an inline style": '<p class="a" style="color: red">',
        "an inline handler": '<p class="a" onclick="go()">',
        "a script without src": '<script type="module">go()</script>',
        "a style element": "<style>p {}</style>",
        "a javascript: address": '<a href="javascript:go()">',
        "something from another site": '<img src="https://example.org/a.png">',
        "text that is not escaped": "{{ name|safe }}",
    }
    assert bad.keys() == INLINE.keys()
    assert [what for what, text in bad.items() if not INLINE[what].search(text)] == []
    assert not INLINE["a script without src"].search('<script src="{% static "a.js" %}" type="x">')


def is_part(name: str) -> bool:
    return name.startswith("templates/_parts/") or Path(name).name.startswith("_")


def test_a_template_extends_a_frame_or_says_by_its_name_that_it_is_a_part():
    frameless = [name for name in TEMPLATES if "{% extends " not in read(name)]
    assert [name for name in frameless if not is_part(name)] == ["templates/base.html"]


def test_every_template_is_used():
    everything = "\n".join(read(name) for name in [*TEMPLATES, *files(*PRODUCT, ends=(".py",))])
    names = [name.removeprefix("templates/") for name in TEMPLATES]
    unused = [
        name
        for name in names
        if not FOUND_BY_NAME.match(name) and not re.search(rf"[\"']{re.escape(name)}", everything)
    ]
    assert unused == []


# --- python ---------------------------------------------------------------------------------------
def trees(names: list[str]) -> Iterator[tuple[str, ast.Module]]:
    for name in names:
        yield name, ast.parse(read(name))


def test_only_what_talks_on_a_terminal_prints():
    product = [name for name in CODE if name.startswith(PRODUCT)]
    printing = {
        name
        for name, tree in trees(product)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in {"print", "breakpoint", "pprint"}
    }
    assert [name for name in sorted(printing) if not any(part in name for part in MAY_PRINT)] == []


def test_no_error_is_swallowed():
    """No bare ``except``, and no handler of everything whose whole body is ``pass``."""
    swallowed = [
        f"{name}:{node.lineno}"
        for name, tree in trees(CODE)
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        if node.type is None
        or (
            {"Exception", "BaseException"}
            & {one.id for one in ast.walk(node.type) if isinstance(one, ast.Name)}
            and all(isinstance(line, ast.Pass | ast.Continue) for line in node.body)
        )
    ]
    assert swallowed == []


def test_no_variable_is_called_session():
    """``request.session`` is always near: it is a visit or a slot."""
    called = [
        f"{name}:{node.lineno}"
        for name, tree in trees([name for name in CODE if name.startswith(PRODUCT)])
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == "session")
        or (isinstance(node, ast.arg) and node.arg == "session")
    ]
    assert called == []


def test_nothing_is_left_for_later():
    """What is not built is in an issue, not in a comment."""
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError|lorem ipsum")
    here = Path(__file__).relative_to(ROOT).as_posix()
    assert [name for name in ALL if name != here and later.search(read(name))] == []


def test_a_failing_command_fails():
    """No ``|| true`` in what builds, tests and deploys."""
    scripts = ["Makefile", ".ci/run", "Dockerfile", "docker-compose.yml"]
    scripts += files("deploy", ends=(".sh", ""))
    assert [name for name in scripts if re.search(r"\|\|\s*(true|:)", read(name))] == []


def test_every_public_function_says_what_it_does():
    """One that is longer than its name has a docstring."""
    product = [name for name in CODE if name.startswith(PRODUCT)]
    silent = [
        f"{name}:{node.name}"
        for name, tree in trees(product)
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        if not node.name.startswith("_") and len(node.body) > 3
        if ast.get_docstring(node) is None
    ]
    assert silent == []
