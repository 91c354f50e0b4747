"""Assigning a program, and a therapist's decisions on it."""

from .assign import assign
from .decisions import change_phase, change_rung, end, hold, release, set_load, take_back

__all__ = [
    "assign",
    "change_phase",
    "change_rung",
    "end",
    "hold",
    "release",
    "set_load",
    "take_back",
]
