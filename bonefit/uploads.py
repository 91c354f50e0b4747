"""Files that people send: bounded while they arrive, before anything of them is kept.

The form is drawn again with a clear message: everything else that was typed has arrived by then.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest

MEGABYTE = 1024 * 1024


class Bounded(FileUploadHandler):
    """Lets a file go by unread from ``UPLOAD_MAX_BYTES`` on, and remembers which it was.

    It stands first among the handlers, so that no more than the limit reaches memory or a disk.
    A request of more than ``UPLOAD_MOST_READ`` bytes is not read to its end at all.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.length, self.seen = 0, 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        """Remember how much is announced."""
        self.length = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count; StopUpload where far too much is on its way."""
        super().new_file(*args, **kwargs)
        self.seen = 0
        if self.length > settings.UPLOAD_MOST_READ:
            self._remember()
            raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand the bytes on; SkipFile once there are too many of them."""
        self.seen += len(raw_data)
        if self.seen > settings.UPLOAD_MAX_BYTES:
            self._remember()
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers after this one keep the file."""

    def _remember(self) -> None:
        if self.request is not None:
            setattr(self.request, _TOO_LARGE, too_large(self.request) | {self.field_name})


_TOO_LARGE = "uploads_too_large"


def too_large(request: HttpRequest) -> frozenset[str | None]:
    """Names of the fields whose file was let go because it was too large."""
    _ = request.POST  # what is asked about has been read by now
    found: frozenset[str | None] = getattr(request, _TOO_LARGE, frozenset())
    return found


def most() -> str:
    """The limit in words: "10 MB"."""
    return f"{settings.UPLOAD_MAX_BYTES // MEGABYTE} MB"
