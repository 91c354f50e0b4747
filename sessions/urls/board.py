"""The floor board, below ``/c/<clinic>/floor/``."""

from django.urls import path

from sessions.views import board, notes, uploads

urlpatterns = [
    path("", board.shell, name="board"),
    path("day/", board.day, name="board-day"),
    path("operations/", board.send, name="board-send"),
    path("notes/", notes.notes, name="notes"),
    path("prepare/", uploads.prepare, name="board-prepare"),
]
