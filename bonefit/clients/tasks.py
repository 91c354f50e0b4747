"""Messages to clients: wake up, read one row, send, record that it was sent."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from .models import Client


@shared_task(
    ignore_result=True,
    acks_late=True,
    autoretry_for=(OSError,),  # SMTPException is one too
    retry_backoff=30,
    retry_backoff_max=3600,
    max_retries=12,
)
def send_invitation(client_id: int) -> None:
    """Tell a client that she can log in: at least once, and no health word is in it.

    The row is locked while the mail goes out, so that of two workers the second finds it sent. A
    crash between the mail and its record sends it again: harmless; the other order would lose it.
    """
    with transaction.atomic():
        client = (
            Client.objects.select_for_update(of=("self",))
            .select_related("clinic")
            .filter(pk=client_id, membership__is_active=True, invitation_sent_at=None)
            .exclude(email="")
            .first()
        )
        if client is None:
            return
        body = render_to_string(
            "clients/email/invitation.txt",
            {
                "client": client,
                "clinic": client.clinic,
                "url": settings.SITE_URL + reverse(settings.LOGIN_URL),
            },
        )
        subject = " ".join(f"Your appointments at {client.clinic.name}".split())
        send_mail(subject, body, None, [client.email])
        client.invitation_sent_at = timezone.now()
        client.save(update_fields=["invitation_sent_at"])
