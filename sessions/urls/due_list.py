"""What is due, below ``/c/<clinic>/due/``."""

from django.urls import path

from sessions.views import due_list

urlpatterns = [path("", due_list.due, name="due-list")]
