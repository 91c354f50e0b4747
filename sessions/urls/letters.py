"""Letters to the doctor who referred a client."""

from django.urls import path

from sessions.views import letters

urlpatterns = [
    path("clients/<int:pk>/letters/", letters.client_letters, name="letters"),
    path("letters/<int:pk>/", letters.letter, name="letter"),
    path("letters/<int:pk>/letter.pdf", letters.letter_pdf, name="letter-pdf"),
    path("letters/<int:pk>/sign/", letters.letter_sign, name="letter-sign"),
    path("letters/<int:pk>/renew/", letters.letter_renew, name="letter-renew"),
    path("letters/<int:pk>/drop/", letters.letter_drop, name="letter-drop"),
]
