"""The calendar links of staff, below ``/c/<clinic>/calendar/``."""

from django.urls import path

from sessions.views import feeds

urlpatterns = [
    path("", feeds.own_calendar, name="own-calendar"),
    path("rooms/<int:pk>/", feeds.room_calendar, name="room-calendar"),
]
