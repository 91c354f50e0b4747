"""The addresses of the floor, one family a file."""

from django.urls import include, path

from sessions.views import flag_settings, leaving

app_name = "sessions"
urlpatterns = [
    path("", include("sessions.urls.floor")),
    path("floor/", include("sessions.urls.board")),
    path("floor/", include("sessions.urls.classes")),
    path("week/", include("sessions.urls.week")),
    path("", include("sessions.urls.seats")),
    path("messages/", include("sessions.urls.notices")),
    path("held/", include("sessions.urls.held")),
    path("flags/", include("sessions.urls.flags")),
    path("settings/flags/", flag_settings.settings, name="flag-settings"),
    path("settings/people/<int:pk>/end/", leaving.person_end, name="person-end"),
    path("", include("sessions.urls.events")),
    path("", include("sessions.urls.letters")),
    path("due/", include("sessions.urls.due_list")),
    path("reports/", include("sessions.urls.reports")),
    path("my/", include("sessions.urls.portal")),
    path("calendar/", include("sessions.urls.feeds")),
    path("clients/<int:pk>/plan/", include("sessions.urls.plan")),
]
