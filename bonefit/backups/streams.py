"""Hashing ends of a pipe. They keep the error that passed through them, which age would reword."""

from __future__ import annotations

import hashlib
from typing import Any, Protocol


class Readable(Protocol):
    """What can be read from."""

    def read(self, size: int = -1, /) -> bytes: ...


class Writable(Protocol):
    """What can be written to."""

    def write(self, data: bytes, /) -> Any: ...


class Source:
    """Reads from ``file``, at most ``limit`` bytes; knows SHA-256 and size of what it has read."""

    def __init__(self, file: Readable, limit: int | None = None) -> None:
        self.file = file
        self.left = limit
        self.size = 0
        self.error: Exception | None = None
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes; all that is left where it is negative."""
        if self.left is not None:
            size = self.left if size < 0 else min(size, self.left)
        try:
            data = self.file.read(size)
        except Exception as error:
            self.error = error
            raise
        if self.left is not None:
            self.left -= len(data)
        self.size += len(data)
        self._hash.update(data)
        return data

    @property
    def sha256(self) -> str:
        """Of what was read until now, in hexadecimal digits."""
        return self._hash.hexdigest()


class Sink:
    """Writes to ``file``; knows the SHA-256 and the size of what was written."""

    def __init__(self, file: Writable) -> None:
        self.file = file
        self.size = 0
        self.error: Exception | None = None
        self._hash = hashlib.sha256()

    def write(self, data: bytes, /) -> int:
        """All of ``data``."""
        try:
            self.file.write(data)
        except Exception as error:
            self.error = error
            raise
        self.size += len(data)
        self._hash.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back here."""

    @property
    def sha256(self) -> str:
        """Of what was written until now, in hexadecimal digits."""
        return self._hash.hexdigest()
