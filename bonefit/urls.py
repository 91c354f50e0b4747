"""Every address of the site. ``/c/<clinic>/`` is one clinic; ``@requires`` checks who asks."""

from django.contrib import admin
from django.urls import include, path

from bonefit import health, metrics, views_operator
from bonefit.clients import views_answering

clinic_urls = [
    path("", include("bonefit.clinics.urls")),
    path("clients/", include("bonefit.clients.urls")),
    path("clients/", include("programs.urls")),
    path("programs/", include("programs.urls_editor")),
    path("", include("sessions.urls")),
]

urlpatterns = [
    path("", include("bonefit.clinics.urls_public")),
    path("", include("sessions.urls_public")),
    path("questions/<str:token>/", views_answering.answer, name="answer-questions"),
    path("c/<slug:clinic>/", include(clinic_urls)),
    path("healthz/", health.healthz, name="healthz"),
    path("readyz/", health.readyz, name="readyz"),
    path("beats/", health.beats, name="beats"),
    path("metrics", metrics.metrics, name="metrics"),
    path("operator/", views_operator.operator, name="operator"),
    path("admin/", admin.site.urls),
]
