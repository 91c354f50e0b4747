"""Addresses that belong to no clinic: the front door, logging in and out.

django-allauth looks the ``account_`` names up. Those it has for passwords and for signing up are
left out on purpose: there are none. Its pages for passkeys are left out too: ours say it in our
words.
"""

from allauth.account.views import account_inactive, logout
from django.urls import path

from . import (
    views_again,
    views_home,
    views_invited,
    views_link,
    views_login,
    views_passkeys,
    views_pins,
    views_refused,
    views_second,
    views_where,
)
from .second_step import opens_before_second_step

always = opens_before_second_step()

urlpatterns = [
    path("", views_home.home, name="home"),
    path("c/<slug:clinic>/", views_home.clinic_home, name="clinic_home"),
    path("login/", views_login.login, name="account_login"),
    path("login/code/", views_login.ask_for_code, name="account_request_login_code"),
    path("login/code/enter/", views_login.enter_code, name="account_confirm_login_code"),
    path("login/link/<str:token>/", always(views_link.login_link), name="login_link"),
    path("login/invitation/<str:token>/", views_invited.invitation, name="invitation"),
    path("login/passkey/", views_passkeys.log_in_with_passkey, name="passkey_login"),
    path("login/again/", views_again.log_in_again, name="log_in_again"),
    path("login/closed/", always(account_inactive), name="account_inactive"),
    path("logout/", always(logout), name="account_logout"),
    path("login/second/", views_second.second_step, name="second_step"),
    path("login/second/passkey/", views_second.second_passkey, name="second_passkey"),
    path("login/second/set-up/", views_second.second_set_up, name="second_set_up"),
    path("login/second/app/", views_second.second_app, name="second_app"),
    path("login/second/codes/", views_second.second_codes, name="second_codes"),
    path("login/pin/", views_pins.enter_pin, name="enter_pin"),
    path("login/still/", views_where.still_here, name="still_here"),
    path("log-ins/", views_where.where, name="log_ins"),
    path("refused/", always(views_refused.refused), name="refused"),
    path("passkeys/", views_passkeys.passkeys, name="passkeys"),
    path("passkeys/add/", views_passkeys.passkey_add, name="passkey_add"),
    path("passkeys/<int:pk>/remove/", views_passkeys.passkey_remove, name="passkey_remove"),
]
