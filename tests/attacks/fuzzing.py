"""Requests that are nearly what a page sends: for each route from its own forms, by chance."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_from_bytes

from django.utils import timezone

from bonefit.paths import BASE_DIR
from sessions import uploads
from sessions.models import Operation
from tests.attacks import nasty
from tests.attacks.forms_on_pages import Form
from tests.attacks.knocks import FORM, Knock, encoded
from tests.doors import World
from tests.test_access_routes import EVERYWHERE, ROWS, address, arguments, body

LET_IN = ("200", "302", "400", "401", "422")
#: Every name that some view reads behind a question mark.
READ = re.compile(r"GET(?:\.get|\.getlist)?[\[(]\"(\w+)\"")
ASKED = sorted(
    {
        name
        for top in ("bonefit", "programs", "sessions")
        for file in (BASE_DIR / top).rglob("*.py")
        for name in READ.findall(file.read_text())
    }
    | {"next", "from", "to", "therapist", "program", "lift", "by", "band", "format"}
)
HEADERS = (
    *("HX-Request", "HX-Boosted", "HX-Current-URL", "HX-Target", "HX-Trigger", "HX-Prompt"),
    *("HX-History-Restore-Request", "HX-Trigger-Name", "Host", "Range", "If-None-Match"),
    *("If-Modified-Since", "If-Match", "Accept", "Accept-Language", "Accept-Encoding", "Cookie"),
    *("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Referer", "Origin"),
    *(
        "Authorization",
        "X-CSRFToken",
        "X-Requested-With",
        "User-Agent",
        "X-Request-ID",
        "Forwarded",
    ),
    *("X-HTTP-Method-Override", "HX-Current-URL-URI-AutoEncoded", "Prefer", "Expect", "Forwarded"),
)
HEADER_VALUES = (
    *("", "true", "false", "*", "-", "bytes=0-", "bytes=9999999999-1", "bytes=-1,-2,0-0", 'W/"x"'),
    *(
        "http://[",
        "http://testserver:port/",
        "//x",
        "evil.example",
        "testserver:99999",
        "[::1]",
        "...",
    ),
    *(
        "Fri, 99 Foo 99999 25:61:61 GMT",
        "Sun, 06 Nov 0001 00:00:00 GMT",
        "de-" * 900,
        "a;q=1e999,*",
    ),
    *(
        "x" * 9000,
        "gzip;q=nan",
        "1.2.3.4",
        "garbage, , ,",
        "::1, fe80::1%eth0",
        "999.1.1.1",
        "Bearer",
    ),
    *("Bearer \xff", "Basic !!!", "Bearer " + "a" * 5000, "null", "\x00", "é", "a=b; a=c; =; ;;"),
    *(
        'sessionid="aaaaaaaa\\000"',
        'sessionid="\\377\\376aaaaaaaa"',
        'messages="[[\\000"',
        "known=x",
    ),
    *(
        "csrftoken=" + "z" * 32,
        "sessionid=" + "x" * 4000,
        f"sessionid={nasty.SQL[0]}",
        "messages=a:b:c",
    ),
)
TYPES = (
    *(
        "",
        "application/json",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=",
    ),
    *("multipart/form-data; boundary=é", "multipart/form-data; boundary=" + "x" * 300, "text/html"),
    *("application/x-www-form-urlencoded; charset=utf-7", f"{FORM}; charset=nonsense", "image/png"),
    *(f"{FORM}; charset=utf-16", "application/x-www-form-urlencoded;;;=", "*/*", "a" * 3000, "/"),
    *("application/json; charset=utf-16", "application/csp-report", "multipart/mixed; boundary=x"),
)


class Fuzzer:
    """Makes a request of a route and a generator of chance."""

    def __init__(self, world: World, forms: dict[str, list[Form]]) -> None:
        self.world, self.forms = world, forms
        self._bodies: dict[str, dict[str, Any]] = {}
        self.token = uploads.mint(
            member=world.cast.ana, device=uuid.UUID(int=7), now=timezone.now()
        ).token
        self.json: dict[str, Callable[[], Any]] = {
            "sessions:board-send": self._operations,
            "upload": self._operations,
            "sessions:walk-in": self._walk_in,
            "sessions:board-prepare": lambda: {"device": str(uuid.UUID(int=7)), "silent": True},
            "refused": self._refusal,
        }

    def knock(self, route: str, method: str, chance: random.Random) -> Knock:
        """One request to a route, spoilt somewhere."""
        who = self._who(route, method, chance)
        headers = {"HX-Request": "true"} if chance.random() < 0.3 else {}
        if route == "upload":
            headers["Authorization"] = f"Bearer {self.token}"
        url = self._address(route, chance)
        data, kind = b"", FORM
        if method == "POST":
            data, kind = self._data(route, chance)
            if chance.random() < 0.05:
                kind = chance.choice(TYPES)
        if chance.random() < (0.12 if method == "POST" else 0.3):
            for name in chance.sample(HEADERS, chance.randint(1, 3)):
                # A server hands on the bytes of a header as Latin-1.
                said = chance.choice((*HEADER_VALUES, *nasty.ATTACKS)).encode()
                headers[name] = said.decode("latin-1")
        return Knock(who, method, url, data, kind, headers)

    def _who(self, route: str, method: str, chance: random.Random) -> str:
        """Mostly somebody who is let in, so that what she sends is read."""
        codes = ROWS[route, method]
        may = [who for who, code in codes.items() if code in LET_IN]
        if may and chance.random() < 0.95:
            return chance.choice([one for one in may if codes[one] != "302"] or may)
        return chance.choice(sorted(codes))

    # --- the address ------------------------------------------------------------------------------
    def _address(self, route: str, chance: random.Random) -> str:
        named = arguments(route, self.world.north)
        path = address(route, named).partition("?")[0]
        if named and chance.random() < 0.08:
            path = self._spoilt_path(route, named, chance)
        query = self._query(route, chance)
        return f"{path}?{query}" if query else path

    @staticmethod
    def _spoilt_path(route: str, named: dict[str, Any], chance: random.Random) -> str:
        spoilt = chance.choice(sorted(named))

        def part(found: re.Match[str]) -> str:
            name = found[1].rpartition(":")[2]
            said = nasty.value(chance) if name == spoilt else str(named[name])
            return quote_from_bytes(said[:3000]) if isinstance(said, bytes) else quoted(said[:3000])

        return "/" + re.sub(r"<([^>]+)>", part, EVERYWHERE[route][0])

    def _query(self, route: str, chance: random.Random) -> str:
        known = address(route, arguments(route, self.world.north)).partition("?")[2]
        forms = [form for form in self.forms.get(route, []) if form.method == "GET"]
        said: dict[str, Any] = dict(pair.split("=", 1) for pair in known.split("&") if "=" in pair)
        if forms and chance.random() < 0.7:
            said |= chance.choice(forms).filled()
        names = sorted(said) + ASKED
        for _ in range(chance.choice((0, 0, 1, 1, 2, 4))):
            said[chance.choice(names)] = self._spoilt(chance)
        return encoded({name: shortened(value) for name, value in said.items()}).decode()

    # --- what is sent -----------------------------------------------------------------------------
    def _data(self, route: str, chance: random.Random) -> tuple[bytes, str]:
        if route in self.json:
            return nasty.mutated(self.json[route](), chance), "application/json"
        said = self._body(route)
        forms = [form for form in self.forms.get(route, []) if form.method == "POST"]
        if forms and chance.random() < 0.4:
            said = {**said, **chance.choice(forms).filled()}
        known = sorted({*said, *(name for form in forms for name in form.fields)})
        if not known:
            known = ["why", "reason", "name"]
        said = dict(said)
        few = known if chance.random() < 0.1 else chance.sample(known, min(len(known), 3))
        for name in few[: max(1, chance.randint(1, len(few)))]:
            self._spoil(said, name, chance)
        return self._multipart(said, chance) if chance.random() < 0.15 else (encoded(said), FORM)

    def _spoil(self, said: dict[str, Any], name: str, chance: random.Random) -> None:
        before = said.get(name)
        if chance.random() < 0.1:
            said.pop(name, None)
        elif isinstance(before, str) and before[:1] in ("{", "[") and len(before) > 1:
            try:
                said[name] = nasty.mutated(json.loads(before), chance)
            except ValueError:
                said[name] = self._spoilt(chance)
        else:
            said[name] = self._spoilt(chance)

    @staticmethod
    def _spoilt(chance: random.Random) -> Any:
        if chance.random() < 0.08:
            return [nasty.value(chance) for _ in range(chance.randint(2, 4))]
        if chance.random() < 0.05:
            return json.dumps(chance.choice(nasty.NODES[:-28]))
        return nasty.value(chance)

    def _body(self, route: str) -> dict[str, Any]:
        if route not in self._bodies:
            self._bodies[route] = body(self.world, route, "POST") or {}
        return self._bodies[route]

    @staticmethod
    def _multipart(said: dict[str, Any], chance: random.Random) -> tuple[bytes, str]:
        """With a file of any name under any name, and now and then cut off or badly headed."""
        lines = b""
        for name, value in {**said, "file": "x", "paper": "x"}.items():
            for one in value if isinstance(value, list) else [value]:
                raw = one if isinstance(one, bytes) else str(one).encode("utf-8", "replace")
                head = f'form-data; name="{name}"'.encode("utf-8", "replace")
                if name in ("file", "paper") or chance.random() < 0.1:
                    named = nasty.value(chance)
                    named = named if isinstance(named, bytes) else named.encode("utf-8", "replace")
                    head += b'; filename="' + named[:2000].replace(b"\n", b" ") + b'"'
                    raw = chance.choice(
                        (raw, b"%PDF-1.4 x", b"", b"\x89PNG\r\n\x1a\n", b"a;b\n1;2")
                    )
                if chance.random() < 0.03:
                    head += b"\r\nContent-Transfer-Encoding: base64"
                lines += b"--BOUND\r\nContent-Disposition: " + head + b"\r\n\r\n" + raw + b"\r\n"
        lines += b"--BOUND--\r\n"
        if chance.random() < 0.1:
            lines = lines[: chance.randrange(len(lines))]
        return lines, "multipart/form-data; boundary=BOUND"

    # --- JSON -------------------------------------------------------------------------------------
    def _operations(self) -> dict[str, Any]:
        north = self.world.north
        pain = {"next_day": "3", "next_day_site": "lower_back", "now": "0", "dizzy": "no"}
        set_ = {"lift": "hinge", "number": "3", "load": "40", "reps": "5", "rpe": "16"}
        event = {"what": "dizzy", "severity": "mild", "onset_at": "2026-03-12T10:00", "note": ""}
        other = {**set_, **event, "why": "Typed", "status": "excused"}
        said = {"log_set": set_, "correct_set": set_, "check_in": pain, "answer": pain}
        return {
            "author": self.world.cast.ana.pk,
            "operations": [
                {
                    "id": str(uuid.uuid4()),
                    "kind": kind,
                    "visit": str(visit.uid),
                    "entry": str(north.entry.uid),
                    "base_revision": 1,
                    "payload": said.get(kind, other),
                    "at": "2026-03-13T01:00:00Z",
                }
                for kind in Operation.Kind.values
                for visit in (north.visit, north.booked.coming)
            ],
        }

    def _walk_in(self) -> dict[str, Any]:
        slot = self.world.north.booked.coming.slot_id
        return {"client": self.world.north.client.pk, "slot": slot, "uid": str(uuid.uuid4())}

    @staticmethod
    def _refusal() -> dict[str, Any]:
        said = {"document-uri": "http://testserver/c/north/today/", "blocked-uri": "inline"}
        return {"csp-report": {**said, "effective-directive": "script-src-elem"}}


def shortened(value: Any) -> Any:
    """Servers take no address of more than some thousand characters."""
    return [one[:4000] for one in value] if isinstance(value, list) else value[:4000]


def quoted(said: str) -> str:
    return quote(said, safe="", errors="replace")
