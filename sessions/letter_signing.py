"""A progress letter is signed once: its PDF is kept as a paper of the client, and never changes."""

from __future__ import annotations

from datetime import datetime

from bonefit.clients.documents import filing, store_bytes
from bonefit.clients.models import Client, Document
from bonefit.clinics.credentials import cannot_sign, newest_of
from bonefit.clinics.models import Membership

from .letter_pdf import MOST_PAGES, pages_of, pdf_of
from .letters import CannotSign, Conflict, held_for
from .models import ProgressLetter

EMPTY = "There is no text in it. Write at least one part."
NO_ADDRESSEE = "Write whom the letter is to, and save. Then sign it."


def sign(*, letter: ProgressLetter, revision: int, by: Membership, now: datetime) -> ProgressLetter:
    """Sign the draft as it was read at ``revision``; its PDF becomes a paper of the client.

    Raises Conflict where it was saved since, CannotSign with the reason where it is not ready or
    the signer's licence ran out, AlreadySigned where somebody was faster.
    """
    with filing():
        held = held_for(letter, by)
        if held.revision != revision:
            raise Conflict(held)
        signature = signature_of(by, now)
        if not any(text.strip() for text in held.parts.values()):
            raise CannotSign(EMPTY)
        if not held.addressee.strip():
            raise CannotSign(NO_ADDRESSEE)
        client = Client.objects.select_related("clinic").get(pk=held.client_id)
        held.figures = {**held.figures, "signature": signature}
        pdf = pdf_of(held)
        if (pages := pages_of(pdf)) > MOST_PAGES:
            raise CannotSign(f"It has {pages} pages. Shorten the text to {MOST_PAGES} pages.")
        held.document = store_bytes(
            client=client,
            kind=Document.Kind.LETTER,
            name=f"Progress letter {signature['on']}.pdf",
            data=pdf,
            by=by,
            now=now,
        )
        held.signed_at, held.signed_by = now, by
        held.save(update_fields=["figures", "document", "signed_at", "signed_by"])
        return held


def signature_of(by: Membership, now: datetime) -> dict[str, str]:
    """Who signs, with profession and licence as the clinic has seen them.

    CannotSign where licence or first aid ran out. Without any record the name stands alone.
    """
    today = now.astimezone(by.clinic.tz).date()
    if refusal := cannot_sign(by, today=today):
        raise CannotSign(refusal)
    licence = newest_of([by.pk]).get(by.pk)
    return {
        "name": by.user.name,
        "on": today.isoformat(),
        "profession": licence.profession if licence else "",
        "licence": licence.licence if licence else "",
        "jurisdiction": licence.jurisdiction if licence else "",
    }
