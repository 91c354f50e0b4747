"""``manage.py open_clinic``: a clinic with its catalogue, its first rules and its first admin."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email, validate_slug
from django.db import transaction
from django.urls import reverse

from bonefit.clinics import rows
from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member, create_clinic
from bonefit.clinics.models import Clinic
from programs.actions import equip_clinic


class Command(BaseCommand):
    help = "Open a clinic: its exercises, programs and rules, and one admin who can log in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--slug", required=True, help="its part of every address, as north")
        parser.add_argument("--timezone", required=True, help="as Australia/Brisbane")
        parser.add_argument("--admin-email", required=True)
        parser.add_argument("--admin-name", required=True)
        parser.add_argument("--organisation", default="", help="if it is not the clinic's own name")
        parser.add_argument("--phone", default="")
        parser.add_argument("--address", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        self._check(options)
        try:
            clinic = self._open(options)
        except ValueError as error:
            raise CommandError(str(error)) from error
        site = settings.SITE_URL
        self.stdout.write(
            f"{clinic.name} is open.\n"
            f"1. {options['admin_name']} logs in at {site}{reverse(settings.LOGIN_URL)} "
            f"with {options['admin_email']}; a code is mailed there.\n"
            f"2. Look through the clinic's numbers and equipment: "
            f"{site}{reverse('clinics:settings', args=[clinic.slug])}\n"
            f"3. Add therapists in {site}{reverse('admin:index')}: who may open that "
            f'is made by "manage.py createsuperuser".'
        )

    def _open(self, options: dict[str, Any]) -> Clinic:
        with rows.nothing(), transaction.atomic():
            return self._made(options)

    def _made(self, options: dict[str, Any]) -> Clinic:
        clinic = create_clinic(
            name=options["name"],
            slug=options["slug"],
            timezone=options["timezone"],
            organisation=options["organisation"],
            phone=options["phone"],
            address=options["address"],
        )
        rows.see(clinics=[clinic.pk])
        equip_clinic(clinic=clinic)
        add_member(
            clinic=clinic,
            email=options["admin_email"],
            name=options["admin_name"],
            roles=[Role.ADMIN],
        )
        return clinic

    def _check(self, options: dict[str, Any]) -> None:
        """What the database would refuse with a worse sentence."""
        try:
            validate_email(options["admin_email"])
        except ValidationError as error:
            raise CommandError(f"{options['admin_email']!r} is no e-mail address.") from error
        try:
            validate_slug(options["slug"])
        except ValidationError as error:
            raise CommandError("A slug has letters, digits, hyphens and underscores.") from error
        if Clinic.objects.filter(slug=options["slug"]).exists():
            raise CommandError(f"There is a clinic at {options['slug']!r} already.")
