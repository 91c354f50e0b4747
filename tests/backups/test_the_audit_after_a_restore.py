"""A restored backup verifies: the chain of seals is intact, and goes on where it stopped."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bonefit.audit.verifying import verify
from bonefit.clinics.models import Seal, SealMark
from tests.audit.rows import run
from tests.backups.site import Site
from tests.plumbing import use
from tests.servers import Databases

pytestmark = pytest.mark.django_db(transaction=True)
#: What takes the newest rows away, and the seals that were over them, as whoever owns them can.
CUT_OFF = """
ALTER TABLE clients_look DISABLE TRIGGER only_added_to;
ALTER TABLE clinics_seal DISABLE TRIGGER only_added_to;
DELETE FROM clients_look WHERE id > (SELECT max(upto) FROM clinics_seal WHERE name = 'looks'
    AND number < (SELECT max(number) FROM clinics_seal));
DELETE FROM clinics_seal WHERE number = (SELECT max(number) FROM clinics_seal);
ALTER TABLE clients_look ENABLE TRIGGER only_added_to;
ALTER TABLE clinics_seal ENABLE TRIGGER only_added_to;
"""
LOOK = (
    "INSERT INTO clients_look (clinic_id, at, what, roles, route, kind, how)"
    " SELECT min(id), now(), 'viewed', '{}', 'after', 'record', 'page' FROM clinics_clinic"
)


@pytest.fixture
def sealed_site(own_site: Site, databases: Databases) -> Iterator[Site]:
    """A site whose rows are sealed, but for the last one, and which the app is connected to."""
    before = connection.settings_dict["NAME"]
    use("bonefit_app", own_site.database, own_site.cluster)
    run(databases)
    look()
    yield own_site
    use("bonefit_app", before, own_site.cluster)


def look() -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOOK)


def test_the_chain_is_intact_and_goes_on(sealed_site: Site, databases: Databases) -> None:
    before = verify()
    last = Seal.objects.latest("number")
    assert before.broken is None
    assert before.rows > 10
    assert sum(tail.rows for tail in before.tails) == 1
    connection.close()
    sealed_site.back_up()
    sealed_site.cluster.drop_database(sealed_site.database)
    shutil.rmtree(sealed_site.documents)
    sealed_site.cluster.make_database(sealed_site.database)
    sealed_site.restore()

    after = verify()
    assert (after.broken, after.rows, after.seals) == (None, before.rows, before.seals)
    assert after.last == last
    assert after.last is not None
    assert after.last.digest == last.digest

    # On another server transactions are counted anew: its marks are of the future here.
    SealMark.objects.update(transaction=2**40)
    look()
    run(databases, 3)
    more = verify()
    assert (more.broken, more.rows) == (None, before.rows + 2)
    assert Seal.objects.get(number=last.number + 1).previous == last.digest


def test_a_row_that_was_changed_in_between_is_found_after_the_restore(sealed_site: Site) -> None:
    connection.close()
    with sealed_site.cluster.connect("bonefit_owner", sealed_site.database) as owner:
        owner.execute("ALTER TABLE clients_look DISABLE TRIGGER only_added_to")
        owner.execute(
            "UPDATE clients_look SET route = 'other' WHERE id = (SELECT min(id) FROM clients_look)"
        )
        owner.execute("ALTER TABLE clients_look ENABLE TRIGGER only_added_to")
    sealed_site.back_up()
    sealed_site.restore(replace=True)
    found = verify().broken
    assert found is not None
    assert (found.name, found.what) == ("looks", "a row is not as it was")


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


def test_an_end_that_was_cut_off_is_found_by_a_backup_of_before(
    sealed_site: Site, databases: Databases
) -> None:
    """What is left is a whole chain, so nothing in the database itself can tell."""
    run(databases, 2)
    last = Seal.objects.latest("number")
    assert last.name == "looks"
    connection.close()
    sealed_site.back_up()
    noted = f"--backup={sealed_site.file}"
    with tarfile.open(sealed_site.file) as tar:
        assert tar.extractfile("seal.txt").read().decode() == f"{last.number}:{last.digest}\n"
    assert "Everything that is sealed is as it was." in said(noted)

    connection.close()
    with sealed_site.cluster.connect("bonefit_owner", sealed_site.database) as owner:
        owner.execute(CUT_OFF.encode())
    assert "Everything that is sealed is as it was." in said()
    with pytest.raises(CommandError, match=f"Seal {last.number} is not the one that was noted"):
        said(noted)


def test_a_backup_that_holds_no_seal_or_is_none_is_said(own_site: Site, tmp_path: Path) -> None:
    own_site.back_up()
    with pytest.raises(CommandError, match="holds no seal: nothing had been sealed then"):
        said(f"--backup={own_site.file}")
    other = tmp_path / "other.tar"
    other.write_bytes(b"nothing")
    with pytest.raises(CommandError, match=r"other.tar is cut short, damaged, or no backup"):
        said(f"--backup={other}")


def test_rows_that_wait_for_long_are_said_to(sealed_site: Site) -> None:
    assert "That is long" not in said()
    with sealed_site.cluster.connect("bonefit_owner", sealed_site.database) as owner:
        owner.execute("ALTER TABLE clients_look DISABLE TRIGGER only_added_to")
        owner.execute(
            "UPDATE clients_look SET at = at - interval '16 minutes'"
            " WHERE id = (SELECT max(id) FROM clients_look)"
        )
        owner.execute("ALTER TABLE clients_look ENABLE TRIGGER only_added_to")
    assert "1 rows are not sealed yet" in said()
    assert "That is long: seal_audit does not run, or seals were taken away." in said()
