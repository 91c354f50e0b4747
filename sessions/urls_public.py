"""Addresses that need no log-in: a client's calendar feed, whose address is its secret."""

from django.urls import path

from sessions.views import calendar

urlpatterns = [path("calendar/<str:token>.ics", calendar.feed, name="calendar")]
