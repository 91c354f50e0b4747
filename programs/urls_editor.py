"""The addresses of the programs themselves, below ``/c/<clinic>/programs/``."""

from django.urls import path

from .views import editor

app_name = "editor"
urlpatterns = [
    path("", editor.program_list, name="list"),
    path("<int:pk>/", editor.program_page, name="program"),
    path("<int:pk>/versions/<int:number>/", editor.program_page, name="version"),
    path("<int:pk>/copy/", editor.copy, name="copy"),
    path("<int:pk>/draft/", editor.start, name="start"),
    path("<int:pk>/draft/edit/", editor.edit, name="edit"),
    path("<int:pk>/draft/compare/", editor.compare, name="compare"),
    path("<int:pk>/draft/publish/", editor.publish, name="publish"),
    path("<int:pk>/draft/discard/", editor.discard, name="discard"),
]
