"""Messages to clients, below ``/c/<clinic>/messages/``."""

from django.urls import path

from sessions.views import notices

urlpatterns = [
    path("", notices.notices, name="notices"),
    path("<int:pk>/seen/", notices.seen, name="notice-seen"),
    path("<int:pk>/again/", notices.again, name="notice-again"),
]
