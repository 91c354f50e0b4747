"""The addresses of a client's program, below ``/c/<clinic>/clients/``."""

from django.urls import path

from . import views

app_name = "programs"
urlpatterns = [
    path("<int:pk>/assign/", views.assign, name="assign"),
    path("<int:pk>/plan/phase/", views.change_phase, name="phase"),
    path("<int:pk>/plan/<slug:lift>/load/", views.set_load, name="load"),
    path("<int:pk>/plan/<slug:lift>/exercise/", views.change_rung, name="exercise"),
    path("<int:pk>/plan/<slug:lift>/hold/", views.hold, name="hold"),
    path("<int:pk>/plan/<slug:lift>/release/", views.release, name="release"),
    path("<int:pk>/plan/decisions/<int:decision>/take-back/", views.take_back, name="take_back"),
    path("<int:pk>/end/", views.end, name="end"),
]
