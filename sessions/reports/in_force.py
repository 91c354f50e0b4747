"""The clinics' numbers in a report's query: those in force at its moment.

Before the first rules of a clinic began its first ones hold, as ``programs.plans.rules_at`` says.
"""

from __future__ import annotations

from typing import Any

from programs.rules import DEFAULT_RULES
from programs.setting import plain


def rules(*keys: str) -> str:
    """A CTE behind ``clinics``: one row a clinic, a column for each of these settings.

    AttributeError for an unknown one.
    """
    columns = ", ".join(f"{_value(key, getattr(DEFAULT_RULES, key))} AS {key}" for key in keys)
    return f"""
rules AS MATERIALIZED (
    SELECT k.clinic_id, {columns}
    FROM clinics k
    LEFT JOIN LATERAL (
        SELECT r.values FROM programs_ruleset r WHERE r.clinic_id = k.clinic_id
        ORDER BY r.effective_from <= %(as_at)s DESC,
            CASE WHEN r.effective_from <= %(as_at)s THEN r.effective_from END DESC,
            CASE WHEN r.effective_from <= %(as_at)s THEN -r.number ELSE r.number END
        LIMIT 1
    ) r ON true
)
"""


def _value(key: str, usual: Any) -> str:
    """A number, or a text where the setting is one."""
    if isinstance(usual, str):
        return f"coalesce(r.values->>'{key}', '{usual}')"
    return f"coalesce((r.values->>'{key}')::numeric, {plain(usual)})"
