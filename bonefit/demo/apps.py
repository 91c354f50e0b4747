from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "bonefit.demo"
    label = "demo"
