"""What the site tells a browser that it may do with a page, beside what Django's settings say."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import SELF
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

#: What no page needs, so no script that got in may ask for it. Passkeys and the button that copies
#: an address are this site's own.
_NOBODY = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media"),
    *("fullscreen", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts"),
    *("magnetometer", "microphone", "midi", "payment", "picture-in-picture", "serial", "usb"),
    *("screen-wake-lock", "window-management", "xr-spatial-tracking"),
)
_SELF = ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join(
    [*(f"{name}=()" for name in _NOBODY), *(f"{name}=(self)" for name in _SELF)]
)
#: Of what somebody who is logged in sees nothing stays in the browser: a tablet goes from hand to
#: hand, and "back" after a log-out would show the record of before. The board keeps its own page.
KEEP_NOTHING = "private, no-store"


class Headers:
    """Says it on every answer; what a view says itself stands."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        # No other site may show, or read by its size or time, what is answered here.
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Only where the answer looked at who asks: a feed or a file of the house does not.
        opened = getattr(request, "session", None)
        if opened is not None and opened.accessed and not opened.is_empty():
            response.headers.setdefault("Cache-Control", KEEP_NOTHING)
        return response


class ContentPolicy(CSPMiddleware):
    """The policy of the settings; scripts run by the number that only this answer has.

    Django's admin writes no such number into its pages, and has no script that is not a file.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith(reverse("admin:index")):
            parts.replace = {**(parts.replace or {}), "script-src": [SELF]}
        return parts
