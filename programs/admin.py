"""Django's admin, for reading the catalogue. It is changed in its data files, with sources."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from .models import Exercise, Phase, Prescription, Program, ProgramVersion


class _ReadOnly(admin.ModelAdmin):
    """A published version never changes, and the exercises are those of the data file."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Exercise)
class ExerciseAdmin(_ReadOnly):
    list_display = ("name", "lift", "level", "load_type", "impact_level", "base")
    list_filter = ("lift", "load_type")


@admin.register(Program)
class ProgramAdmin(_ReadOnly):
    list_display = ("name", "clinic")
    list_filter = ("clinic",)


@admin.register(ProgramVersion)
class ProgramVersionAdmin(_ReadOnly):
    list_display = ("program", "number", "clinic", "published_at")
    list_filter = ("clinic",)


@admin.register(Phase)
class PhaseAdmin(_ReadOnly):
    list_display = ("name", "code", "version", "first_week", "last_week")
    list_filter = ("clinic",)


@admin.register(Prescription)
class PrescriptionAdmin(_ReadOnly):
    list_display = ("lift", "phase", "sets", "reps", "landings", "effort_low", "effort_high")
    list_filter = ("clinic", "lift")
