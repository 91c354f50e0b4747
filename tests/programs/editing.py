"""The editor as a person at a browser uses it, for its tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.test import Client as Browser

from bonefit.clinics.models import Membership
from programs.models import Program, ProgramDraft
from tests.doors import filled


@dataclass
class Editor:
    """Somebody at the editor of one program."""

    browser: Browser
    program: Program

    def url(self, path: str = "") -> str:
        return f"/c/{self.program.clinic.slug}/programs/{self.program.pk}/{path}"

    def page(self, path: str = "draft/edit/") -> str:
        answer = self.browser.get(self.url(path))
        assert answer.status_code == 200
        return answer.content.decode()

    def start(self) -> ProgramDraft:
        answer = self.browser.post(self.url("draft/"))
        assert answer.url == self.url("draft/edit/")
        return self.draft

    def form(self, **typed: str) -> dict[str, str]:
        """The form as it stands on the page, with this typed over it; ``__`` stands for ``-``."""
        return filled(self.page(), **typed)

    def send(self, do: str = "save", *, body: Any = None, htmx: bool = False, **typed: str) -> Any:
        """Press a button of the form after typing."""
        headers = {"HTTP_HX_REQUEST": "true"} if htmx else {}
        body = {**(body or self.form(**typed)), "do": do}
        return self.browser.post(self.url("draft/edit/"), body, **headers)

    def publish(self, revision: int | None = None) -> Any:
        said = self.draft.revision if revision is None else revision
        return self.browser.post(self.url("draft/publish/"), {"revision": str(said)})

    @property
    def draft(self) -> ProgramDraft:
        return ProgramDraft.objects.get(program=self.program)

    @property
    def content(self) -> dict[str, Any]:
        found: dict[str, Any] = self.draft.content
        return found

    def line(self, phase: int = 0, at: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = self.content["phases"][phase]["prescriptions"][at]
        return found


def editor(member: Membership, slug: str = "hirit-liftmor") -> Editor:
    browser = Browser()
    browser.force_login(member.user)
    return Editor(browser, Program.objects.get(clinic=member.clinic, slug=slug))
