from django.urls import path

from sessions.views import portal

urlpatterns = [
    path("", portal.portal, name="portal"),
    path("calendar/", portal.calendar_link, name="portal-calendar"),
    path("calendar/renew/", portal.renew_calendar_link, name="portal-calendar-renew"),
    path("calendar/stop/", portal.stop_calendar_link, name="portal-calendar-stop"),
]
