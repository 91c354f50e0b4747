from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "bonefit.clients"
    label = "clients"
    verbose_name = "Clients"
