"""Further versions of a program, for the tests that move a client to one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from bonefit.clinics.models import Clinic
from programs.catalogue import content_of, publish_content
from programs.models import Program, ProgramVersion


def newest(clinic: Clinic, slug: str) -> ProgramVersion:
    return ProgramVersion.objects.filter(clinic=clinic, program__slug=slug).latest("number")


def next_version(
    clinic: Clinic, edit: Callable[[dict[str, Any]], None], slug: str = "hirit-liftmor"
) -> ProgramVersion:
    """The next version of a program, with its document edited."""
    program = Program.objects.get(clinic=clinic, slug=slug)
    content = copy.deepcopy(content_of(newest(clinic, slug)))
    edit(content)
    return publish_content(clinic, content, program=program)


def three_sets(content: dict[str, Any]) -> None:
    """Three sets of the hinge in every phase, instead of five."""
    for phase in content["phases"]:
        for line in phase["prescriptions"]:
            if line["lift"] == "hinge":
                line["sets"]["value"] = 3


def other_codes(content: dict[str, Any]) -> None:
    """Phases of other names than before."""
    for phase in content["phases"]:
        phase["code"] = f"NEW{phase['code']}"[:16]


def same_again(content: dict[str, Any]) -> None:
    """Nothing that a client would notice."""
    content["summary"] = "Said in other words."
