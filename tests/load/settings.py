"""The deployed settings, with files served from where they lie: nobody ran collectstatic."""

from bonefit.settings import *  # noqa: F403
from bonefit.settings import STORAGES

STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = True
