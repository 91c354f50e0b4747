"""The clinic's week, and what it is made from, below ``/c/<clinic>/week/``."""

from django.urls import path

from sessions.views import closed_days, timetable, week

urlpatterns = [
    path("", week.week, name="week"),
    path("timetable/", timetable.timetable, name="timetable"),
    path("timetable/add/", timetable.season_add, name="season-add"),
    path("timetable/<int:pk>/", timetable.season, name="season"),
    path("timetable/<int:pk>/copy/", timetable.season_copy, name="season-copy"),
    path("timetable/<int:pk>/classes/add/", timetable.weekly_add, name="weekly-add"),
    path("timetable/classes/<int:pk>/", timetable.weekly, name="weekly"),
    path("timetable/classes/<int:pk>/end/", timetable.weekly_end, name="weekly-end"),
    path("classes/<int:pk>/change/", timetable.slot_change, name="slot-change"),
    path("rooms/", closed_days.rooms, name="rooms"),
    path("rooms/<int:pk>/", closed_days.room, name="room"),
    path("closures/", closed_days.closures, name="closures"),
    path("closures/<int:pk>/", closed_days.closure_reopen, name="closure-reopen"),
    path("leave/", closed_days.leave, name="leave"),
    path("leave/<int:pk>/", closed_days.leave_end, name="leave-end"),
]
