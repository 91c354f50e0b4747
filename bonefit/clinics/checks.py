"""What a deployed site must not have: the demo's way in, and codes that are known."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def second_step_is_real(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Only an app or a passkey is a second step, and nobody is let in by a tap on a name."""
    found: list[CheckMessage] = []
    if set(settings.SECOND_STEP_PROOFS) != {"mfa"}:
        found.append(
            Error(
                "SECOND_STEP_PROOFS lets staff in without an app or a passkey.",
                hint="Leave it as bonefit/settings.py has it.",
                id="bonefit.E001",
            )
        )
    if "bonefit.demo" in settings.INSTALLED_APPS:
        found.append(
            Error(
                "bonefit.demo is installed: whoever reaches the site logs in as anybody.",
                hint="Run the site with bonefit.settings, not with the demo's.",
                id="bonefit.E002",
            )
        )
    return found
