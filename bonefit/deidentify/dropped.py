"""Tables that the copy has no rows of, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

_AGAIN = "Worked out again from the sessions and sets by manage.py rebuild_rollups."

DROPPED: Mapping[str, str] = {
    "sessions.Session": "Keys of log-ins that are open.",
    "admin.LogEntry": "What the operator did, with names of what it was done to.",
    "account.EmailConfirmation": "Keys that prove an address.",
    "mfa.Authenticator": "Secrets of apps, recovery codes and passkeys.",
    "clinics.Heartbeat": "When the source was at work; the copy's own sweeps fill it anew.",
    "clinics.RefusedByBrowser": "What browsers of the source refused.",
    "clinics.Backup": "Files of the source.",
    "clinics.LoginLink": "Links that log somebody in, and the addresses they went to.",
    "clinics.Invitation": "Whom a clinic asked to work there, and the addresses it wrote to.",
    "clinics.BrowserLogIn": "Log-ins that are open, from which browser and network address.",
    "clinics.TabletPin": "PINs of tablets, and who set them.",
    "clinics.KnownToken": "Hashes of secrets: links, feeds, tablets.",
    "clinics.RowChange": "What rows were before: every value that is taken out of the others.",
    "clinics.Seal": "Sums over rows that are no longer those.",
    "clinics.SealMark": "How far the source was sealed.",
    "clients.RecordCopy": "Files of whole records.",
    "clients.Import": "Files of people, with headings that somebody wrote.",
    "clients.ImportProblem": "What stood in the cells of such a file.",
    "clients.AnswerLink": "Links by which a client answers.",
    "clients.Look": "Who looked at whose record, from which network address.",
    "training.Notice": "Mails to clients; the copy shall send none.",
    "training.DeliveredSession": _AGAIN,
    "training.DeliveredLift": _AGAIN,
    "training.DeliveryReady": _AGAIN,
    "training.DeliveryChanged": _AGAIN,
    "training.CalendarFeed": "Addresses of calendars, which are secrets.",
    "training.ProgressLetter": "Letters to doctors: addressees, words and frozen figures.",
    "training.SavedReport": "Questions that somebody named and kept.",
    "training.SavedAcross": "Questions that somebody named and kept.",
    "training.ReportExport": "Files of figures, and who had them made.",
    "training.DoseRow": _AGAIN,
    "training.DoseMonth": _AGAIN,
    "training.DoseReady": _AGAIN,
    "training.DoseChanged": _AGAIN,
    "training.StaffNotice": "Mails to staff; the copy shall send none.",
    "training.OrganiserNotice": "Mails to an organisation's admins; the copy shall send none.",
    "training.UploadToken": "Leaves of tablets, which are secrets.",
    "training.HeldOperation": "What a tablet sent and nobody has decided on, as it came.",
}
