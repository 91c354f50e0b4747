"""The tables of a report as a reader of its page sees them, whenever each of them comes."""

from __future__ import annotations

import re
from html import unescape

from django.test import Client as Browser

from tests.reports.printed import Table

BROUGHT = re.compile(r'hx-get="([^"]*/table/[^"]*)"')


def brought(browser: Browser, address: str) -> str:
    """What htmx gets from an address."""
    answer = browser.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 200, address
    return answer.content.decode()


def parts_of(html: str) -> list[str]:
    """The addresses from which a page, or a part of it, brings tables and rows."""
    return [unescape(one) for one in BROUGHT.findall(html)]


def tables_on_screen(browser: Browser, address: str) -> dict[str, list[list[str]]]:
    """The rows under the head of each table, by its key, when everything has been scrolled to."""
    page = browser.get(address).content.decode()
    found = {}
    for sheet in page.split('class="sheet above-4 report-table"')[1:]:
        key = re.search(r'id="t-(\w+)"', sheet)
        assert key
        html = sheet.partition("<section")[0]
        if "report-later" in html:
            html = brought(browser, parts_of(html)[0])
        while more := re.search(r'<tbody class="more-rows".*?</tbody>', html, re.S):
            html = html.replace(more[0], brought(browser, parts_of(more[0])[0]))
        found[key[1]] = Table(html).rows[1:] if "<table" in html else []
    return found
