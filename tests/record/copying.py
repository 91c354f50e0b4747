"""Copies of a record for tests: asked for in a browser, written at once, and opened."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.test import Client as Browser
from pypdf import PdfReader

from bonefit.clients.models import Client, RecordCopy
from bonefit.clinics.models import Membership
from sessions.record import writing
from tests.passkey_device import by_code

#: In seconds since 1970.
LONG_AGO = 1.0


def browser(member: Membership) -> Browser:
    """Logged in with every step, very long ago."""
    made = Browser()
    made.force_login(member.user)
    kept = made.session
    for record in kept["account_authentication_methods"]:
        record["at"] = LONG_AGO
    kept.save()
    return made


def lately(member: Membership) -> Browser:
    """A browser in which she has logged in by a code just now."""
    return by_code(member.user.email)


def page_of(client: Client) -> str:
    return f"/c/{client.clinic.slug}/clients/{client.pk}/copy/"


MY = "/c/north/my/copy/"


def asked(who: Browser, address: str) -> RecordCopy:
    """What waits for a worker, after a tap on the page's button."""
    answer = who.post(address)
    assert (answer.status_code, answer.headers["Location"]) == (302, address)
    made = RecordCopy.objects.order_by("-pk").first()
    assert made is not None
    return made


def written(client: Client, as_at: datetime) -> zipfile.ZipFile:
    """Her copy, without anybody having asked for it."""
    client = Client.objects.select_related("clinic").get(pk=client.pk)
    file = io.BytesIO()
    writing.write(client, file, as_at=as_at, tell=lambda done, steps: None)
    return zipfile.ZipFile(file)


def record_in(zip_: zipfile.ZipFile) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zip_.read("record.json"))
    return found


def words_in(zip_: zipfile.ZipFile) -> str:
    """Every word of a copy: its tables, its JSON, its names, and what is on its paper."""
    said = list(zip_.namelist())
    for name in zip_.namelist():
        if name == "record.pdf":
            pages = PdfReader(io.BytesIO(zip_.read(name))).pages
            said += [page.extract_text() for page in pages]
        elif not name.startswith("files/"):
            said.append(zip_.read(name).decode())
    return "\n".join(said)


def kept_zips() -> list[Path]:
    return list(Path(storages["private"].location).glob("exports/*/*.zip"))
