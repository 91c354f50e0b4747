"""The addresses of clients, below ``/c/<clinic>/clients/``."""

from django.urls import path

from . import views

app_name = "clients"
urlpatterns = [
    path("", views.client_list, name="list"),
    path("enroll/", views.enroll, name="enroll"),
    path("<int:pk>/", views.client_page, name="client"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/clearance/", views.clear, name="clear"),
    path("<int:pk>/release/", views.release, name="release"),
    path("<int:pk>/away/", views.away, name="away"),
    path("<int:pk>/invite/", views.invite, name="invite"),
    path("<int:pk>/send-login/", views.send_login, name="send-login"),
]
