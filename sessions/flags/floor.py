"""Rules about the clinic: how many with one supervisor, whose papers ran out, which notes are late.

Standard library only, and no clock. Protocol sheet 6.2, F19 to F21.
"""

from programs.rules import Rules

from .rule import Rule


def group_size(*, clients: int, supervisors: int, rules: Rules) -> str:
    """ "ok", "warn" or "block" for so many clients present with so many supervisors.

    Protocol sheet F19. Clients whom nobody supervises are always blocked.
    """
    if clients > rules.group_block_above * supervisors:
        return "block"
    return "warn" if clients > rules.group_warn_above * supervisors else "ok"


RULES: tuple[Rule, ...] = ()
