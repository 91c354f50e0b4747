"""Assigning a program, and a therapist's decisions on it."""

from .assign import assign
from .decisions import change_phase, change_rung, hold, release, set_load, take_back
from .moves import add_block, end, end_block, move, resume

__all__ = [
    "add_block",
    "assign",
    "change_phase",
    "change_rung",
    "end",
    "end_block",
    "hold",
    "move",
    "release",
    "resume",
    "set_load",
    "take_back",
]
