"""What is too large is let go while it arrives: neither in memory nor on a disk."""

from __future__ import annotations

import tracemalloc
from typing import Any

from django.test import RequestFactory

from bonefit.uploads import too_large
from tests.clients.paper_files import MEGABYTE


class _Body:
    """A body of forty megabytes that is made while it is read, and counts how much was asked."""

    def __init__(self, head: bytes, tail: bytes, size: int) -> None:
        self.parts = [head, *[b"x" * 65536] * (size // 65536), tail]
        self.length = sum(map(len, self.parts))
        self.rest, self.read_so_far = b"", 0

    def read(self, size: int = -1) -> bytes:
        while self.parts and len(self.rest) < size:
            self.rest += self.parts.pop(0)
        found, self.rest = self.rest[:size], self.rest[size:]
        self.read_so_far += len(found)
        return found

    readline = read  # what a server's stream has, and Django keeps


def _request(size: int) -> tuple[Any, _Body]:
    head = (
        b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\ntyped\r\n'
        b'--b\r\nContent-Disposition: form-data; name="letter"; filename="a.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n"
    )
    tail = b'\r\n--b\r\nContent-Disposition: form-data; name="after"\r\n\r\ntoo\r\n--b--\r\n'
    body = _Body(head, tail, size)
    request = RequestFactory().generic(
        "POST",
        "/",
        **{
            "wsgi.input": body,
            "CONTENT_LENGTH": str(body.length),
            "CONTENT_TYPE": "multipart/form-data; boundary=b",
        },
    )
    return request, body


def test_forty_megabytes_never_stand_in_memory() -> None:
    request, _ = _request(40 * MEGABYTE)
    tracemalloc.start()
    try:
        assert request.POST["note"] == "typed"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert request.POST["after"] == "too"
    assert not request.FILES
    assert too_large(request) == {"letter"}
    assert peak < 4 * MEGABYTE


def test_of_a_request_without_measure_the_rest_is_not_even_read() -> None:
    request, body = _request(300 * MEGABYTE)
    assert request.POST["note"] == "typed"
    assert too_large(request) == {"letter"}
    assert body.read_so_far < MEGABYTE


def test_ten_megabytes_are_within_the_limit() -> None:
    request, _ = _request(10 * MEGABYTE)
    assert request.FILES["letter"].size == 10 * MEGABYTE
    assert too_large(request) == frozenset()
    request.close()
