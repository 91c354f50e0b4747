from django.urls.resolvers import URLPattern

app_name = "clinics"
urlpatterns: list[URLPattern] = []
