"""Files as clinics send them, and the way through the pages with one."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from bonefit.clients.importing import running
from bonefit.clients.models import Import
from bonefit.clinics.models import Membership

HEAD = "Client ID,Name,Date of birth,Sex,Emergency contact,E-mail,Telephone,Notes"
CLIENTS = f"""{HEAD}
P1,Joan A.,1951-03-04,female,"Ben A., son, 0400 000 001",joan@example.org,07 5550 0001,Likes tea
P2,Ida B.,1948-12-31,f,"Ole B., husband, 0400 000 002",,,
P3,Max C.,1960-02-29,Male,"Eva C., wife, 0400 000 003",,,
"""


def file_of(text: str | bytes, name: str = "clients.csv", encoding: str = "utf-8") -> Any:
    data = text if isinstance(text, bytes) else text.encode(encoding)
    return SimpleUploadedFile(name, data, content_type="text/csv")


def logged_in(member: Membership) -> Browser:
    browser = Browser()
    browser.force_login(member.user)
    return browser


def address(source: Import, name: str = "import") -> str:
    return reverse(f"clients:{name}", args=[source.clinic.slug, source.pk])


def upload(browser: Browser, member: Membership, file: Any, kind: str = "clients") -> Any:
    """What the page says to an upload."""
    url = reverse("clients:imports", args=[member.clinic.slug])
    return browser.post(url, {"kind": kind, "file": file})


def uploaded(browser: Browser, member: Membership, file: Any, kind: str = "clients") -> Import:
    response = upload(browser, member, file, kind)
    assert response.status_code == 302, response.content.decode()
    return Import.objects.select_related("clinic").latest("pk")


def read(browser: Browser, source: Import, **said: str) -> Import:
    """Say that it is read right, but for what is said."""
    parts = {name: source.reading[name] for name in ("encoding", "separator", "decimal", "dates")}
    browser.post(address(source), {"step": "reading", **parts, **said})
    source.refresh_from_db()
    return source


def checked(
    browser: Browser, member: Membership, file: Any, kind: str = "clients", **said: str
) -> Import:
    """Upload it, take the guesses as they are, let it be checked."""
    source = read(browser, uploaded(browser, member, file, kind), **said)
    assert source.reading["seen"], source.reading
    mapping = {f"column_{at}": name for at, name in source.mapping.items()}
    response = browser.post(address(source), {"step": "columns", **mapping})
    assert response.status_code == 302, response.content.decode()
    assert running.run(source.pk)
    source.refresh_from_db()
    return source


def taken_in(browser: Browser, source: Import) -> Import:
    browser.post(address(source, "import-take-in"))
    running.run(source.pk)
    source.refresh_from_db()
    return source


def problems(source: Import) -> list[tuple[int, str, str, str]]:
    return list(source.problems.values_list("row", "column", "said", "problem"))


def words(response: Any) -> str:
    """What a page says, without its marks."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.split())
