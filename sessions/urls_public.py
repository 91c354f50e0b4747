"""Addresses that need no log-in: a calendar feed behind its secret, and the board's frame."""

from django.urls import path

from sessions.views import board, calendar

urlpatterns = [
    path("calendar/<str:token>.ics", calendar.feed, name="calendar"),
    # At the root, because a service worker keeps only what lies below its own address.
    path("service-worker.js", board.service_worker, name="service-worker"),
    path("manifest.webmanifest", board.manifest, name="manifest"),
]
