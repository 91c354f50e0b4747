"""``/metrics`` in Prometheus' text format: read from the database when it is asked for.

Whoever asks shows the token of METRICS_TOKEN; where there is none, only this machine itself may
ask. Everybody else is told that there is no such page.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from bonefit.state_of_sweeps import State, state

LOCAL = frozenset({"127.0.0.1", "::1"})


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures; 404 for who may not ask."""
    if not _may(request):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(state(timezone.now())))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may(request: HttpRequest) -> bool:
    token: str = settings.METRICS_TOKEN
    if token:
        said = request.headers.get("Authorization", "")
        return hmac.compare_digest(said.encode(), f"Bearer {token}".encode())
    # A proxy on this machine asks for the whole world: it says so in this header.
    forwarded = "HTTP_X_FORWARDED_FOR" in request.META
    return not forwarded and request.META.get("REMOTE_ADDR", "") in LOCAL


class _Figures(Collector):
    """One answer: nothing is kept from one question to the next."""

    def __init__(self, now: State) -> None:
        self.state = now

    def collect(self) -> Iterator[Metric]:
        yield from self._sweeps()
        now = self.state
        yield _gauge("bonefit_reviews_due", "Enrollments to be looked at.", now.reviews_due)
        if now.messages is not None:
            yield _gauge("bonefit_queue_messages", "Messages in the broker.", now.messages)
        for name, words, since in (
            ("review", "The review that has been due for longest.", now.oldest_review),
            ("notice", "The oldest unsent message to a client.", now.oldest_notice),
            ("staff_notice", "The oldest unsent message to staff.", now.oldest_staff_notice),
        ):
            yield _gauge(f"bonefit_oldest_{name}_seconds", words, self._age(since))
        flags = GaugeMetricFamily("bonefit_open_flags", "Open flags.", labels=["severity"])
        for severity, number in now.open_flags:
            flags.add_metric([severity], number)
        yield flags
        yield from self._backups()
        yield from self._seals()

    def _seals(self) -> Iterator[Metric]:
        now = self.state.seals
        yield _gauge("bonefit_audit_unsealed", "Rows that are not sealed yet.", now.waiting)
        age = self._age(now.since)
        yield _gauge("bonefit_audit_unsealed_seconds", "The oldest of them.", age)
        if now.last is not None:
            yield _gauge("bonefit_audit_last_seal", "Its number.", now.last.number)

    def _backups(self) -> Iterator[Metric]:
        now = self.state.backup
        yield _gauge("bonefit_backup_configured", "1 where backups are made.", now.configured)
        yield _gauge("bonefit_backup_late", "1 without a good one for 36 hours.", now.late)
        yield _gauge("bonefit_backup_damaged", "Kept ones that are not good.", now.damaged)
        if now.last is not None:
            age = self._age(now.last.made_at)
            yield _gauge("bonefit_backup_last_seconds", "Age of the last good one.", age)
            yield _gauge("bonefit_backup_last_bytes", "Its size.", now.last.size)
        if now.verified is not None:
            age = self._age(now.verified.verified_at)
            yield _gauge("bonefit_backup_verified_seconds", "Since one was restored.", age)

    def _sweeps(self) -> Iterator[Metric]:
        def family(name: str, words: str) -> GaugeMetricFamily:
            return GaugeMetricFamily(f"bonefit_sweep_{name}", words, labels=["sweep"])

        last = family("last_seconds", "Seconds since it last came to its end.")
        late = family("late", "1 where it has been silent for too long.")
        failing = family("failing", "1 where it has failed since.")
        took = family("duration_seconds", "How long the last one took.")
        counts = {
            name: family(name, f"Rows that the last one {words}.")
            for name, words in (
                ("seen", "looked at"),
                ("opened", "opened or wrote"),
                ("resolved", "resolved"),
                ("failed", "could not do"),
            )
        }
        for one in self.state.sweeps:
            late.add_metric([one.name], one.late)
            failing.add_metric([one.name], one.failing)
            if one.row is None:
                continue
            if one.row.at is not None:
                last.add_metric([one.name], self._age(one.row.at))
            if one.row.seconds is not None:
                took.add_metric([one.name], one.row.seconds)
            for name, metric in counts.items():
                if (number := getattr(one.row, name)) is not None:
                    metric.add_metric([one.name], number)
        yield from (last, late, failing, took, *counts.values())

    def _age(self, since: datetime | None) -> float:
        return 0.0 if since is None else max((self.state.at - since).total_seconds(), 0.0)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)
