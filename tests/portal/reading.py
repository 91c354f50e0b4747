"""How hard a page is to read: the grade of Flesch and Kincaid, from its sentences."""

from __future__ import annotations

import re
from html.parser import HTMLParser

#: A heading, a button or a cell of fewer words is no sentence, and would make a page seem easier.
FEWEST = 5

#: What ends a sentence on a page even without a full stop.
BLOCKS = {
    *("p", "li", "h1", "h2", "h3", "dt", "dd", "td", "th", "caption", "summary", "button", "br"),
    *("label", "option"),
}
SKIPPED = {"script", "style", "svg"}


class _Sentences(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = [""]
        self._main = self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._main += tag == "main"
        self._skipped += tag in SKIPPED
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._main -= tag == "main"
        self._skipped -= tag in SKIPPED
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._main and not self._skipped:
            self.parts[-1] += data

    def _break(self, tag: str) -> None:
        if tag in BLOCKS:
            self.parts.append("")


def sentences_of(html: str) -> list[list[str]]:
    """The sentences of a page's main part, as their words; figures and names of units are none."""
    parser = _Sentences()
    parser.feed(html)
    found = []
    for part in parser.parts:
        for sentence in re.split(r"(?<=[.!?:])\s+", " ".join(part.split())):
            words = re.findall(r"[A-Za-z][A-Za-z’']*", sentence)
            if words:
                found.append(words)
    return found


def syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end; at least one."""
    word = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", word)) + len(re.findall(r"[^tscgx]i[ao]", word))
    if re.search(r"[^aeiouyl]e$|[^aeiouydt]ed$", word):
        groups -= 1
    return max(1, groups)


def grade(html: str) -> float:
    """0.39 × words a sentence + 11.8 × syllables a word − 15.59, of the sentences proper."""
    sentences = [words for words in sentences_of(html) if len(words) >= FEWEST]
    words = [word for sentence in sentences for word in sentence]
    beats = sum(syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * beats / len(words) - 15.59
