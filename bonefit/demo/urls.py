"""The addresses of the demo: all of the deployed site's, and these, which it has not got."""

from django.urls import include, path

from bonefit.demo import views

demo_urls = [
    path("", views.people, name="people"),
    path("mail/", views.mail, name="mail"),
    path("mail/<str:name>/", views.message, name="message"),
]

urlpatterns = [
    path("", views.front_door),
    path("demo/", include((demo_urls, "demo"))),
    path("", include("bonefit.urls")),
]
