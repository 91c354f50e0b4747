"""Every address of the site. ``/c/<clinic>/`` is one clinic; ``@requires`` checks who asks."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from bonefit import health

# Django's admin has no log-in page of its own: there are no passwords, and limits hold for all.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

clinic_urls = [
    path("", include("bonefit.clinics.urls")),
    path("clients/", include("bonefit.clients.urls")),
    path("clients/", include("programs.urls")),
    path("", include("sessions.urls")),
]

urlpatterns = [
    path("", include("bonefit.clinics.urls_public")),
    path("", include("sessions.urls_public")),
    path("c/<slug:clinic>/", include(clinic_urls)),
    path("healthz/", health.healthz, name="healthz"),
    path("readyz/", health.readyz, name="readyz"),
    path("beats/", health.beats, name="beats"),
    path("admin/", admin.site.urls),
]
