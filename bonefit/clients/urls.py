"""The addresses of clients, below ``/c/<clinic>/clients/``."""

from django.urls import path

from . import (
    views,
    views_consents,
    views_importing,
    views_intake,
    views_outcomes,
    views_papers,
    views_scanners,
    views_screening,
)

app_name = "clients"
urlpatterns = [
    path("", views.client_list, name="list"),
    path("enroll/", views.enroll, name="enroll"),
    path("imports/", views_importing.imports, name="imports"),
    path("imports/<int:pk>/", views_importing.one_import, name="import"),
    path("imports/<int:pk>/take-in/", views_importing.take_in, name="import-take-in"),
    path("imports/<int:pk>/change/", views_importing.change, name="import-change"),
    path("imports/<int:pk>/give-up/", views_importing.give_up, name="import-give-up"),
    path("imports/<int:pk>/problems.csv", views_importing.problems, name="import-problems"),
    path("devices/", views_scanners.devices, name="devices"),
    path("devices/<int:pk>/", views_scanners.device, name="device"),
    path("devices/<int:pk>/moved/", views_scanners.moved, name="device-moved"),
    path("devices/<int:pk>/retired/", views_scanners.retired, name="device-retired"),
    path("measures/", views_scanners.measure_numbers, name="measure-numbers"),
    path("measures/<slug:measure>/", views_scanners.measure_number, name="measure-number"),
    path("<int:pk>/", views.client_page, name="client"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/intake/", views_intake.intake_page, name="intake"),
    path("<int:pk>/intake/start/", views_intake.start_without, name="start-without"),
    path("<int:pk>/intake/start/end/", views_intake.end_start_without, name="start-without-end"),
    path("<int:pk>/intake/landing/", views_intake.allow_landing, name="landing"),
    path("<int:pk>/intake/landing/end/", views_intake.end_landing, name="landing-end"),
    path("<int:pk>/screening/", views_screening.new, name="screening-new"),
    path("<int:pk>/screening/<int:asked>/", views_screening.fill, name="screening"),
    path(
        "<int:pk>/screening/<int:asked>/confirm/",
        views_screening.confirm,
        name="screening-confirm",
    ),
    path("<int:pk>/screening/<int:asked>/link/", views_screening.send, name="screening-link"),
    path("<int:pk>/screening/<int:asked>/drop/", views_screening.drop, name="screening-drop"),
    path("<int:pk>/outcomes/", views_outcomes.outcomes, name="outcomes"),
    path("<int:pk>/outcomes/<slug:series>/picture/", views_outcomes.chart, name="chart"),
    path("<int:pk>/battery/", views_outcomes.battery, name="battery"),
    path("<int:pk>/measured/<int:taken>/", views_outcomes.correct, name="measurement"),
    path("<int:pk>/clearance/", views_papers.clear, name="clear"),
    path("<int:pk>/papers/", views_papers.papers, name="papers"),
    path("<int:pk>/papers/add/", views_papers.document_add, name="document-add"),
    path("<int:pk>/papers/<uuid:uid>/", views_papers.document, name="document"),
    path(
        "<int:pk>/papers/<uuid:uid>/remove/", views_papers.document_remove, name="document-remove"
    ),
    path("<int:pk>/consents/<slug:kind>/", views_consents.consent, name="consent"),
    path("<int:pk>/consents/signed/<int:agreed>/", views_consents.signed, name="consent-signed"),
    path(
        "<int:pk>/consents/signed/<int:agreed>/withdraw/",
        views_consents.withdraw,
        name="consent-withdraw",
    ),
    path("consent-texts/", views_consents.texts, name="consent-texts"),
    path("consent-texts/<slug:kind>/", views_consents.text, name="consent-text"),
    path("<int:pk>/release/", views.release, name="release"),
    path("<int:pk>/away/", views.away, name="away"),
    path("<int:pk>/invite/", views.invite, name="invite"),
    path("<int:pk>/send-login/", views.send_login, name="send-login"),
]
