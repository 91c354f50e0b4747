"""A real, small SMTP server in a thread, that can be away, refuse, or lose its last word."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from typing import cast


@dataclass(frozen=True)
class Received:
    """A message that the server has taken: for whom, and when by the test's clock."""

    to: str
    at: datetime | None
    mail: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.mail["Subject"])

    @property
    def text(self) -> str:
        """All that it says, as text and as HTML."""
        return "".join(
            str(part.get_content())
            for part in self.mail.walk()
            if part.get_content_maintype() == "text"
        )

    @property
    def id(self) -> str:
        return str(self.mail["Message-ID"])


@dataclass
class Postbox:
    """What the server has taken, and how it behaves; safe to read between two sends."""

    received: list[Received] = field(default_factory=list)
    connections: int = 0
    #: The clock of the test, for ``Received.at``.
    now: datetime | None = None
    #: Address -> what is answered to RCPT, such as ``"550 No such user"``.
    refuses: dict[str, str] = field(default_factory=dict)
    #: Answered to DATA instead of taking the message, such as ``"554 Rejected"``.
    refuses_data: dict[str, str] = field(default_factory=dict)
    #: Called when a message has been taken, before the sender hears of it. True hangs up then.
    on_taken: Callable[[Received], bool | None] | None = None
    port: int = 0
    _server: socketserver.ThreadingTCPServer | None = None

    @property
    def said(self) -> list[tuple[str, str]]:
        """To whom, and the subject, in the order of arrival."""
        return [(one.to, one.subject) for one in self.received]

    def open(self) -> None:
        """Take connections; again on the same port after ``close``."""
        box = self

        class Handler(_Conversation):
            postbox = box

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """Refuse connections from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Conversation(socketserver.StreamRequestHandler):
    """RFC 5321, as much of it as smtplib speaks."""

    postbox: Postbox

    def handle(self) -> None:
        self.postbox.connections += 1
        self.recipient = ""
        self._say("220 here")
        with contextlib.suppress(ConnectionError):
            while line := self.rfile.readline():
                if not self._answer(line.decode().strip()):
                    return

    def _answer(self, line: str) -> bool:
        verb = line[:4].upper()
        if verb == "RCPT":
            self.recipient = parseaddr(line.partition(":")[2])[1]
            self._say(self.postbox.refuses.get(self.recipient, "250 fine"))
        elif verb == "DATA":
            return self._data()
        elif verb == "QUIT":
            self._say("221 bye")
            return False
        else:
            self._say("250 fine")
        return True

    def _data(self) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if refusal := self.postbox.refuses_data.get(self.recipient):
            self._say(refusal)
            return True
        mail = cast(EmailMessage, message_from_bytes(b"".join(lines), policy=default))
        taken = Received(self.recipient, self.postbox.now, mail)
        self.postbox.received.append(taken)
        if self.postbox.on_taken is not None and self.postbox.on_taken(taken):
            return False
        self._say("250 taken")
        return True

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextlib.contextmanager
def postbox() -> Iterator[Postbox]:
    """A server that runs, on a port of its own."""
    box = Postbox()
    box.open()
    try:
        yield box
    finally:
        box.close()
