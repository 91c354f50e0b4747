"""What is written into spreadsheets, so that they show it and do nothing else with it."""

from __future__ import annotations

#: Tells spreadsheets that the file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula: one that looks like it gets an apostrophe.

    Only for text that people typed. A figure may be negative and stays a figure.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
