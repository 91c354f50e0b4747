"""Assigning a program, and a therapist's decisions on it."""

from .assign import assign
from .decisions import (
    change_phase,
    change_rung,
    estimate,
    hold,
    hold_all,
    override,
    release,
    release_all,
    set_load,
    take_back,
)
from .moves import add_block, end, end_block, move, resume

__all__ = [
    "add_block",
    "assign",
    "change_phase",
    "change_rung",
    "end",
    "end_block",
    "estimate",
    "hold",
    "hold_all",
    "move",
    "override",
    "release",
    "release_all",
    "resume",
    "set_load",
    "take_back",
]
