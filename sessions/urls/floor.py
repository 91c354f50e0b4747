"""Today and one visit."""

from django.urls import URLPattern, URLResolver, include, path

from sessions.views import floor, notes, safety

set_urls = [
    path("correct/", floor.correct_set, name="correct-set"),
    path("confirm/", floor.confirm_set, name="confirm-set"),
    path("void/", floor.void_set, name="void-set"),
]

visit_urls: list[URLPattern | URLResolver] = [
    path("", floor.visit, name="visit"),
    path("check-in/", floor.check_in, name="check-in"),
    path("re-screen/", floor.rescreen, name="rescreen"),
    path("release/", floor.release, name="release"),
    path("stop/", safety.stop, name="stop"),
    path("report/", safety.report, name="report"),
    path("report/<uuid:event>/review/", safety.review_report, name="report-review"),
    path("complete/", floor.complete, name="complete"),
    path("reopen/", notes.reopen, name="reopen"),
    path("note/", notes.note, name="note"),
    path("say/", floor.say, name="say"),
    path("history/", floor.visit_history, name="visit-history"),
    path("<slug:lift>/log/", floor.log_set, name="log-set"),
    path("<slug:lift>/sets/<uuid:entry>/", include(set_urls)),
]

urlpatterns = [
    path("today/", floor.today, name="today"),
    path("visits/<uuid:uid>/", include(visit_urls)),
]
