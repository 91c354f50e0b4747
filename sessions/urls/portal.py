"""A client's own pages, below ``/c/<clinic>/my/``; ``of/`` is what her companion may look at."""

from django.urls import URLPattern, URLResolver, include, path

from sessions.views import (
    portal,
    portal_calendar,
    portal_copy,
    portal_correction,
    portal_looked,
    portal_seats,
)

of_client: list[URLPattern | URLResolver] = [
    path("", portal.portal_of_client, name="portal-of"),
    path("growth/", portal.growth_of_client, name="portal-growth-of"),
    path("growth/chart/", portal.growth_chart_of_client, name="portal-growth-chart-of"),
    path("looked/", portal_looked.looked_of_client, name="portal-looked-of"),
    path("correction/", portal_correction.correction_of_client, name="portal-correction-of"),
]

of_visit: list[URLPattern | URLResolver] = [
    path("cannot-come/", portal_seats.cannot_come, name="portal-cannot-come"),
    path("come/", portal_seats.come_after_all, name="portal-come"),
    path("make-up/", portal_seats.make_up, name="portal-make-up"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", portal.portal, name="portal"),
    path("why/", portal.why, name="portal-why"),
    path("growth/", portal.growth, name="portal-growth"),
    path("growth/chart/", portal.growth_chart, name="portal-growth-chart"),
    path("looked/", portal_looked.looked, name="portal-looked"),
    path("copy/", portal_copy.copy, name="portal-copy"),
    path("copy/<uuid:uid>/file/", portal_copy.copy_file, name="portal-copy-file"),
    path("correction/", portal_correction.correction, name="portal-correction"),
    path("of/<int:pk>/", include(of_client)),
    path("visits/<uuid:uid>/", include(of_visit)),
    path("offers/<int:pk>/", portal_seats.offer, name="portal-offer"),
    path("reminders/", portal_seats.reminders, name="portal-reminders"),
    path("calendar/", portal_calendar.calendar_link, name="portal-calendar"),
    path("calendar/renew/", portal_calendar.renew_calendar_link, name="portal-calendar-renew"),
    path("calendar/stop/", portal_calendar.stop_calendar_link, name="portal-calendar-stop"),
]
