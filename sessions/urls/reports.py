from django.urls import path
from django.urls.resolvers import URLPattern

from sessions.views import rates, reports

urlpatterns: list[URLPattern] = [
    path("adherence/", reports.adherence, name="adherence"),
    path("adherence.csv", reports.adherence_csv, name="adherence-csv"),
    path("safety/", rates.safety, name="safety"),
]
