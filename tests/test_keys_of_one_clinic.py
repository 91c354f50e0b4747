"""No row of one clinic can point at a row of another: PostgreSQL itself refuses it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from bonefit.clients.models import Client
from bonefit.clinics.keys import Key, keys_of, owned_by_clinic
from sessions.models import Visit

MODELS = [model for model in apps.get_models() if owned_by_clinic(model)]
KEYS = sorted({key for model in MODELS for key in keys_of(model)}, key=lambda key: key.name)

#: Every key of two columns, as PostgreSQL knows it: its table, its columns, where it points.
THERE = """
    SELECT c.conname, c.convalidated, c.conrelid::regclass::text, c.confrelid::regclass::text,
           array(SELECT attname::text FROM unnest(c.conkey) WITH ORDINALITY k(number, place)
                   JOIN pg_attribute ON attrelid = c.conrelid AND attnum = k.number
                  ORDER BY k.place),
           array(SELECT attname::text FROM unnest(c.confkey) WITH ORDINALITY k(number, place)
                   JOIN pg_attribute ON attrelid = c.confrelid AND attnum = k.number
                  ORDER BY k.place)
      FROM pg_constraint c WHERE c.contype = 'f' AND cardinality(c.conkey) = 2
"""


@pytest.mark.django_db
def test_every_key_between_tables_of_a_clinic_has_the_clinic_beside_it():
    with connection.cursor() as cursor:
        cursor.execute(THERE)
        there = {
            Key(table, columns[1], parent)
            for _, checked, table, parent, columns, pointed in cursor.fetchall()
            if checked and columns[0] == "clinic_id" and pointed == ["clinic_id", "id"]
        }
    assert set(KEYS) == there, "A migration with SameClinic(…) is missing."
    assert len(KEYS) > 150


@pytest.mark.django_db
def test_no_key_looks_for_the_same_parent_a_second_time():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, attname FROM pg_constraint JOIN pg_attribute"
            " ON attrelid = conrelid AND attnum = conkey[1]"
            " WHERE contype = 'f' AND cardinality(conkey) = 1"
        )
        alone = set(cursor.fetchall())
    assert not alone & {(key.table, key.column) for key in KEYS}
    assert ("training_setentry", "clinic_id") in alone


def test_a_clinic_is_never_left_out_of_a_key():
    """PostgreSQL takes any number for a parent where the clinic beside it is not said."""
    unsaid = [model for model in MODELS if model._meta.get_field("clinic").null and keys_of(model)]
    assert unsaid == []


def test_whatever_hangs_on_a_row_of_a_clinic_belongs_to_a_clinic_itself():
    """A table without ``clinic_id`` that points into one would slip past all of this."""
    loose = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        if not owned_by_clinic(model)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and owned_by_clinic(field.related_model)
    }
    # A log-in link belongs to a person, whichever clinics she is in; it says who had it sent.
    assert loose == {"clinics.LoginLink.made_by"}


def refused(change: models.QuerySet, **values: object) -> str:
    """The key that the database names when it refuses; "" where it does not."""
    try:
        with transaction.atomic():
            change.update(**values)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        return str(error.__cause__.diag.constraint_name)
    return ""


def test_a_row_of_one_clinic_is_refused_a_parent_in_another(cast):
    visit = Visit.objects.filter(clinic=cast.north).first()
    hers = Visit.objects.filter(pk=visit.pk)
    assert refused(hers, client=cast.olga_client) == "training_visit_client_id_same_clinic"
    assert (
        refused(hers, enrollment=cast.olga_enrollment) == "training_visit_enrollment_id_same_clinic"
    )
    client = Client.objects.filter(pk=cast.cal_client.pk)
    assert refused(client, created_by=cast.otto) == "clients_client_created_by_id_same_clinic"
    assert refused(client, created_by=cast.tess) == ""


def test_a_row_cannot_move_to_another_clinic(cast):
    assert refused(Client.objects.filter(pk=cast.cal_client.pk), clinic=cast.harbor)
