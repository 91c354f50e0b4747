"""What the views about a client begin with: who it is, which day it is, what was posted."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone

from bonefit.clinics.access import MemberRequest
from bonefit.clinics.models import Membership

from .models import Client


def client_of(request: MemberRequest, pk: int) -> Client:
    """A client of the member's clinic, with that clinic; 404 for any other."""
    client = get_object_or_404(Client.objects.visible_to(request.member), pk=pk)
    client.clinic = request.member.clinic
    return client


def today_of(member: Membership) -> date:
    """The day that it is on the clinic's wall."""
    return timezone.now().astimezone(member.clinic.tz).date()


def posted(request: HttpRequest) -> QueryDict | None:
    """What was posted, also when it is empty; None when the page is only asked for."""
    return request.POST if request.method == "POST" else None
