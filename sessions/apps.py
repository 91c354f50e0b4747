from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions"
    label = "training"  # "sessions" belongs to django.contrib.sessions
    verbose_name = "Training"
