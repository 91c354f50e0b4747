"""Requests as a browser sends them, for the wire and for WSGI. Standard library only."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Post:
    """One form sent. ``op`` is the id in it: by that the database is asked afterwards."""

    path: str
    fields: dict[str, str]
    headers: dict[str, str]

    @property
    def op(self) -> str:
        return self.fields["op"]

    @property
    def body(self) -> bytes:
        return urlencode(self.fields).encode()

    def raw(self, host: str) -> str:
        """The bytes on the wire, as Latin-1 text so that they fit into JSON."""
        lines = [f"POST {self.path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in self._all_headers(host).items()]
        return "\r\n".join([*lines, "", self.body.decode()])

    def environ(self, host: str) -> dict[str, Any]:
        """What gunicorn would hand to Django."""
        headers = {
            f"HTTP_{name.upper().replace('-', '_')}": value
            for name, value in self._all_headers(host).items()
        }
        return {
            **headers,
            "REQUEST_METHOD": "POST",
            "PATH_INFO": self.path,
            "SCRIPT_NAME": "",
            "QUERY_STRING": "",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": host.rpartition(":")[2],
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": host,
            "CONTENT_TYPE": headers["HTTP_CONTENT_TYPE"],
            "CONTENT_LENGTH": headers["HTTP_CONTENT_LENGTH"],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }

    def _all_headers(self, host: str) -> dict[str, str]:
        return {
            "User-Agent": "Mozilla/5.0 (tablet)",
            "Accept": "*/*",
            "Accept-Language": "en-AU,en;q=0.9",
            "Accept-Encoding": "gzip, deflate",
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(self.body)),
            # A tablet speaks TLS with the proxy, and this is what the proxy adds.
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "127.0.0.1",
            "Origin": f"https://{host}",
            "Referer": f"https://{host}/",
            **self.headers,
        }
