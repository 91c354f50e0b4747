"""The addresses of a clinic itself, below ``/c/<clinic>/``."""

from django.urls import path

from . import views, views_credentials

app_name = "clinics"
urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/emergency/", views.emergency, name="settings-emergency"),
    path("settings/bring/", views.bring, name="settings-bring"),
    path("settings/credentials/", views_credentials.credentials, name="credentials"),
    path("settings/credentials/<int:pk>/", views_credentials.credential, name="credential"),
]
