"""One view: read a form, insert a row, say so."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from bench.bare.models import BareRow


@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    BareRow.objects.create(
        op=request.POST["op"], load=request.POST["load"], reps=request.POST["done"]
    )
    return HttpResponse("kept")


urlpatterns = [path("insert/", insert)]
