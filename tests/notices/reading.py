"""How hard a text is to read, by the formula of Flesch and Kincaid: years of school."""

from __future__ import annotations

import re
from html.parser import HTMLParser


def grade(text: str) -> float:
    """Each line that is not empty ends a sentence too; addresses of pages are not read aloud."""
    text = re.sub(r"https?:\S+", "", text)
    sentences = [part for part in re.split(r"[.!?]\s|\n|:\s*\n", text) if re.search(r"\w", part)]
    words = re.findall(r"[A-Za-z']+|\d[\d:]*", text)
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    word = word.lower()
    if word[0].isdigit():
        return 1
    groups = len(re.findall(r"[aeiouy]+", word))
    if word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1:
        groups -= 1
    return max(1, groups)


class _Words(HTMLParser):
    BLOCKS = frozenset({"p", "h1", "h2", "li", "br", "title", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(" ".join(data.split()) + " " if data.strip() else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BLOCKS:
            self.parts.append("\n")

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("br", "hr"):
            self.parts.append("\n")


def text_of_html(html: str) -> str:
    """The words of a page, a line for each block."""
    reader = _Words()
    reader.feed(html)
    return "".join(reader.parts)
