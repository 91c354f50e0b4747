"""The flags of a clinic, below ``/c/<clinic>/flags/``."""

from django.urls import path

from sessions.views import flags

urlpatterns = [
    path("", flags.flags, name="flags"),
    path("<int:pk>/answer/", flags.answer, name="flag-answer"),
    path("<int:pk>/resolve/", flags.resolve, name="flag-resolve"),
]
