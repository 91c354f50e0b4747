"""Every address of the site. ``/c/<clinic>/`` is one clinic; ``@requires`` checks who asks.

``/o/<organisation>/`` is the reports across an organisation's clinics.
"""

from django.contrib import admin
from django.urls import include, path

from bonefit import health, metrics, views_operator
from bonefit.clients import views_answering
from bonefit.clinics.second_step import opens_before_second_step

always = opens_before_second_step()

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
    path("questions/<str:token>/", always(views_answering.answer), name="answer-questions"),
    path("c/<slug:clinic>/", include(clinic_urls)),
    path("o/<slug:organisation>/", include("sessions.urls.organisation")),
    path("healthz/", always(health.healthz), name="healthz"),
    path("readyz/", always(health.readyz), name="readyz"),
    path("beats/", always(health.beats), name="beats"),
    path("metrics", always(metrics.metrics), name="metrics"),
    path("operator/", views_operator.operator, name="operator"),
    path("admin/", admin.site.urls),
]

handler400 = "bonefit.views_errors.not_understood"
handler500 = "bonefit.views_errors.broken"
