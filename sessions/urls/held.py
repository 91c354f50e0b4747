"""Entries that wait for the admin, below ``/c/<clinic>/held/``."""

from django.urls import path

from sessions.views import held

urlpatterns = [path("", held.held, name="held")]
