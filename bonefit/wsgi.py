"""What the web server imports."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bonefit.settings")

application = get_wsgi_application()

# Models can be imported from here on.
from bonefit.clinics.roles import refuse_to_serve_unbound  # noqa: E402

refuse_to_serve_unbound()
