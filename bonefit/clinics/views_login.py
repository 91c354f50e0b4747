"""Logging in by an e-mailed code: django-allauth's two steps, with words for what went wrong."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import get_adapter
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
from django.views.decorators.http import require_safe

from bonefit.htmx import UNPROCESSABLE

TOO_OLD = "That code is too old. Ask for a new one."
TOO_MANY = "The code was wrong too many times. Ask for a new one."


class AskForCodeView(RequestLoginCodeView):
    """Step one: which address?"""

    def _redirect_to_pending_stage(
        self, request: HttpRequest, stage: LoginStage
    ) -> HttpResponseRedirect | None:
        # Who comes back here has mistyped her address or lost the code: show her the question.
        return None

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
        # Nothing typed is nothing guessed: it costs no try.
        if not form.data.get("code", "").strip() or self._process.record_invalid_attempt():
            return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)
        return self._ask_again(TOO_MANY)

    def _resend_form_valid(self, form: BaseForm) -> HttpResponse:
        # The new code lives as long as a first one does.
        self._process.state["at"] = time.time()
        return super()._resend_form_valid(form)

    def _ask_again(self, why: str) -> HttpResponse:
        get_adapter().add_message(self.request, messages.WARNING, message=why)
        return redirect(self.passthrough_next_url(reverse("account_request_login_code")))


@require_safe
def login(request: HttpRequest) -> HttpResponse:
    """The address that people guess, and that django-allauth sends them to: on to step one."""
    step_one = reverse("account_request_login_code")
    return redirect(passthrough_next_redirect_url(request, step_one, REDIRECT_FIELD_NAME))


ask_for_code = AskForCodeView.as_view()
enter_code = EnterCodeView.as_view()
