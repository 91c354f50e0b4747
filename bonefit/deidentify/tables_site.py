"""What becomes of each column: who may log in, and the clinics."""

from __future__ import annotations

from .table import Table

SITE = (
    Table(
        "auth.Permission",
        keep="name content_type codename",
    ),
    Table(
        "auth.Group_permissions",
        keep="group permission",
    ),
    Table(
        "auth.Group",
        label="name",
    ),
    Table(
        "contenttypes.ContentType",
        keep="app_label model",
    ),
    Table(
        "account.EmailAddress",
        keep="user verified primary",
        user_email="email",
    ),
    Table(
        "clinics.Organisation",
        label="name",
        slug="slug",
    ),
    Table(
        "clinics.Clinic",
        keep="organisation timezone unit headline therapists_see rules_number",
        label="name",
        slug="slug",
        empty="phone address",
        text="emergency_plan what_to_bring",
    ),
    Table(
        "clinics.User_groups",
        keep="user group",
    ),
    Table(
        "clinics.User_user_permissions",
        keep="user permission",
    ),
    Table(
        "clinics.User",
        no_password="password",
        null="last_login",
        keep="is_superuser is_active is_staff",
        user_email="email",
        user_name="name",
        long_ago="date_joined",
    ),
    Table(
        "clinics.Membership",
        keep="user roles is_active",
        name="name_here",
        json="roles_until",
    ),
    Table(
        "clinics.RoleChange",
        keep="member by roles_before roles",
        json="until_before until",
        text="reason",
        moved="at",
    ),
    Table(
        "clinics.Cover",
        keep="therapist colleague given_by ended_by",
        text="reason",
        moved="starts_on ends_on given_at ended_at",
    ),
    Table(
        "clinics.OrganisationMembership",
        keep="user organisation is_active",
    ),
    Table(
        "clinics.ReportSettingsChange",
        keep="by headline_before headline therapists_saw therapists_see",
        moved="at",
    ),
    Table(
        "clinics.Credential",
        keep="member recorded_by",
        text="profession licence jurisdiction",
        moved="expires_on insured_until first_aid_until trained_on recorded_at",
    ),
    Table(
        "clinics.SecondStepReset",
        keep="member by",
        moved="at",
        text="reason",
    ),
    Table(
        "clinics.LogInsEnded",
        keep="member by",
        moved="at",
    ),
)
