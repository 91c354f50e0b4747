"""A class as a whole, below ``/c/<clinic>/floor/``."""

from django.urls import path

from bonefit.clinics.log_in_gate import opens_with_pin
from sessions.views import classes

urlpatterns = [
    path("people/", opens_with_pin(classes.people), name="people"),
    path("walk-in/", opens_with_pin(classes.add_walk_in), name="walk-in"),
    path("plates/", opens_with_pin(classes.plates), name="plates"),
]
