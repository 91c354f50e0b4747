"""Logging in by an e-mailed code: django-allauth's two steps, with words for what went wrong."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.userkit import str_to_user_id
from allauth.account.stages import LoginStage
from allauth.account.utils import passthrough_next_redirect_url
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bonefit.htmx import UNPROCESSABLE

from .forms_login import CODE_DIGITS, digits_of
from .mailed_after import log_unsent
from .tablet_pins import pins_here
from .wrong_log_ins import was_wrong

TOO_OLD = (
    "That code does not work any more. It was used, it is older than 15 minutes, "
    "or it was asked for in another browser. Ask for a new one."
)
TOO_MANY = "The code was wrong five times, so it is closed. Nothing is locked. Ask for a new one."
MAIL_IS_DOWN = (
    "The e-mail could not be sent just now. Try again in a few minutes, or call your clinic’s desk."
)
NOTHING = "Type the code from the e-mail."
NOT_THIS = (
    "This is not the code in the newest e-mail. Look at the digits again, "
    "or ask for a new code below. A code works once, for 15 minutes."
)


class AskForCodeView(RequestLoginCodeView):
    """Step one: which address? On a tablet with PINs of today the way to the board stands first."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pins = pins_here(self.request, now=timezone.now())
        context: dict[str, Any] = super().get_context_data(tablet_pins=pins, **kwargs)
        return context

    def _redirect_to_pending_stage(
        self, request: HttpRequest, stage: LoginStage
    ) -> HttpResponseRedirect | None:
        # Who comes back here has mistyped her address or lost the code: show her the question.
        return None

    def form_valid(self, form: BaseForm) -> HttpResponse:
        try:
            if form._user is None:  # type: ignore[attr-defined]
                get_adapter().mail_nobody(form.cleaned_data["email"])
            return super().form_valid(form)
        except OSError as error:  # SMTPException is one too
            log_unsent(error)
            form.add_error(None, MAIL_IS_DOWN)
            return self.form_invalid(form)

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)


class EnterCodeView(ConfirmLoginCodeView):
    """Step two: the code from the e-mail."""

    _process: Any = None

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        sent_away = self._process is None and not request.user.is_authenticated
        if sent_away and (request.method == "POST" or hasattr(self, "stage")):
            return self._ask_again(TOO_OLD)
        return response

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        # What cannot be a code is nothing guessed: it costs no try.
        wrong = not_a_code(form.data.get("code", ""))
        if not wrong:
            # By what stands in the log-in that was begun: to look her up would take its time.
            tried = self._process.state.get("user_id")
            was_wrong(self.request, str_to_user_id(tried) if tried else None)
            if not self._process.record_invalid_attempt():
                return self._ask_again(TOO_MANY)
            wrong = NOT_THIS
        context = self.get_context_data(form=form, wrong=wrong)
        return self.render_to_response(context, status=UNPROCESSABLE)

    def _resend_form_valid(self, form: BaseForm) -> HttpResponse:
        # The new code lives as long as a first one does.
        self._process.state["at"] = time.time()
        try:
            if self._process.user is None:
                get_adapter().mail_nobody(self._process.state["email"])
            return super()._resend_form_valid(form)
        except OSError as error:
            log_unsent(error)
            return self._ask_again(MAIL_IS_DOWN)

    def _ask_again(self, why: str) -> HttpResponse:
        get_adapter().add_message(self.request, messages.WARNING, message=why)
        return redirect(self.passthrough_next_url(reverse("account_request_login_code")))


def not_a_code(typed: str) -> str:
    """Why what was typed can be no code at all, in words for the page; "" where it may be one."""
    if not typed.strip():
        return NOTHING
    count = len(digits_of(typed))
    if count == CODE_DIGITS:
        return ""
    return f"A code has {CODE_DIGITS} digits. What you typed has {count or 'none'}."


@require_safe
def login(request: HttpRequest) -> HttpResponse:
    """The address that people guess, and that django-allauth sends them to: on to step one."""
    step_one = reverse("account_request_login_code")
    return redirect(passthrough_next_redirect_url(request, step_one, REDIRECT_FIELD_NAME))


ask_for_code = AskForCodeView.as_view()
enter_code = EnterCodeView.as_view()
