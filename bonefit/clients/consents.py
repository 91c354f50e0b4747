"""What clients agree to: the texts of a clinic in their versions, signing them, withdrawing.

A text is never edited: a change is the next version, which has to be signed by a day. What was
signed keeps pointing to the very version that was read.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from bonefit.acting import because_of
from bonefit.clinics.models import Clinic, Membership

from . import intake
from .models import Client, Consent, ConsentText, Document

_TEXTS = Path(__file__).parent / "consent_texts"


class CannotSign(Exception):
    """It cannot be signed like this; its text says why."""


class Stale(Exception):
    """Another version was published in the meantime."""


@cache
def _first(kind: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((_TEXTS / f"{kind}.json").read_text(encoding="utf-8"))
    return read


def texts_in_force(clinic: Clinic) -> dict[str, ConsentText]:
    """The newest version of each text. Version 1 is made the first time that it is asked for."""
    found = _newest(clinic)
    missing = [kind for kind in ConsentText.Kind.values if kind not in found]
    if not missing:
        return found
    # Two who ask at once make it once.
    ConsentText.objects.bulk_create(
        [_version_one(clinic, kind) for kind in missing], ignore_conflicts=True
    )
    return _newest(clinic)


def _newest(clinic: Clinic) -> dict[str, ConsentText]:
    rows = ConsentText.objects.filter(clinic=clinic).order_by("kind", "-version").distinct("kind")
    found = {text.kind: text for text in rows}
    return {kind: found[kind] for kind in ConsentText.Kind.values if kind in found}


def _version_one(clinic: Clinic, kind: str) -> ConsentText:
    first = _first(kind)
    return ConsentText(
        clinic=clinic,
        kind=kind,
        version=1,
        title=first["title"],
        body="\n".join(first["body"]),
        statements=first["statements"],
        required=first["required"],
    )


@transaction.atomic
def publish(
    *,
    clinic: Clinic,
    kind: str,
    title: str,
    body: str,
    statements: Sequence[dict[str, Any]],
    due_on: date | None,
    required: bool,
    after: int,
    by: Membership,
    now: datetime,
) -> ConsentText:
    """The next version of a text. Until ``due_on`` what was signed before holds; None: for ever.

    ``required``: without it nothing is prescribed; training always is. What was not required
    before is due on ``due_on``. ``after`` is the version that was changed; Stale where another came
    out since.
    """
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    newest = texts_in_force(clinic)[kind]
    if newest.version != after:
        raise Stale
    text = ConsentText.objects.create(
        clinic=clinic,
        kind=kind,
        version=newest.version + 1,
        title=title,
        body=body,
        statements=list(statements),
        required=required or kind in intake.ALWAYS_REQUIRED,
        due_on=due_on,
        published_at=now,
        published_by=by,
    )
    intake.refresh_clinic(clinic, now=now)
    return text


@transaction.atomic
def sign(
    *,
    client: Client,
    text: ConsentText,
    agreed: Collection[str],
    explained_by: Membership,
    signed_name: str,
    signed_on: date,
    strokes: list[list[list[int]]] | None = None,
    document: Document | None = None,
    by: Membership,
    now: datetime,
) -> Consent:
    """A client agrees to a text; the same twice is one consent.

    CannotSign where a statement is left out that has to be agreed to, or where who explained it is
    no therapist of the clinic; Stale where the text is not the newest version.
    """
    held = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    newest = texts_in_force(by.clinic)[text.kind]
    if newest.pk != text.pk:
        raise Stale
    keys = [one["key"] for one in text.statements if one["key"] in set(agreed)]
    if any(one["required"] and one["key"] not in keys for one in text.statements):
        raise CannotSign("Each statement that is not marked optional has to be agreed to.")
    if explained_by.clinic_id != held.clinic_id or not explained_by.supervises:
        raise CannotSign("Who explains it is a therapist of this clinic.")
    same = Consent.objects.filter(
        client=held, text=text, withdrawn_at=None, agreed=keys, explained_by=explained_by
    ).filter(signed_name=signed_name, signed_on=signed_on)
    found = next((one for one in same if one.strokes == strokes), None)
    if found is not None and document is None:
        return found
    consent = Consent.objects.create(
        clinic_id=held.clinic_id,
        client=held,
        text=text,
        agreed=keys,
        explained_by=explained_by,
        signed_name=signed_name,
        signed_on=signed_on,
        strokes=strokes,
        document=document,
        recorded_at=now,
        recorded_by=by,
    )
    intake.refresh([held], now=now)
    return consent


@because_of("why")
@transaction.atomic
def withdraw(*, consent: Consent, why: str, by: Membership, now: datetime) -> int:
    """She takes her yes back: every standing consent of that kind. How many there were."""
    held = Client.objects.select_for_update(no_key=True).get(pk=consent.client_id)
    standing = Consent.objects.filter(client=held, text__kind=consent.text.kind, withdrawn_at=None)
    count = standing.update(withdrawn_at=now, withdrawn_by=by, withdrawn_why=why)
    intake.refresh([held], now=now)
    return count
