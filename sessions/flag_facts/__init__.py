"""The facts that the rules of flags are asked with: in sets, one query for a whole clinic.

A family serves several rules (``Rule.family``). Every query takes the moment it is asked about, so
that the past can be asked the same question.
"""

from __future__ import annotations

from collections.abc import Mapping

from .scope import Facts, Fetch, Scope

__all__ = ["FAMILIES", "OF_CLINIC", "Facts", "Fetch", "Scope"]

#: By the name that rules call them by; the facts of each enrollment by its key.
FAMILIES: Mapping[str, Fetch] = {}

#: The facts of rules about the clinic itself (``Rule.of_clinic``), by any key.
OF_CLINIC: Mapping[str, Fetch] = {}
