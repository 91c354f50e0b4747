"""The addresses of a clinic itself, below ``/c/<clinic>/``."""

from django.urls import path

from . import views

app_name = "clinics"
urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/emergency/", views.emergency, name="settings-emergency"),
    path("settings/bring/", views.bring, name="settings-bring"),
]
