from django.urls.resolvers import URLPattern

app_name = "sessions"
urlpatterns: list[URLPattern] = []
