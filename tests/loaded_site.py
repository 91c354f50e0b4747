"""The site of the browser tests with its addresses loaded: a worker that is forked is ready."""

from django.urls import get_resolver

from bonefit.wsgi import application

__all__ = ["application"]

# Django reads them at the first request; read here, that is done once for all workers.
_ = get_resolver().url_patterns
