"""The clinic's week, below ``/c/<clinic>/week/``."""

from django.urls import path

from sessions.views import week

urlpatterns = [
    path("", week.week, name="week"),
]
