"""Requests as a browser sends them, for the wire and for WSGI. Standard library only."""

from __future__ import annotations

import io
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode


class Request(ABC):
    """What a form and a batch of operations have in common: how they are sent."""

    path: str
    headers: dict[str, str]
    kind: str

    @property
    @abstractmethod
    def op(self) -> str:
        """The id by which the database is asked afterwards."""

    @property
    @abstractmethod
    def body(self) -> bytes:
        """What is sent after the headers."""

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
            "Content-Type": self.kind,
            "Content-Length": str(len(self.body)),
            # A tablet speaks TLS with the proxy, and this is what the proxy adds.
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "127.0.0.1",
            "Origin": f"https://{host}",
            "Referer": f"https://{host}/",
            **self.headers,
        }


@dataclass(frozen=True)
class Post(Request):
    """One form sent, with the id of its operation in it."""

    path: str
    fields: dict[str, str]
    headers: dict[str, str]
    kind: ClassVar[str] = "application/x-www-form-urlencoded"

    @property
    def op(self) -> str:
        return self.fields["op"]

    @property
    def body(self) -> bytes:
        return urlencode(self.fields).encode()


@dataclass(frozen=True)
class Batch(Request):
    """Operations as a tablet sends them: one while there is a network, many when it returns."""

    path: str
    author: int
    operations: tuple[dict[str, Any], ...]
    headers: dict[str, str]
    kind: ClassVar[str] = "application/json"

    @property
    def op(self) -> str:
        return " ".join(one["id"] for one in self.operations)

    @property
    def body(self) -> bytes:
        return json.dumps({"author": self.author, "operations": self.operations}).encode()
