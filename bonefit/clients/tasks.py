"""Messages to clients: wake up, read one row, send, record that it was sent."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from .models import Client


@shared_task(
    ignore_result=True,
    acks_late=True,
    autoretry_for=(OSError,),
    retry_backoff=30,
    retry_backoff_max=3600,
    max_retries=12,
)
def send_invitation(client_id: int) -> None:
    """Tell a client that she can log in. Twice is harmless; no health word is in it."""
    client = Client.objects.select_related("clinic").filter(pk=client_id).first()
    if client is None or not client.email or client.invitation_sent_at:
        return
    body = render_to_string(
        "clients/email/invitation.txt",
        {
            "client": client,
            "clinic": client.clinic,
            "url": settings.SITE_URL + reverse(settings.LOGIN_URL),
        },
    )
    send_mail(f"Your sessions at {client.clinic.name}", body, None, [client.email])
    Client.objects.filter(pk=client.pk).update(invitation_sent_at=timezone.now())
