"""A client's plan as it was and as it may become, below ``/c/<clinic>/clients/<pk>/plan/``."""

from django.urls import URLPattern, path

from sessions.views import plan

urlpatterns: list[URLPattern] = [
    path("timeline/", plan.timeline, name="timeline"),
    path("timeline/chart/", plan.timeline_chart, name="timeline-chart"),
    path("preview/", plan.preview, name="preview"),
    path("preview/chart/", plan.preview_chart, name="preview-chart"),
]
