"""Django's admin is for whoever runs the site, and knows no client."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.doors import PEOPLE
from tests.test_access_routes import answer


def test_djangos_admin_knows_no_client():
    """It knows no ``@requires``, no reasons and no access log."""
    assert {model._meta.label for model in admin.site._registry} == {
        "clinics.Clinic",
        "clinics.Membership",
        "clinics.Organisation",
        "clinics.OrganisationMembership",
        "clinics.User",
        "programs.Exercise",
        "programs.Phase",
        "programs.Prescription",
        "programs.Program",
        "programs.ProgramVersion",
    }


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=lambda one: one._meta.label))
def test_no_page_of_djangos_admin_opens_to_the_people_of_a_clinic(world, model):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    pages = [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
    for who in PEOPLE:
        for page in pages:
            assert answer(world.browsers[who].get(page)) in ("403", "login"), (who, page)
