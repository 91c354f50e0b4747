"""The desk: one class, one seat, one client's bookings."""

from django.urls import path

from sessions.views import bookings, contact, queue, seats, slots

urlpatterns = [
    path("classes/<int:pk>/", slots.slot, name="slot"),
    path("classes/<int:pk>/book/", slots.book, name="seat-book"),
    path("classes/<int:pk>/call-off/", slots.call_off, name="slot-call-off"),
    path("classes/<int:pk>/hold/", slots.take_back, name="slot-hold"),
    path("seats/<uuid:uid>/", seats.seat, name="seat"),
    path("seats/<uuid:uid>/cancel/", seats.cancel, name="seat-cancel"),
    path("seats/<uuid:uid>/move/", seats.move, name="seat-move"),
    path("seats/<uuid:uid>/following/", seats.following, name="seat-following"),
    path("seats/<uuid:uid>/restore/", seats.restore, name="seat-restore"),
    path("seats/<uuid:uid>/undo/<int:change>/", seats.undo, name="seat-undo"),
    path("waiting/<int:waits>/offer/", queue.offer, name="waiting-offer"),
    path("waiting/<int:waits>/accept/", queue.accept, name="waiting-accept"),
    path("waiting/<int:waits>/remove/", queue.remove, name="waiting-remove"),
    path("bookings/", bookings.people, name="desk-people"),
    path("bookings/<int:pk>/", bookings.bookings, name="bookings"),
    path("bookings/<int:pk>/history/", bookings.history, name="seat-history"),
    path("bookings/<int:pk>/make-up/<uuid:uid>/", bookings.make_up, name="make-up"),
    path("bookings/<int:pk>/places/<int:place>/end/", bookings.end_place, name="place-end"),
    path("bookings/<int:pk>/pause/", bookings.pause, name="pause"),
    path("bookings/<int:pk>/pause/<int:pause>/resume/", bookings.resume, name="pause-resume"),
    path("bookings/<int:pk>/contact/", contact.contact, name="contact"),
    path("bookings/<int:pk>/reminders/", contact.reminders, name="reminders"),
    path("bookings/<int:pk>/companions/", contact.give, name="companion-give"),
    path(
        "bookings/<int:pk>/companions/<int:companion>/end/",
        contact.take_away,
        name="companion-end",
    ),
]
