"""The addresses of a client's program, below ``/c/<clinic>/clients/``."""

from django.urls import path

from . import views

app_name = "programs"
urlpatterns = [
    path("<int:pk>/assign/", views.assign, name="assign"),
    path("<int:pk>/plan/phase/", views.change_phase, name="phase"),
    path("<int:pk>/plan/hold/", views.hold_all, name="hold_all"),
    path("<int:pk>/plan/release/", views.release_all, name="release_all"),
    path("<int:pk>/plan/<slug:lift>/override/", views.override, name="override"),
    path("<int:pk>/plan/<slug:lift>/estimate/", views.estimate, name="estimate"),
    path("<int:pk>/plan/<slug:lift>/load/", views.set_load, name="load"),
    path("<int:pk>/plan/<slug:lift>/exercise/", views.change_rung, name="exercise"),
    path("<int:pk>/plan/<slug:lift>/hold/", views.hold, name="hold"),
    path("<int:pk>/plan/<slug:lift>/release/", views.release, name="release"),
    path("<int:pk>/plan/decisions/<int:decision>/take-back/", views.take_back, name="take_back"),
    path("<int:pk>/plan/version/", views.move, name="move"),
    path("<int:pk>/plan/blocks/", views.add_block, name="add_block"),
    path("<int:pk>/plan/blocks/<int:track>/end/", views.end_block, name="end_block"),
    path("<int:pk>/end/", views.end, name="end"),
    path("<int:pk>/end/take-back/", views.resume, name="resume"),
]
