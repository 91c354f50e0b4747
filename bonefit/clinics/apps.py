from django.apps import AppConfig


class ClinicsConfig(AppConfig):
    name = "bonefit.clinics"
    label = "clinics"
    verbose_name = "Clinics and their people"
