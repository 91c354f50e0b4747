from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ClientsConfig(AppConfig):
    name = "bonefit.clients"
    label = "clients"
    verbose_name = "Clients"

    def ready(self) -> None:
        from .looks_lately import forget

        connection_created.connect(forget, dispatch_uid="bonefit.looks")
