"""Every model × every person: ``visible_to`` lets nobody see another clinic's or client's rows."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import connection, models

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import RowChange

APPS = ("clinics", "clients", "programs", "training")
MODELS = [model for label in APPS for model in apps.get_app_config(label).get_models()]
OWNED = [model for model in MODELS if any(f.name == "clinic" for f in model._meta.fields)]
#: Belong to no clinic, or are found before one is known.
NOBODYS = {
    *("Organisation", "Clinic", "User", "Heartbeat", "Backup", "Exercise", "LoginLink"),
    *("OrganisationMembership", "SavedAcross", "OrganiserNotice", "RefusedByBrowser"),
    *("Seal", "SealMark", "KnownToken", "BrowserLogIn", "TabletPin"),
}
#: Rows about a client that she may see herself; of everything else a client sees nothing.
HERS = {
    *("Client", "Clearance", "Enrollment", "Visit", "SetEntry", "CalendarFeed", "Lock"),
    *("Companion", "Pause", "Waiting", "Fall", "FallsMonth", "Look"),
    *("Consent", "ImpactOverride", "IntakeOverride", "Battery", "Measurement"),
    *("RecordCopy", "CorrectionRequest"),
}
OWNED_IDS = [model.__name__ for model in OWNED]


def test_every_model_belongs_to_a_clinic_or_is_known_not_to():
    assert {model.__name__ for model in MODELS} - set(OWNED_IDS) == NOBODYS
    assert set(OWNED_IDS) >= HERS


@pytest.mark.parametrize("model", OWNED, ids=OWNED_IDS)
def test_staff_see_their_clinic_and_a_client_her_own_rows_or_none(world, model):
    cast = world.cast
    rows = model.objects
    assert isinstance(rows.all(), ClinicQuerySet)
    if model.__name__ == "CalendarFeed":
        assert rows.count() == 2
    assert rows.filter(clinic=cast.north).exists(), "nothing here could leak"
    assert rows.filter(clinic=cast.harbor).exists(), "nothing there could leak"

    for who in (cast.ana, cast.tess, cast.lin, cast.ada, cast.dee, cast.aud, cast.otto):
        assert set(rows.visible_to(who)) == set(rows.filter(clinic=who.clinic))
    assert not rows.visible_to(cast.lea).exists()
    her_own = ((cast.cal, cast.cal_client), (cast.cam, cast.cam_client))
    for who, client in (*her_own, (cast.con, cast.cal_client)):
        seen = set(rows.visible_to(who))
        path = rows.all().client_path
        if model.__name__ in HERS:
            lookup = {path: client} if path else {"pk": client.pk}
            assert seen == set(rows.filter(**lookup))
        else:
            assert (path, seen) == (None, set())


def test_each_owned_table_has_its_clinic_in_every_key():
    missing = []
    for model in OWNED:
        constraints = model._meta.constraints
        unique = [set(c.fields) for c in constraints if isinstance(c, models.UniqueConstraint)]
        # Nothing points at a row of the history, and it need not be of a clinic.
        assert {"clinic", "id"} in unique or model is RowChange, model
        missing += [(model.__name__, fields) for fields in unique if "clinic" not in fields]
        for one in constraints:
            if isinstance(one, ExclusionConstraint):
                assert "clinic_id" in str(one.expressions)
    assert missing == []


def test_the_app_owns_nothing_and_cannot_change_a_table(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        owned = cursor.fetchone()[0]
        cursor.execute(
            "SELECT current_user, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("bonefit_app", False, False, False, False)
        cursor.execute("SELECT has_schema_privilege('public', 'CREATE')")
        assert (owned, cursor.fetchone()[0]) == (0, False)
        cursor.execute(
            "SELECT has_table_privilege('bonefit_backup', 'training_setentry', 'SELECT'),"
            " has_table_privilege('bonefit_backup', 'training_setentry', 'INSERT')"
        )
        assert cursor.fetchone() == (True, False)
