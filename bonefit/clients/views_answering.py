"""The client answers the questions of her screening by a link, one section after the other.

There is no log-in: the link and her date of birth open it. What she typed is saved with each page,
so that a closed tab loses nothing. Findings are never shown here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bonefit.clinics import rows
from bonefit.clinics.dates import read_day
from bonefit.htmx import UNPROCESSABLE

from . import answer_links
from . import screening as screenings
from .answer_links import State
from .forms_screening import PREFIX, ScreeningForm
from .models import AnswerLink, Screening
from .questionnaires import Section, questionnaire, read

#: Wrong dates of birth after which a link opens nothing any more.
WRONG_DATES = 5
#: How long a browser that gave the date of birth is not asked for it again.
OPEN_FOR = timedelta(hours=2)
GONE, UNKNOWN = 410, 404
_KEY = "answers-{}"
NOT_HERS = "That is not the date we have. Check it, or call us."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows where she is; POST saves one section, or opens the link by her date of birth."""
    rows.see_token(token)
    link = answer_links.link_behind(token)
    if link is None or link.screening is None:
        return _over(request, None, "unknown", status=UNKNOWN)
    state = answer_links.state_of(link, now=timezone.now())
    if state is not State.GOOD or not link.screening.open:
        return _over(request, link, str(state))
    try:
        return _opened(request, link, token, link.screening)
    except screenings.CannotScreen:
        # A therapist confirmed it between the look at the link and the writing.
        return _over(request, link, str(State.USED))


def _opened(
    request: HttpRequest, link: AnswerLink, token: str, screening: Screening
) -> HttpResponse:
    if not _is_open(request, link):
        asked = _ask_birth(request, link, token)
        if asked is not None:
            return asked
    sections = questionnaire(screening.questionnaire).sections
    number = _number(request.GET.get("page", ""), screening, sections)
    if number > len(sections):
        return _last(request, link, sections)
    return _section(request, link, sections, number)


def _number(text: str, screening: Screening, sections: tuple[Section, ...]) -> int:
    """The page that is asked for, from 1; one more than there are is the last look.

    Without one she goes on where the first answer is missing.
    """
    if text.isascii() and text.isdecimal() and len(text) < 4:
        return min(max(int(text), 1), len(sections) + 1)
    missing = _missing(screening, sections)
    return missing[0][0] if missing else len(sections) + 1


def _is_open(request: HttpRequest, link: AnswerLink) -> bool:
    since = request.session.get(_KEY.format(link.pk))
    return since is not None and timezone.now().timestamp() - since < OPEN_FOR.total_seconds()


@transaction.atomic
def _ask_birth(request: HttpRequest, link: AnswerLink, token: str) -> HttpResponse | None:
    """Ask for the date of birth; None where it is right and a page of answers came with it.

    The link is locked, so that many guesses at once are no more than many guesses.
    """
    typed = request.POST.get("born_on")
    if request.method != "POST":
        return _page(request, link, "clients/answer_birth.html", {})
    if typed is None:
        return _birth_again(request, link, "", "You were away for a while. Write it once more.")
    link = _locked(link)
    if answer_links.state_of(link, now=timezone.now()) is not State.GOOD:
        return _over(request, link, str(State.ENDED))
    assert link.screening is not None
    try:
        right = read_day(typed) == link.screening.client.born_on
    except ValueError as error:
        return _birth_again(request, link, typed, str(error))
    if right:
        _keep_open(request, link)
        return None if _carried(request) else redirect("answer-questions", token)
    if _count_wrong(link) >= WRONG_DATES:
        return _over(request, link, str(State.ENDED))
    return _birth_again(request, link, typed, NOT_HERS)


def _locked(link: AnswerLink) -> AnswerLink:
    rows = AnswerLink.objects.select_for_update(of=("self",))
    return rows.select_related("clinic", "screening__client").get(pk=link.pk)


def _count_wrong(link: AnswerLink) -> int:
    """One more wrong date; with the last of them the link ends."""
    link.wrong += 1
    if link.wrong >= WRONG_DATES:
        link.ended_at = timezone.now()
    link.save(update_fields=["wrong", "ended_at"])
    return link.wrong


def _keep_open(request: HttpRequest, link: AnswerLink) -> None:
    request.session[_KEY.format(link.pk)] = timezone.now().timestamp()


def _carried(request: HttpRequest) -> list[tuple[str, str]]:
    """Answers that came while the page was shut: they wait in the form until it opens."""
    if request.method != "POST":
        return []
    kept = [(name, str(said)) for name, said in request.POST.items() if name.startswith(PREFIX)]
    return [*kept, ("revision", request.POST.get("revision", ""))] if kept else []


def _birth_again(request: HttpRequest, link: AnswerLink, typed: str, wrong: str) -> HttpResponse:
    said = {"typed": typed, "wrong": wrong, "carried": _carried(request)}
    return _page(request, link, "clients/answer_birth.html", said, status=UNPROCESSABLE)


def _section(
    request: HttpRequest,
    link: AnswerLink,
    sections: tuple[Section, ...],
    number: int,
) -> HttpResponse:
    screening = link.screening
    assert screening is not None
    section = sections[number - 1]
    if request.method == "POST":
        form = ScreeningForm(
            request.POST, sections=[section], answers=screening.answers, by_client=True
        )
        _keep_open(request, link)
        _save(screening, form, request)
        problems = _problems(screening, section)
        if not form.errors and not problems:
            return redirect(f"{request.path}?page={number + 1}")
        for key, words in problems.items():
            if PREFIX + key not in form.errors:
                form.add_problem(key, words)
        status = UNPROCESSABLE
    else:
        form = ScreeningForm(sections=[section], answers=screening.answers, by_client=True)
        status = 200
    context = {
        "form": form,
        "section": section,
        "number": number,
        "of": len(sections),
        "revision": screening.revision,
    }
    return _page(request, link, "clients/answer.html", context, status=status)


def _save(screening: Screening, form: ScreeningForm, request: HttpRequest) -> None:
    """Keep the page. Where the clinic changed an answer meanwhile, hers is asked for once more."""
    text = request.POST.get("revision", "")
    revision = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    clashes = screenings.save(
        screening=screening, typed=form.typed(), revision=revision, by=None, now=timezone.now()
    )
    screening.refresh_from_db(fields=["answers", "revision"])
    for key in clashes:
        form.add_problem(key, "Your clinic changed this answer. Check it, and go on.")


def _problems(screening: Screening, section: Section) -> dict[str, str]:
    """What is wrong with the answers of one section, in the client's words."""
    asked = questionnaire(screening.questionnaire)
    today = timezone.now().astimezone(screening.client.clinic.tz).date()
    _, problems = read(asked, screening.answers, today=today)
    hers = {one.key for one in section.questions if not one.by}
    return {key: words for key, words in problems.items() if key in hers}


def _missing(screening: Screening, sections: tuple[Section, ...]) -> list[tuple[int, Section]]:
    """The pages on which an answer is missing or cannot be read."""
    return [
        (number, section)
        for number, section in enumerate(sections, start=1)
        if _problems(screening, section)
    ]


def _last(request: HttpRequest, link: AnswerLink, sections: tuple[Section, ...]) -> HttpResponse:
    """All answered: she sends it, or goes back to a page where something is missing."""
    assert link.screening is not None
    missing = _missing(link.screening, sections)
    if request.method == "POST" and not missing:
        screenings.hand_in(link=link, now=timezone.now())
        request.session.pop(_KEY.format(link.pk), None)
        return _page(request, link, "clients/answer_thanks.html", {})
    return _page(
        request,
        link,
        "clients/answer_last.html",
        {"missing": missing, "of": len(sections)},
        status=UNPROCESSABLE if request.method == "POST" else 200,
    )


def _over(
    request: HttpRequest, link: AnswerLink | None, state: str, *, status: int = GONE
) -> HttpResponse:
    return _page(request, link, "clients/answer_over.html", {"state": state}, status=status)


def _page(
    request: HttpRequest,
    link: AnswerLink | None,
    template: str,
    context: Mapping[str, object],
    *,
    status: int = 200,
) -> HttpResponse:
    clinic = {} if link is None else {"clinic": link.clinic}
    response = render(request, template, {**clinic, **context}, status=status)
    # The secret of the address goes to nobody else; "no-referrer" would blank the form's origin.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
