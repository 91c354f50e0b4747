"""The timetable of a season, and a class of it changed: alone, from a day on, or ended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.models import Membership
from bonefit.htmx import render_page
from sessions import seasons
from sessions.clashes import Clash
from sessions.following import change_following, change_weekly
from sessions.forms_timetable import (
    ClassForm,
    EndForm,
    NewWeeklyForm,
    SeasonForm,
    SlotForm,
    WeeklyForm,
)
from sessions.models import Season, Slot, Supervision, Weekday, WeeklySlot
from sessions.timetable import change_slot

from .asking import ask, room_names

GET_OR_POST = ["GET", "HEAD", "POST"]
FORM = "sessions/timetable_form.html"


@require_safe
@requires(Can.RUN_TIMETABLE)
def timetable(request: MemberRequest) -> HttpResponse:
    """The weekly classes of a season: the one asked for, or the one that is on or comes next."""
    today = _today(request)
    known = list(Season.objects.visible_to(request.member))
    chosen = _chosen(known, request.GET.get("season", ""), today)
    rows = []
    if chosen is not None:
        going_on = WeeklySlot.objects.visible_to(request.member).filter(
            Q(ends_on=None) | Q(ends_on__gte=today), season=chosen
        )
        rows = seasons.rows_with_supervisors(going_on)
    days = [
        (label, [row for row in rows if row.weekday == value]) for value, label in Weekday.choices
    ]
    context = {
        "seasons": known,
        "season": chosen,
        "days": [(label, of_day) for label, of_day in days if of_day],
        "clashes": seasons.clashes_in(rows),
    }
    return render_page(request, "sessions/timetable.html", context, partial="page")


def _chosen(known: list[Season], asked: str, today: date) -> Season | None:
    for season in known:
        if str(season.pk) == asked:
            return season
    coming = [season for season in known if season.ends_on >= today]
    return next(iter(coming or known[-1:]), None)


@require_http_methods(GET_OR_POST)
@requires(Can.RUN_TIMETABLE)
def season_add(request: MemberRequest) -> HttpResponse:
    """A new season, without classes yet."""
    form = SeasonForm(_data(request))

    def act(said: dict[str, Any]) -> str:
        made = seasons.add_season(**said, by=request.member)
        return f"{made.name} is there. Add its weekly classes."

    words = _words("A new season", "A stretch of weeks with one timetable.", "Add the season")
    return ask(request, FORM, form, act, back=_back(request), context=lambda: words)


@require_http_methods(GET_OR_POST)
@requires(Can.RUN_TIMETABLE)
def season(request: MemberRequest, pk: int) -> HttpResponse:
    """Another name or other days of a season."""
    found = _season(request, pk)
    form = SeasonForm(_data(request), initial=_named(found))

    def act(said: dict[str, Any]) -> str:
        seasons.change_season(season=found, **said, by=request.member, now=timezone.now())
        return "Saved."

    words = _words(f"Change {found.name}", "Empty classes outside its days go.", "Save")
    return ask(request, FORM, form, act, back=_back(request, found), context=lambda: words)


@require_http_methods(GET_OR_POST)
@requires(Can.RUN_TIMETABLE)
def season_copy(request: MemberRequest, pk: int) -> HttpResponse:
    """A new season with the classes that this one ends with; what they would meet is shown."""
    found = _season(request, pk)
    form = SeasonForm(_data(request))
    tried: dict[str, Any] = {}

    def act(said: dict[str, Any]) -> str:
        tried.update(said)
        made = seasons.copy_season(season=found, **said, by=request.member, now=timezone.now())
        count = made.weekly_slots.count()
        return f"{made.name} has {count} weekly class{'' if count == 1 else 'es'}."

    def context() -> dict[str, Any]:
        days = (tried["starts_on"], tried["ends_on"]) if tried else None
        clashes = seasons.clashes_of_copy(found, *days) if days else []
        about = "The weekly classes that it ends with, and who supervises them."
        return {**_words(f"Copy {found.name}", about, "Copy the season"), "clashes": clashes}

    return ask(request, FORM, form, act, back=_back(request), context=context)


# --- weekly classes -------------------------------------------------------------------------------


@require_http_methods(GET_OR_POST)
@requires(Can.RUN_TIMETABLE)
def weekly_add(request: MemberRequest, pk: int) -> HttpResponse:
    """A class that is held every week of a season."""
    found = _season(request, pk)
    form = NewWeeklyForm(
        _data(request),
        supervisors=_supervisors(request),
        initial={"starts_on": max(found.starts_on, _today(request)), "room": _room(request)},
    )

    def act(said: dict[str, Any]) -> str:
        row = seasons.add_weekly(
            season=found,
            weekday=said["weekday"],
            wanted=form.wanted(),
            starts_on=said["starts_on"],
            by=request.member,
            now=timezone.now(),
        )
        return f"{row} is held every week."

    about = f"Every week of {found.name}."
    return _ask_class(request, form, act, found, _words("A weekly class", about, "Add the class"))


@require_http_methods(GET_OR_POST)
@requires(Can.RUN_TIMETABLE)
def weekly(request: MemberRequest, pk: int) -> HttpResponse:
    """A weekly class changed from a day on: later classes move, and those who stand in them."""
    found = _weekly(request, pk)
    form = WeeklyForm(
        _data(request), supervisors=_supervisors(request), initial=_as_it_is(request, found)
    )

    def act(said: dict[str, Any]) -> str:
        row = change_weekly(
            weekly=found,
            first=said["first"],
            weekday=said["weekday"],
            wanted=form.wanted(),
            by=request.member,
            why=said["why"],
            now=timezone.now(),
        )
        return f"Saved. From {_say(row.starts_on)} on it is {row}."

    about = "Those who stand in it move with it, and are told. A class changed alone stays."
    return _ask_class(request, form, act, found.season, _words(f"Change {found}", about, "Save"))


@require_http_methods(GET_OR_POST)
@requires(Can.RUN_TIMETABLE)
def weekly_end(request: MemberRequest, pk: int) -> HttpResponse:
    """The last day of a weekly class."""
    found = _weekly(request, pk)
    form = EndForm(_data(request), initial={"last_day": _today(request)})

    def act(said: dict[str, Any]) -> str:
        seasons.end_weekly(weekly=found, **said, by=request.member, now=timezone.now())
        return f"{found} is held until {_say(said['last_day'])}."

    about = "Its later classes go, once nobody stands in them."
    words = _words(f"End {found}", about, "End the class")
    return ask(request, FORM, form, act, back=_back(request, found.season), context=lambda: words)


# --- one class ------------------------------------------------------------------------------------


@require_http_methods(GET_OR_POST)
@requires(Can.RUN_TIMETABLE)
def slot_change(request: MemberRequest, pk: int) -> HttpResponse:
    """One class changed: alone, or with all of its timetable that follow."""
    slots = Slot.objects.visible_to(request.member).select_related("weekly__season")
    found = get_object_or_404(slots, pk=pk)
    local = found.starts_at.astimezone(request.member.clinic.tz)
    planned = Supervision.objects.filter(slot=found, during__isnull=False)
    form = SlotForm(
        _data(request),
        supervisors=_supervisors(request),
        weekly=found.weekly_id is not None,
        initial={
            "day": local.date(),
            "at": local.time(),
            "minutes": int((found.ends_at - found.starts_at).total_seconds() // 60),
            "room": found.room,
            "most": found.capacity,
            "supervisors": list(planned.values_list("member", flat=True)),
        },
    )

    def act(said: dict[str, Any]) -> str:
        change = {"wanted": form.wanted(), "by": request.member, "why": said["why"]}
        if form.following:
            weekday = _weekday_of(said["day"], found)
            change_following(slot=found, weekday=weekday, **change, now=timezone.now())
            return "Saved, for this class and all that follow. Who comes is told."
        change_slot(slot=found, day=said["day"], **change, now=timezone.now())
        return "Saved, for this class alone. Who comes is told."

    title = f"Change {local:%A} {local.day} {local:%B}, {local:%H:%M}"
    about = "Everybody in it moves with it, and is told a few minutes later."
    back = f"{reverse('sessions:week', args=[request.member.clinic.slug])}?day={local.date()}"
    return ask(
        request,
        FORM,
        form,
        act,
        back=back,
        context=lambda: _words(title, about, "Save") | {"rooms": room_names(request)},
    )


def _weekday_of(day: date, slot: Slot) -> int:
    """The weekday to move a series to: a day of the week in which this class of it is."""
    stands_for = slot.weekly_on or day
    if day - timedelta(days=day.weekday()) != stands_for - timedelta(days=stands_for.weekday()):
        raise Clash("day", f"Choose a day of the week of {_say(stands_for)}: all move alike.")
    return day.weekday()


# --- what they share ------------------------------------------------------------------------------


def _ask_class(
    request: MemberRequest, form: ClassForm, act: Any, season: Season, words: dict[str, Any]
) -> HttpResponse:
    return ask(
        request,
        FORM,
        form,
        act,
        back=_back(request, season),
        context=lambda: words | {"rooms": room_names(request)},
    )


def _data(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _today(request: MemberRequest) -> date:
    return timezone.now().astimezone(request.member.clinic.tz).date()


def _words(title: str, about: str, submit: str) -> dict[str, Any]:
    return {"title": title, "about": about, "submit": submit}


def _back(request: MemberRequest, season: Season | None = None) -> str:
    page = reverse("sessions:timetable", args=[request.member.clinic.slug])
    return f"{page}?season={season.pk}" if season else page


def _season(request: MemberRequest, pk: int) -> Season:
    return get_object_or_404(Season.objects.visible_to(request.member), pk=pk)


def _weekly(request: MemberRequest, pk: int) -> WeeklySlot:
    rows = WeeklySlot.objects.visible_to(request.member).select_related("season")
    return get_object_or_404(rows, pk=pk)


def _supervisors(request: MemberRequest) -> QuerySet[Membership]:
    members = Membership.objects.visible_to(request.member).supervisors()
    return members.select_related("user").order_by("user__name")


def _room(request: MemberRequest) -> str:
    return next(iter(room_names(request)), "")


def _named(season: Season) -> dict[str, Any]:
    return {"name": season.name, "starts_on": season.starts_on, "ends_on": season.ends_on}


def _as_it_is(request: MemberRequest, row: WeeklySlot) -> dict[str, Any]:
    return {
        "first": max(row.starts_on, _today(request)),
        "weekday": row.weekday,
        "at": row.at,
        "minutes": row.minutes,
        "room": row.room,
        "most": row.most,
        "supervisors": list(row.supervisors.values_list("member", flat=True)),
    }


def _say(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
