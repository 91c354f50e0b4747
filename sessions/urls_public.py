"""Addresses that need no log-in: what lies behind a secret of its own, and the board's frame."""

from django.urls import path

from bonefit.clinics.second_step import opens_before_second_step
from sessions.views import board, calendar, month, reminders, uploads

always = opens_before_second_step()

urlpatterns = [
    path("calendar/<str:token>.ics", always(calendar.feed), name="calendar"),
    path("reminders/<str:token>/", always(reminders.reminders), name="reminders"),
    path("falls/<str:token>/", always(month.falls_month), name="falls-month"),
    path("upload/", always(uploads.upload), name="upload"),
    # At the root, because a service worker keeps only what lies below its own address.
    path("service-worker.js", always(board.service_worker), name="service-worker"),
    path("manifest.webmanifest", always(board.manifest), name="manifest"),
]
