"""Where log-ins are kept (``SESSION_ENGINE``): Django's store, with columns that say whose it is.

To read one costs the one query that it always does. When it was used stands in a column of its own,
so that noting it rewrites nothing that another request of the same browser has put in.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib.sessions.backends import db
from django.db import transaction
from django.utils import timezone

if TYPE_CHECKING:
    from .models_open import BrowserLogIn

#: What a row says beside Django's three columns.
COLUMNS = (
    *("uid", "person_id", "started_at", "used_at", "ends_at"),
    *("browser", "address", "board_only"),
)


class SessionStore(db.SessionStore):
    """What one browser's cookie stands for; ``kept`` is its row as it was read."""

    kept: BrowserLogIn | None = None

    @classmethod
    def get_model_class(cls) -> type[BrowserLogIn]:
        from .models_open import BrowserLogIn

        return BrowserLogIn

    def keep_as(self, row: BrowserLogIn) -> None:
        """From now on it is a log-in of ``row.person``, with these times."""
        self.kept = row
        self.modified = True

    def create_model_instance(self, data: dict[str, Any]) -> BrowserLogIn:
        """As it is written: what the row said stands, unless it is somebody else's now."""
        row = cast("BrowserLogIn", super().create_model_instance(data))
        if self.kept is not None:
            for name in COLUMNS:
                setattr(row, name, getattr(self.kept, name))
        return row

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """Until when it is good where nothing happens."""
        if self._is_somebodys:
            return self.kept.expire_date  # type: ignore[union-attr]
        return super().get_expiry_date(**kwargs)

    def get_expiry_age(self, **kwargs: Any) -> int:
        """How long the browser keeps the cookie: it is not sent anew each time it is used."""
        if self._is_somebodys:
            left = self.kept.ends_at - timezone.now()  # type: ignore[union-attr, operator]
            return max(0, int(left.total_seconds()))
        return int(super().get_expiry_age(**kwargs))

    @property
    def _is_somebodys(self) -> bool:
        return self.kept is not None and self.kept.person_id is not None

    def flush(self) -> None:
        """Nothing is left of it, here and in the table."""
        super().flush()
        self.kept = None

    def cycle_key(self) -> None:
        """Go on under a new key; where it was ended meanwhile, nobody is logged in any more.

        The old row goes first. Whoever ends it at the same moment waits, and finds the new one.
        """
        data, key = self._session, self.session_key  # type: ignore[attr-defined]
        with transaction.atomic():
            gone, _ = self.model.objects.filter(session_key=key).delete() if key else (0, {})
            if gone or not self._is_somebodys:
                self._session_key = None
                self.create()
                self._session_cache = data
                return
        self.flush()

    def _get_session_from_db(self) -> BrowserLogIn | None:
        self.kept = super()._get_session_from_db()  # type: ignore[misc]
        return self.kept
