"""A class as a whole, below ``/c/<clinic>/floor/``."""

from django.urls import path

from sessions.views import classes

urlpatterns = [
    path("people/", classes.people, name="people"),
    path("walk-in/", classes.add_walk_in, name="walk-in"),
    path("plates/", classes.plates, name="plates"),
]
