"""Ask for an address, and see what the access log says of it; then all is as it was before."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.test import Client as Browser

from bonefit.clients.models import Look


class _Seen(Exception):
    """Undoes what a request wrote."""


def newest() -> int:
    """The number of the newest row; 0 where there is none."""
    return Look.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def looks_after(
    who: Browser, method: str, url: str, body: dict[str, Any] | None = None, **headers: str
) -> tuple[HttpResponse, str, list[Look]]:
    """The answer, its text, and the rows that it left."""
    cookies, before = who.cookies.copy(), newest()
    try:
        with transaction.atomic():
            if body is None:
                response = who.generic(method, url, headers=headers)
            else:
                response = who.post(url, body, headers=headers)
            content = b"".join(response) if response.streaming else response.content
            rows = list(Look.objects.filter(pk__gt=before).order_by("pk"))
            raise _Seen
    except _Seen:
        who.cookies = cookies
        return response, content.decode(errors="replace"), rows
