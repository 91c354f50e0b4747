"""Addresses that need no log-in: what lies behind a secret of its own, and the board's frame."""

from django.urls import path

from sessions.views import board, calendar, month, reminders, uploads

urlpatterns = [
    path("calendar/<str:token>.ics", calendar.feed, name="calendar"),
    path("reminders/<str:token>/", reminders.reminders, name="reminders"),
    path("falls/<str:token>/", month.falls_month, name="falls-month"),
    path("upload/", uploads.upload, name="upload"),
    # At the root, because a service worker keeps only what lies below its own address.
    path("service-worker.js", board.service_worker, name="service-worker"),
    path("manifest.webmanifest", board.manifest, name="manifest"),
]
