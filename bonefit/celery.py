"""The Celery application. Its settings are Django's that begin with ``CELERY_``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bonefit.settings")

app = Celery("bonefit")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
