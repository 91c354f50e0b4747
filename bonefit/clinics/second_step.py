"""The second step of logging in: who must take it, who has one, and whether it was taken here.

Whoever works in a clinic, administers an organisation or runs the site proves twice that it is she:
by her e-mail, and by an app or a passkey on a device of her own. A passkey is both at once.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from . import rows
from .known_devices import remember
from .models import Membership, OrganisationMembership, User
from .sealing import SealBroken

logger = logging.getLogger(__name__)

#: What alone is a second step. Recovery codes come with one of them, and go with the last.
STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
#: When a page opens to somebody who has not taken her second step: always, or while she has none.
ALWAYS, WHILE_NONE = "always", "while_none"

_View = TypeVar("_View", bound=Callable[..., Any])


def opens_before_second_step(when: str = ALWAYS) -> Callable[[_View], _View]:
    """Mark a view: it opens to staff who have not taken the second step. All others do not."""

    def decorate(view: _View) -> _View:
        view.before_second_step = when  # type: ignore[attr-defined]
        return view

    return decorate


def needs_second_step(user: User) -> bool:
    """True for who works anywhere, administers an organisation, or runs the site. One query.

    Asked before a clinic is known: in her own memberships, whichever clinic they are in.
    """
    if user.is_staff or user.is_superuser:
        return True
    works = Membership.objects.staff().filter(user=OuterRef("pk"))
    owns = OrganisationMembership.objects.filter(user=OuterRef("pk"), is_active=True)
    found = User.objects.filter(pk=user.pk)
    with rows.seeing(person=user.pk):
        return found.filter(Exists(works) | Exists(owns)).exists()


def has_second_step(user: User) -> bool:
    """True once she has set up an app or a passkey."""
    return Authenticator.objects.filter(user=user, type__in=STEPS).exists()


def app_of(user: User) -> Authenticator | None:
    """Her app, if she has set one up."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()


def step_taken(request: HttpRequest) -> bool:
    """Whether the second step was taken in this log-in. No query."""
    user = request.user
    if isinstance(user, AnonymousUser):
        return False
    records = get_authentication_records(request, user)
    return any(record["method"] in settings.SECOND_STEP_PROOFS for record in records)


def take_step(request: HttpRequest, authenticator: Authenticator, *, new: bool = False) -> None:
    """Note that she has taken it, under a new session key: who knew the old one knows nothing.

    ``new`` where she has set it up just now: that is no use of it yet.
    """
    if new:
        kind, pk = authenticator.type, authenticator.pk
        record_authentication(request, authenticator.user, method="mfa", id=pk, type=kind)
    else:
        post_authentication(request, authenticator)
    remember(request, authenticator.user)
    request.session.cycle_key()
    rotate_token(request)


@transaction.atomic
def authenticator_with(user: User, code: str) -> Authenticator | None:
    """The app, or the list of recovery codes, that ``code`` belongs to; it works this one time.

    ``code`` is digits only. None for a wrong one, and for one that was used.
    """
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    mine = Authenticator.objects.select_for_update().filter(user=user, type__in=kinds)
    for one in mine.order_by("-type"):
        try:
            fits = _app_shows(one, code) if one.type == kinds[0] else one.wrap().validate_code(code)
        except SealBroken:
            # The site's key has changed: as if the device were lost.
            logger.error("A second step cannot be read with this SECRET_KEY.")
            continue
        if fits:
            one.user = user
            return one
    return None


def counter_of(secret: str, code: str) -> int | None:
    """The half minute that an app with this secret shows ``code`` in, if it is near now."""
    for counter in totp.yield_hotp_counters_from_time():
        shown = totp.format_hotp_value(totp.hotp_value(secret, counter))
        if hmac.compare_digest(shown, code):
            return counter
    return None


def _app_shows(app: Authenticator, code: str) -> bool:
    """True once for each code: RFC 6238 5.2 lets none be used twice, nor one before it."""
    counter = counter_of(decrypt(app.data["secret"]), code)
    if counter is None or counter <= app.data.get("last_counter", -1):
        return False
    app.data["last_counter"] = counter
    app.save(update_fields=["data"])
    return True


@transaction.atomic
def set_up_app(*, user: User, secret: str, counter: int) -> Authenticator:
    """From now on this app is hers, in place of the one before; ``counter`` is used up by that."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    app: Authenticator = totp.TOTP.activate(user, secret).instance
    app.data["last_counter"] = counter
    app.save(update_fields=["data"])
    return app


@transaction.atomic
def make_recovery_codes(*, user: User) -> list[str]:
    """Ten new codes of eight digits, each good once; those before them are void."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    return list(RecoveryCodes.activate(user).generate_codes())


def recovery_codes_left(user: User) -> int | None:
    """How many recovery codes she has not used; None where she never had any."""
    mine = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    if mine is None:
        return None
    used = int(mine.data.get("used_mask", 0))
    return int(settings.MFA_RECOVERY_CODE_COUNT) - used.bit_count()
