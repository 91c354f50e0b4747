"""The addresses of a clinic itself, below ``/c/<clinic>/``."""

from django.urls import path

from . import (
    views,
    views_cover,
    views_credentials,
    views_invitations,
    views_log_ins,
    views_looks,
    views_people,
    views_pins,
)

app_name = "clinics"
urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/emergency/", views.emergency, name="settings-emergency"),
    path("settings/bring/", views.bring, name="settings-bring"),
    path("settings/reports/", views.reports, name="settings-reports"),
    path("settings/looks/", views_looks.looks, name="looks"),
    path("settings/looks.csv", views_looks.looks_csv, name="looks-csv"),
    path("settings/credentials/", views_credentials.credentials, name="credentials"),
    path("settings/credentials/<int:pk>/", views_credentials.credential, name="credential"),
    path("settings/log-ins/", views_log_ins.log_ins, name="log-ins"),
    path("settings/log-ins/<int:pk>/reset/", views_log_ins.reset, name="log-in-reset"),
    path("settings/log-ins/<int:pk>/end/", views_log_ins.end_all, name="log-ins-end"),
    path("settings/log-ins/<int:pk>/anew/", views_log_ins.count_anew, name="log-ins-anew"),
    path("floor/pin/", views_pins.tablet_pin, name="tablet-pin"),
    path("settings/people/", views_people.people, name="people"),
    path("settings/people/<int:pk>/", views_people.person, name="person"),
    path("settings/people/invite/", views_invitations.invite, name="invite"),
    path(
        "settings/people/invitations/<int:pk>/withdraw/",
        views_invitations.withdraw,
        name="invitation-withdraw",
    ),
    path("settings/access/", views_people.access, name="access"),
    path("cover/", views_cover.cover, name="cover"),
    path("cover/<int:pk>/end/", views_cover.end, name="cover-end"),
]
