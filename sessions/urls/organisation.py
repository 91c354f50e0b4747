"""The addresses of an organisation: reports across its clinics, and nothing else."""

from django.urls import path
from django.urls.resolvers import URLPattern

from sessions.views import exports, report_files, reports, saved_across

app_name = "organisation"
urlpatterns: list[URLPattern] = [
    path("reports/", reports.across, {"report": "adherence"}, name="reports"),
    path("reports/all/", saved_across.reports, name="report-list"),
    path("reports/saved/", saved_across.save, name="report-save"),
    path("reports/saved/<int:pk>/", saved_across.open_saved, name="report-saved"),
    path("reports/saved/<int:pk>/remove/", saved_across.remove, name="report-remove"),
    path("reports/saved/<int:pk>/stop/", saved_across.stop, name="report-stop"),
    path("reports/files/", saved_across.exports, name="report-exports"),
    path("reports/files/<uuid:uid>/", exports.export_across, name="report-export"),
    path("reports/files/<uuid:uid>/file/", exports.file_across, name="report-export-file"),
    path("reports/<slug:report>/", reports.across, name="figures"),
    path("reports/<slug:report>/table/<slug:key>/", reports.across_table, name="figures-table"),
    path(
        "reports/<slug:report>/picture/<slug:key>/", reports.across_picture, name="figures-picture"
    ),
    *(
        path(
            f"reports/<slug:report>.{form}",
            report_files.across_file,
            {"form": form},
            name=f"figures-{form}",
        )
        for form in ("csv", "xlsx", "pdf")
    ),
]
