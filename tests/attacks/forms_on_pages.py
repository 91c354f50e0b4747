"""The forms on the pages behind every door: where each is sent, and what can be said in it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import Resolver404, resolve

from tests.doors import PEOPLE, World
from tests.test_access_routes import ROWS, address, arguments

#: Answers that are files or pictures: there is no form in them, and some take long to draw.
NO_PAGE = re.compile(r"-(pdf|csv|xlsx|chart|chart-of|picture|file)$|:chart$|^(metrics|admin)$")
#: What is typed, as against what is chosen.
TYPED_KINDS = frozenset(
    {"text", "textarea", "email", "search", "tel", "number", "date", "time", "datetime-local"}
)
#: What a browser adds by itself.
OF_THE_SITE = frozenset({"csrfmiddlewaretoken"})


@dataclass
class Field:
    """One name of a form: its kind, what it is sent with at first, and what else is offered."""

    name: str
    kind: str
    value: str | None = None
    offered: list[str] = field(default_factory=list)

    @property
    def is_typed(self) -> bool:
        return self.kind in TYPED_KINDS


@dataclass
class Form:
    """A form of a page, as ``who`` sees it there."""

    action: str
    method: str
    page: str = ""
    who: str = ""
    fields: dict[str, Field] = field(default_factory=dict)

    def filled(self) -> dict[str, str]:
        """As a browser sends it where nothing was touched."""
        return {
            one.name: one.value
            for one in self.fields.values()
            if one.value is not None and one.name not in OF_THE_SITE
        }


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self.open: Form | None = None
        self.named: dict[str, Form] = {}
        self.select: Field | None = None
        self.area: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = self._begin(said)
        elif address := said.get("hx-get") or said.get("hx-post"):
            self.forms.append(Form(self._full(address), "POST" if "hx-post" in said else "GET"))
        form = self.named.get(said.get("form", "")) or self.open
        if form is None:
            return
        if tag == "option" and self.select is not None:
            self._offer(self.select, said.get("value", ""), "selected" in said)
        elif name := said.get("name", ""):
            self._input(form, tag, name, said)

    def _begin(self, said: dict[str, str]) -> Form:
        action = said.get("hx-post") or said.get("action") or self.url
        method = "POST" if "hx-post" in said else said.get("method", "get").upper()
        form = Form(self._full(action), method)
        self.forms.append(form)
        if "id" in said:
            self.named[said["id"]] = form
        return form

    def _full(self, action: str) -> str:
        return urljoin(self.url, action)

    def _input(self, form: Form, tag: str, name: str, said: dict[str, str]) -> None:
        kind = {"select": "select", "textarea": "textarea", "button": "button"}.get(
            tag, said.get("type", "text")
        )
        one = form.fields.setdefault(name, Field(name, kind))
        if tag == "select":
            self.select = one
        elif tag == "textarea":
            self.area, one.value = one, ""
        elif kind in ("radio", "checkbox"):
            self._offer(one, said.get("value", "on"), "checked" in said)
        elif kind in ("button", "submit"):
            self._offer(one, said.get("value", ""), one.value is None)
        elif kind == "hidden":
            self._offer(one, said.get("value", ""), True)
        else:
            one.value = said.get("value", "")
        if "formaction" in said:
            copy = Form(self._full(said["formaction"]), form.method, fields=form.fields)
            self.forms.append(copy)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select" and self.select is not None:
            if self.select.value is None and self.select.offered:
                self.select.value = self.select.offered[0]
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.value = (self.area.value or "") + data

    @staticmethod
    def _offer(one: Field, value: str, chosen: bool) -> None:
        one.offered.append(value)
        if chosen:
            one.value = value


def is_page(response: HttpResponse) -> bool:
    return response.status_code in (200, 422) and "html" in response.get("Content-Type", "")


def forms_in(text: str, url: str) -> list[Form]:
    """Every form of a page, with what htmx would send."""
    reader = _Reader(url)
    reader.feed(text)
    return reader.forms


def route_of(url: str) -> str:
    """The route that an address of ours meets; "" where there is none."""
    try:
        return resolve(urlsplit(url).path).view_name or ""
    except Resolver404:
        return ""


def pages_of(world: World) -> Iterator[tuple[str, str, str]]:
    """Each page that somebody of Northside may open: its route, who that is, its address."""
    for (route, method), codes in ROWS.items():
        who = next((who for who in PEOPLE if codes[who] == "200"), "")
        if method == "GET" and who and not NO_PAGE.search(route):
            yield route, who, address(route, arguments(route, world.north))


def forms_at(browser: Browser, url: str) -> list[Form]:
    """The forms of the page at an address; none where it is no page."""
    page = browser.get(url)
    return forms_in(page.content.decode(), url) if is_page(page) else []


def forms_of(world: World) -> dict[str, list[Form]]:
    """By the route that a form is sent to."""
    found: dict[str, list[Form]] = defaultdict(list)
    for route, who, url in pages_of(world):
        for form in forms_at(world.browsers[who], url):
            form.page, form.who = route, who
            found[route_of(form.action)].append(form)
    return dict(found)
