from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ClinicsConfig(AppConfig):
    name = "bonefit.clinics"
    label = "clinics"
    verbose_name = "Clinics and their people"

    def ready(self) -> None:
        """Register the checks; tell each new connection whose rows it sees and who is at work."""
        from bonefit.acting import listen

        from . import checks, roles  # noqa: F401 - registers them
        from .rows import tell_new_connection

        connection_created.connect(tell_new_connection)
        connection_created.connect(listen, dispatch_uid="bonefit.acting")
