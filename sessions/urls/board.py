"""The floor board, below ``/c/<clinic>/floor/``."""

from django.urls import path

from bonefit.clinics.log_in_gate import asked_by_itself, opens_with_pin
from sessions.views import board, notes, uploads

urlpatterns = [
    path("", opens_with_pin(board.shell), name="board"),
    path("day/", opens_with_pin(asked_by_itself(board.day)), name="board-day"),
    path("operations/", opens_with_pin(asked_by_itself(board.send)), name="board-send"),
    path("notes/", notes.notes, name="notes"),
    path("prepare/", opens_with_pin(asked_by_itself(uploads.prepare)), name="board-prepare"),
]
