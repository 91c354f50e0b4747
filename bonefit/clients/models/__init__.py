"""The tables of the clients' floor: who is training, under what clearance, and how she is."""

from .copies import RecordCopy
from .corrections import CorrectionRequest, CorrectionRequestQuerySet
from .falls import Fall, FallsMonth, Told
from .imports import Import, ImportProblem
from .intake import ImpactOverride, IntakeOverride, Screening, ScreeningEdit
from .links import AnswerLink
from .looks import Look
from .outcomes import (
    PARTS,
    Battery,
    Measurement,
    MeasureNumber,
    PrecisionStudy,
    ScanDevice,
    Side,
    Site,
)
from .papers import Consent, ConsentText, Document
from .person import Client, ClientQuerySet, Companion
from .retention import RetentionDecision
from .safety import Clearance, Lock, LockQuerySet

__all__ = [
    "PARTS",
    "AnswerLink",
    "Battery",
    "Clearance",
    "Client",
    "ClientQuerySet",
    "Companion",
    "Consent",
    "ConsentText",
    "CorrectionRequest",
    "CorrectionRequestQuerySet",
    "Document",
    "Fall",
    "FallsMonth",
    "ImpactOverride",
    "Import",
    "ImportProblem",
    "IntakeOverride",
    "Lock",
    "LockQuerySet",
    "Look",
    "MeasureNumber",
    "Measurement",
    "PrecisionStudy",
    "RecordCopy",
    "RetentionDecision",
    "ScanDevice",
    "Screening",
    "ScreeningEdit",
    "Side",
    "Site",
    "Told",
]
