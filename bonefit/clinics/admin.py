"""Django's admin, for the clinics and the people who work there. Never for clients.

It knows no ``@requires``, no reasons and no access log, so nothing clinical is registered here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.decorators import method_decorator

from . import rows
from .access import Role
from .lately import lately
from .models import Clinic, Membership, Organisation, OrganisationMembership, User


def _seen_by_operators(admin_view: Callable[..., Any]) -> Callable[..., Any]:
    """Whoever may open a page of this admin sees the rows of all clinics on it."""

    def guarding(view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        @wraps(view)
        def seen(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            rows.see(clinics=rows.every_clinic())
            return view(request, *args, **kwargs)

        # Inside of Django's own check, so that a stranger is sent away before.
        return admin_view(seen, cacheable)

    return guarding


admin.site.site_header = "bonefit"
admin.site.site_title = "bonefit"
admin.site.index_title = "Clinics and catalogue"
# Logging in is one thing everywhere: the e-mailed code, with its limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.unregister(Group)
admin.site.admin_view = _seen_by_operators(admin.site.admin_view)  # type: ignore[method-assign]
# They list clients too, and nobody here needs them.
admin.site.unregister(EmailAddress)
admin.site.unregister(Authenticator)


#: Who has no other role is a client, or somebody who looks after one.
OF_CLIENTS = [str(Role.CLIENT), str(Role.COMPANION)]


def without_clients() -> QuerySet[User]:
    """People who work somewhere, or nowhere yet: who only trains is no concern of this admin."""
    trains = Membership.objects.filter(user=OuterRef("pk"))
    works = trains.exclude(roles__contained_by=OF_CLIENTS, roles_until={})
    return User.objects.filter(Exists(works) | ~Exists(trains))


class _NeverDelete(admin.ModelAdmin):
    """Records hang on these rows: they are ended, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @method_decorator(lately)
    def changeform_view(self, *args: Any, **kwargs: Any) -> Any:
        """Roles and log-ins are changed after a recent second step only."""
        return super().changeform_view(*args, **kwargs)


class MembershipForm(forms.ModelForm):
    """The roles that have no end as a list to tick; those that have one are the clinic's matter."""

    roles = forms.MultipleChoiceField(
        choices=Role.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = Membership
        fields = ("clinic", "user", "roles", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            self.fields["user"].queryset = without_clients()  # type: ignore[attr-defined]

    def clean_roles(self) -> list[str]:
        roles: list[str] = self.cleaned_data["roles"]
        if not roles and not self.instance.roles_until:
            raise forms.ValidationError("Tick at least one role.")
        return roles


@admin.register(Organisation)
class OrganisationAdmin(_NeverDelete):
    list_display = ("name", "slug")
    search_fields = ("name",)
    prepopulated_fields: ClassVar = {"slug": ("name",)}


@admin.register(OrganisationMembership)
class OrganisationMembershipAdmin(_NeverDelete):
    """Who reads figures across an organisation's clinics. A client's log-in is none to choose."""

    list_display = ("user", "organisation", "is_active")
    list_filter = ("organisation", "is_active")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = without_clients()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Clinic)
class ClinicAdmin(_NeverDelete):
    list_display = ("name", "slug", "timezone", "organisation")
    fields = ("organisation", "name", "slug", "timezone", "unit", "phone", "address")


@admin.register(User)
class UserAdmin(_NeverDelete):
    list_display = ("name", "email", "is_active", "is_staff")
    search_fields = ("name", "email")
    fields = ("name", "email", "is_active", "is_staff")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return without_clients()

    def save_model(
        self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool
    ) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


@admin.register(Membership)
class MembershipAdmin(_NeverDelete):
    form = MembershipForm
    list_display = ("user", "clinic", "roles", "roles_until", "is_active")
    list_filter = ("clinic", "is_active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return Membership.objects.exclude(roles__contained_by=OF_CLIENTS, roles_until={})
