"""An admin who ends somebody's log-ins leaves a row: on the page of log-ins, and in the log."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser

from bonefit.clinics.models import LogInsEnded, SecondStepReset
from sessions.who_looked import Asked, entries
from tests.authenticator_app import with_app
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db
LOG_INS = "/c/north/settings/log-ins/"
LOG = "/c/north/looks/"


@pytest.fixture
def ada(cast: Cast) -> Browser:
    """A browser in which Ada has logged in, both steps."""
    return with_app("ada@example.org")[0]


def test_it_is_written_down_and_shown_where_it_was_done(cast: Cast, ada: Browser) -> None:
    answer = ada.post(f"{LOG_INS}{cast.ana.pk}/end/", HTTP_REFERER=f"http://testserver{LOG_INS}")
    assert answer.status_code == 302
    row = LogInsEnded.objects.get()
    assert (row.clinic, row.member, row.by) == (cast.north, cast.ana, cast.ada)
    page = ada.get(LOG_INS).text
    assert "Log-ins that were ended" in page
    assert page.rindex("Ana T.") > page.index("Log-ins that were ended")


def test_the_admin_finds_it_in_the_log_beside_resets(cast: Cast) -> None:
    LogInsEnded.objects.create(clinic=cast.north, member=cast.ana, by=cast.ada, at=NOW)
    SecondStepReset.objects.create(
        clinic=cast.north, member=cast.tess, by=cast.ada, at=NOW, reason="Telephone lost"
    )

    def found(**asked: str) -> list[tuple[str, str, str]]:
        lines = entries(cast.ada, Asked(**asked), before=None, most=50)  # type: ignore[arg-type]
        return [(line.who, line.what, line.shown) for line in lines]

    both = [
        ("Ada A.", "Ended all log-ins", "Ana T."),
        ("Ada A.", "Reset a second step", f"{cast.tess.user.name}: Telephone lost"),
    ]
    assert found() == both
    assert found(what="log_in", person=str(cast.ada.pk)) == both
    assert found(what="log_in", person=str(cast.ana.pk)) == []
    assert found(what="viewed") == []
    assert entries(cast.otto, Asked(), before=None, most=50) == []
    newest, older = entries(cast.ada, Asked(what="log_in"), before=None, most=2)
    assert entries(cast.ada, Asked(what="log_in"), before=newest.key, most=2) == [older]
    assert entries(cast.ada, Asked(what="log_in"), before=older.key, most=2) == []


def test_nobody_ends_her_own_by_this_and_no_row_is_changed(cast: Cast, ada: Browser) -> None:
    assert ada.post(f"{LOG_INS}{cast.ada.pk}/end/").status_code == 404
    assert not LogInsEnded.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        LogInsEnded.objects.create(clinic=cast.north, member=cast.ada, by=cast.ada, at=NOW)
