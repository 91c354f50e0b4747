"""Her rows in each table: always asked for by her clinic and by her."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q

from bonefit.clients import models as clients
from bonefit.clients.models import Client
from bonefit.clinics.models import LoginLink, Membership, User
from sessions import models as training
from sessions.who_looked import about_her

Rows = Callable[[Client], models.QuerySet[Any]]

SECRET = "A secret that opens something."
WORK = "How the program does its work, and nothing of hers."


def over(model: Any, path: str) -> Rows:
    """Rows of the client's clinic that lead to her by ``path``, those taken back too."""
    every = getattr(model, "with_voided", model.objects)
    return lambda client: every.filter(clinic=client.clinic_id, **{path: client})


def links(client: Client) -> models.QuerySet[Any]:
    """Links by which she answered questions without a log-in."""
    hers = Q(screening__client=client) | Q(month__client=client)
    return clients.AnswerLink.objects.filter(hers, clinic=client.clinic_id)


def texts(client: Client) -> models.QuerySet[Any]:
    """The texts that she signed, each version once."""
    rows = clients.ConsentText.objects.filter(clinic=client.clinic_id)
    return rows.filter(consents__client=client).distinct()


def held(client: Client) -> models.QuerySet[Any]:
    """What came from a tablet and waits: it names a visit of hers."""
    visits = training.Visit.objects.filter(clinic=client.clinic_id, client=client)
    uids = [str(uid) for uid in visits.values_list("uid", flat=True)]
    rows = training.HeldOperation.objects.filter(clinic=client.clinic_id)
    return rows.filter(body__visit__in=uids)


def supervised(client: Client) -> models.QuerySet[Any]:
    """Who was planned or named in a class of hers."""
    rows = training.Supervision.objects.filter(clinic=client.clinic_id)
    return rows.filter(slot__visits__client=client).distinct()


def files(client: Client) -> models.QuerySet[Any]:
    """Files of figures whose question was about her alone."""
    return about_her(training.ReportExport.objects.filter(clinic=client.clinic_id), client)


def log_in(client: Client) -> models.QuerySet[Any]:
    """The log-in that is hers, if she has one."""
    return User.objects.filter(memberships__client=client)


def membership(client: Client) -> models.QuerySet[Any]:
    """What she is in this clinic, if she has a log-in."""
    return Membership.objects.filter(clinic=client.clinic_id, client=client)


def of_log_in(model: Any) -> Rows:
    """Rows of her log-in."""
    return lambda client: model.objects.filter(user__memberships__client=client)


def login_links(client: Client) -> models.QuerySet[Any]:
    """Those that she or this clinic asked for: her log-in may be of other clinics too."""
    rows = LoginLink.objects.filter(user__memberships__client=client)
    return rows.filter(Q(made_by=None) | Q(made_by__clinic=client.clinic_id))


def links_of_clinic(client: Client) -> models.QuerySet[Any]:
    """Those that this clinic sent her."""
    return login_links(client).exclude(made_by=None)


def none_of(model: Any) -> Rows:
    """Hers alone: her log-in may be of other clinics too, and this one is not to read so."""
    return lambda client: model.objects.none()
