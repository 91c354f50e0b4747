"""What happened to a client beside her training: adverse events and falls."""

from django.urls import include, path

from sessions.views import events, falls

client_urls = [
    path("events/", events.client_events, name="events"),
    path("events/new/", events.event_new, name="event-new"),
    path("events/<uuid:event>/review/", events.event_review, name="event-review"),
    path("falls/", falls.client_falls, name="falls"),
    path("falls/new/", falls.fall_new, name="fall-new"),
    path("falls/<int:fall>/", falls.fall, name="fall"),
    path("falls/months/<int:month>/", falls.month, name="falls-asked"),
]

urlpatterns = [path("clients/<int:pk>/", include(client_urls))]
