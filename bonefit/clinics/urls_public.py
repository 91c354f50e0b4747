"""Addresses that belong to no clinic: the front door, logging in and out.

django-allauth looks the ``account_`` names up. Those it has for passwords and for signing up are
left out on purpose: there are none.
"""

from allauth.account.views import account_inactive, logout
from django.urls import path

from . import views_home, views_link, views_login

urlpatterns = [
    path("", views_home.home, name="home"),
    path("c/<slug:clinic>/", views_home.clinic_home, name="clinic_home"),
    path("login/", views_login.login, name="account_login"),
    path("login/code/", views_login.ask_for_code, name="account_request_login_code"),
    path("login/code/enter/", views_login.enter_code, name="account_confirm_login_code"),
    path("login/link/<str:token>/", views_link.login_link, name="login_link"),
    path("login/closed/", account_inactive, name="account_inactive"),
    path("logout/", logout, name="account_logout"),
]
