"""The sweeps from which flags come and go, and messages about them.

The others would plan visits and write to clients.
"""

SWEEPS = (
    "sweep_missed_visits",
    "sweep_flags",
    "review_intakes",
    "review_clinics",
    "tell_staff",
    "send_to_staff",
)
