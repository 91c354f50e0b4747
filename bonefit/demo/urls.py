"""The addresses of the demo: all of the deployed site's, and these, which it has not got."""

from django.urls import include, path

from bonefit.clinics.second_step import opens_before_second_step
from bonefit.demo import views
from bonefit.urls import handler400, handler500

__all__ = ["handler400", "handler500", "urlpatterns"]

always = opens_before_second_step()

demo_urls = [
    path("", always(views.people), name="people"),
    path("mail/", always(views.mail), name="mail"),
    path("mail/<str:name>/", always(views.message), name="message"),
]

urlpatterns = [
    path("", views.front_door),
    path("demo/", include((demo_urls, "demo"))),
    path("", include("bonefit.urls")),
]
