"""Of every column somebody has said what becomes of it."""

from __future__ import annotations

import psycopg
import pytest
from django.apps import apps
from django.db import models

from bonefit.deidentify.declared import KEPT_TEXTS, NO_MODEL, TABLES, check
from bonefit.deidentify.dropped import DROPPED
from bonefit.deidentify.rules import RULES
from bonefit.deidentify.shape import shape
from bonefit.deidentify.table import HEAD, Table, Undeclared

TEXTS = (models.CharField, models.TextField, models.FileField)
MODELS = apps.get_models(include_auto_created=True)


def as_found() -> dict[str, tuple[str, frozenset[str]]]:
    return {
        model._meta.db_table: (
            model._meta.label,
            frozenset(one.name for one in model._meta.concrete_fields),
        )
        for model in MODELS
    }


def test_every_model_and_every_column_is_declared_also_of_other_people_s_apps():
    check(as_found())
    assert TABLES.keys() & DROPPED.keys() == set()
    assert all(len(reason) > 10 for reason in DROPPED.values())
    for label in ("account.EmailAddress", "auth.Group", "clinics.User_groups"):
        assert label in TABLES
    for label in ("sessions.Session", "admin.LogEntry", "mfa.Authenticator"):
        assert label in DROPPED


def test_a_model_or_a_column_that_is_new_or_gone_is_found():
    found = as_found()
    with pytest.raises(Undeclared, match=r"what becomes of new_thing \(clinics\.Thing\)"):
        check(found | {"new_thing": ("clinics.Thing", frozenset({"id"}))})
    label, fields = found["clients_client"]
    with pytest.raises(Undeclared, match=r"what becomes of clients\.Client\.nickname "):
        check(found | {"clients_client": (label, fields | {"nickname"})})
    with pytest.raises(Undeclared, match=r"clients\.Client\.notes, which is not there"):
        check(found | {"clients_client": (label, fields - {"notes"})})
    with pytest.raises(Undeclared, match=r"clients\.Fall, which is not there"):
        check({name: one for name, one in found.items() if one[0] != "clients.Fall"})
    with pytest.raises(Undeclared, match=r"clients\.Look, which is not there"):
        check({name: one for name, one in found.items() if one[0] != "clients.Look"})


def test_a_text_that_is_kept_is_chosen_from_a_list_or_has_a_reason():
    kept = {
        f"{model._meta.label}.{one.name}"
        for model in MODELS
        for one in model._meta.concrete_fields
        if model._meta.label in TABLES
        and one.name not in HEAD
        and TABLES[model._meta.label].fields[one.name] is RULES["keep"]
        and isinstance(one, TEXTS)
        and not one.choices
        and not one.remote_field
    }
    assert kept == KEPT_TEXTS.keys()
    assert all(len(reason) > 20 for reason in KEPT_TEXTS.values())


def test_no_day_of_a_client_or_of_staff_is_kept():
    for table in TABLES.values():
        model = apps.get_model(table.label)
        for name, rule in table.fields.items():
            kind = model._meta.get_field(name).get_internal_type()
            if "Date" in kind:
                assert rule is not RULES["keep"], f"{table.label}.{name}"


def test_a_rule_that_there_is_not_and_a_column_that_is_said_twice_are_refused():
    with pytest.raises(ValueError, match="there is no rule"):
        Table("clinics.Thing", forget="name")
    with pytest.raises(ValueError, match="says twice"):
        Table("clinics.Thing", keep="name", text="name")


def test_the_tables_of_the_database_are_those_that_are_declared(databases, migrated):
    with psycopg.connect(databases.cluster.url("bonefit_owner", migrated)) as owner:
        found = shape(owner)
    nobodys = {table for table, label in found.labels.items() if not label}
    assert nobodys == NO_MODEL
