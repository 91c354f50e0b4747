"""What becomes of each column: programs, classes, visits and sets."""

from __future__ import annotations

from .table import Table

TRAINING = (
    Table(
        "programs.Exercise",
        code="slug",
        known="name",
        keep="lift level load_type impact_level base",
        known_text="substitute_for",
        json="detail",
    ),
    Table(
        "programs.Program",
        known_slug="slug",
        known="name",
        keep="kind",
    ),
    Table(
        "programs.ProgramVersion",
        keep="program number frequency weeks minutes fingerprint published_by",
        json="detail",
        moved="published_at",
    ),
    Table(
        "programs.Phase",
        keep="version first_week last_week",
        code="code",
        known="name",
        known_text="summary",
        json="criteria",
    ),
    Table(
        "programs.Prescription",
        keep=(
            "phase position lift kind sets reps landings effort_low effort_high "
            "rest_seconds reps_top seconds drop_cm gate"
        ),
        code="tempo",
        json="rule detail",
    ),
    Table(
        "programs.ProgramDraft",
        keep="program base revision updated_by",
        json="content",
        moved="updated_at",
    ),
    Table(
        "programs.RuleSet",
        keep="number by",
        moved="effective_from created_at",
        json="values inventory",
        text="reason",
    ),
    Table(
        "programs.Enrollment",
        keep="client therapist status end_kind created_by",
        moved="starts_on ended_on created_at",
        text="end_reason",
    ),
    Table(
        "programs.Track",
        moved="voided_at starts_on ends_on",
        keep="voided_by enrollment version",
        text="void_why",
    ),
    Table(
        "programs.Decision",
        uid="uid",
        keep="enrollment by kind lift exercise load until version revokes",
        moved="at until_on",
        code="phase",
        text="reason",
        json="observed",
    ),
    Table(
        "training.Room",
        room="name",
        keep="places racks",
    ),
    Table(
        "training.Season",
        label="name",
        moved="starts_on ends_on",
    ),
    Table(
        "training.WeeklySlot",
        keep="season weekday at minutes most",
        room="room",
        moved="starts_on ends_on",
    ),
    Table(
        "training.WeeklySupervisor",
        keep="weekly member",
    ),
    Table(
        "training.Closure",
        label="name",
        room="room",
        moved="starts_on ends_on added_at removed_at",
        keep="added_by removed_by",
    ),
    Table(
        "training.Leave",
        keep="member added_by removed_by",
        moved="starts_on ends_on added_at removed_at",
        text="why",
    ),
    Table(
        "training.Slot",
        room="room",
        moved="starts_at ends_at weekly_on changed_at called_off_at",
        keep="capacity weekly detached sequence called_off_by closure",
        text="called_off_why",
    ),
    Table(
        "training.Supervision",
        keep="slot member",
        moved="named_at left_at during",
    ),
    Table(
        "training.StandingPlace",
        keep="enrollment weekday at minutes supervisor",
        room="room",
        moved="starts_on ends_on",
    ),
    Table(
        "training.Visit",
        uid="uid",
        keep=(
            "enrollment client slot status purpose makes_up place sequence told_sequence "
            "said_by completed_by"
        ),
        moved="during missed_after place_on changed_at said_at completed_at created_at",
        json="told prescription answers",
        text="said_why",
    ),
    Table(
        "training.Pause",
        keep="enrollment added_by resumed_by",
        moved="starts_on ends_on added_at resumed_on resumed_at",
        text="why",
    ),
    Table(
        "training.SeatChange",
        keep="visit kind by",
        moved="at",
        text="why",
        json="before after",
    ),
    Table(
        "training.Waiting",
        keep="slot enrollment client makes_up asked_by closed_by outcome visit",
        moved="asked_at offered_at offer_ends_at closed_at",
    ),
    Table(
        "training.Flag",
        keep=(
            "enrollment kind severity visit slot member rule owner seen_by resolved_by resolution"
        ),
        code="subject evidence_key",
        json="evidence",
        moved="opened_at snoozed_until seen_at resolved_at",
        text="note",
    ),
    Table(
        "training.FlagStep",
        keep="flag kind by to",
        moved="at until",
        text="why",
    ),
    Table(
        "training.Review",
        keep="enrollment",
        moved="reviewed_at next_at",
    ),
    Table(
        "training.Changed",
        keep="enrollment",
        moved="at",
    ),
    Table(
        "training.Operation",
        uid="uid entry",
        keep="visit kind base_revision by outcome",
        json="payload before",
        moved="made_at received_at",
    ),
    Table(
        "training.SetEntry",
        uid="uid",
        keep=(
            "visit enrollment lift exercise kind number rule_set prescribed_load "
            "prescribed_reps prescribed_landings prescribed_level effort_low load "
            "entered_unit reps landings landing_level rpe clean pain pain_site pain_kind "
            "seconds prescribed_seconds tolerated drop_cm disputed reps_top to_confirm "
            "outside_clearance voided revision supervisor"
        ),
        code="prescribed_reason entered_load",
        moved="logged_at",
    ),
    Table(
        "training.SessionNote",
        keep="visit version drafted signed_by",
        text="subjective objective assessment plan reason",
        moved="signed_at",
    ),
    Table(
        "training.AdverseEvent",
        uid="uid",
        keep=(
            "client visit what severity set_number site serious related reported_by "
            "replaces reviewed_by"
        ),
        moved="onset_at reported_at reviewed_at",
        code="lift",
        text="action outcome described",
    ),
    Table(
        "training.SlotChange",
        keep="slot weekly kind by",
        moved="at",
        text="why",
        json="before after",
    ),
)
