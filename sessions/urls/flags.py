"""The flags of a clinic, below ``/c/<clinic>/flags/``."""

from django.urls import path

from sessions.views import flag_answers, flag_rules, flags

urlpatterns = [
    path("", flags.flags, name="flags"),
    path("rules/", flag_rules.rules, name="flag-rules"),
    path("read/", flags.read, name="flag-read"),
    path("<int:pk>/", flags.flag, name="flag"),
    path("<int:pk>/answer/", flag_answers.answer, name="flag-answer"),
    path("<int:pk>/resolve/", flag_answers.resolve, name="flag-resolve"),
    path("<int:pk>/put-off/", flag_answers.put_off, name="flag-put-off"),
    path("<int:pk>/take-up/", flag_answers.take_up, name="flag-take-up"),
    path("<int:pk>/hand-over/", flag_answers.hand_over, name="flag-hand-over"),
]
