from django.urls import path
from django.urls.resolvers import URLPattern

from sessions.views import reports

urlpatterns: list[URLPattern] = [
    path("adherence/", reports.adherence, name="adherence"),
    path("adherence.csv", reports.adherence_csv, name="adherence-csv"),
]
