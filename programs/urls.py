from django.urls.resolvers import URLPattern

app_name = "programs"
urlpatterns: list[URLPattern] = []
