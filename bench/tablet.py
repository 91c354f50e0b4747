"""One tablet: a process that sends its requests one after the other on one connection.

Standard library only, and no HTTP library: the cores are shared with what is measured. Reads its
orders as a line of JSON, says ``ready``, waits for a line, sends, and answers with JSON.
"""

from __future__ import annotations

import json
import socket
import sys
import time

WHO = b"GET /bench/worker/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
TRIES, AT_ONCE = 100, 4
TIMEOUT = 30  # seconds for one answer


class Line:
    """A kept-alive connection that speaks as much HTTP as the bench needs."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of one answer; ConnectionError where there is none."""
        self.socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        length = self._length(head)
        while len(body) < length:
            body += self._more()
        return int(head.split(b" ", 2)[1]), body

    def _more(self) -> bytes:
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionError("The server closed the connection.")
        return chunk

    @staticmethod
    def _length(head: bytes) -> int:
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                return int(value)
        raise ConnectionError("An answer without Content-Length.")

    def close(self) -> None:
        self.socket.close()


def connect(port: int, worker: int) -> Line:
    """A connection that this worker took, so that each has the same share of the work.

    Several are opened at once: one after the other the worker that has just been awake may take
    them all.
    """
    for _ in range(TRIES):
        lines = [Line(port) for _ in range(AT_ONCE)]
        took = [line for line in lines if worker in (0, json.loads(line.ask(WHO)[1])["pid"])]
        for line in lines:
            if line not in took[:1]:
                line.close()
        if took:
            return took[0]
    raise ConnectionError(f"Worker {worker} takes no connection.")


def main() -> None:
    """Orders in, figures out."""
    orders = json.loads(sys.stdin.readline())
    requests = [request.encode("latin-1") for request in orders["requests"]]
    line = connect(orders["port"], orders["worker"])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()

    statuses: list[int] = []
    seconds: list[float] = []
    give_up = time.monotonic() + orders["seconds"]
    began = time.monotonic()
    for request in requests:
        sent = time.monotonic()
        if sent > give_up:
            break
        status, _ = line.ask(request)
        seconds.append(time.monotonic() - sent)
        statuses.append(status)
    answer = {
        "began": began,
        "ended": time.monotonic(),
        "statuses": statuses,
        "seconds": seconds,
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
