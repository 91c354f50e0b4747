"""What stands in a table of a page, as a reader finds it."""

from __future__ import annotations

from html.parser import HTMLParser


class Table(HTMLParser):
    """The cells of the page's first table, row by row; of a picture nothing, of a day its date."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in_cell = self._in_time = False
        self.feed(html.partition("</table>")[0])

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td") and "strip" not in (attributes.get("class") or ""):
            self.rows[-1].append("")
            self._in_cell = True
        elif tag == "time":
            self.rows[-1][-1] = attributes["datetime"]
            self._in_time = True

    def handle_endtag(self, tag):
        self._in_cell = self._in_cell and tag not in ("th", "td")
        self._in_time = self._in_time and tag != "time"

    def handle_data(self, data):
        if self._in_cell and not self._in_time:
            self.rows[-1][-1] += data
