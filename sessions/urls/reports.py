from django.urls import path
from django.urls.resolvers import URLPattern

from sessions.views import exports, report_files, reports, saved

urlpatterns: list[URLPattern] = [
    path("", saved.reports, name="reports"),
    path("saved/", saved.save, name="report-save"),
    path("saved/<int:pk>/", saved.open_saved, name="report-saved"),
    path("saved/<int:pk>/remove/", saved.remove, name="report-remove"),
    path("saved/<int:pk>/stop/", saved.stop, name="report-stop"),
    path("files/", exports.exports, name="report-exports"),
    path("files/<uuid:uid>/", exports.export, name="report-export"),
    path("files/<uuid:uid>/file/", exports.file, name="report-export-file"),
    path("adherence/", reports.figures, {"report": "adherence"}, name="adherence"),
    path("safety/", reports.figures, {"report": "safety"}, name="safety"),
    path("<slug:report>/", reports.figures, name="figures"),
    path("<slug:report>/make/", exports.make, name="report-make"),
    path("<slug:report>/rows/", reports.figures_behind, name="figures-behind"),
    path("<slug:report>/table/<slug:key>/", reports.figures_table, name="figures-table"),
    path("<slug:report>/picture/<slug:key>/", reports.figures_picture, name="figures-picture"),
    *(
        path(
            f"<slug:report>.{form}",
            report_files.figures_file,
            {"form": form},
            name=f"figures-{form}",
        )
        for form in ("csv", "xlsx", "pdf")
    ),
]
