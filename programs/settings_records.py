"""Settings of records: how long the clinic keeps one, by its law.

Standard library only.
"""

from programs.setting import Setting

RECORD_SETTINGS: tuple[Setting, ...] = (
    Setting(
        "record_kept_years",
        "A record is kept after its last entry for",
        "years",
        7,
        1,
        100,
        "D",
        "Set by your law. Adults’ records are usually kept for 7 years in Australia; the United "
        "States leave it to each state. Nothing is deleted by itself: an admin decides.",
        "",
    ),
    Setting(
        "minor_kept_until_age",
        "and never before the person is",
        "years old",
        25,
        18,
        100,
        "D",
        "Set by your law. Records of minors are usually kept until 25 in Australia.",
        "",
    ),
)
