"""The tables of the clients' floor: who is training, under what clearance, and how she is."""

from .falls import Fall, FallsMonth, Told
from .imports import Import, ImportProblem
from .intake import ImpactOverride, IntakeOverride, Screening, ScreeningEdit
from .links import AnswerLink
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
    "Document",
    "Fall",
    "FallsMonth",
    "ImpactOverride",
    "Import",
    "ImportProblem",
    "IntakeOverride",
    "Lock",
    "LockQuerySet",
    "MeasureNumber",
    "Measurement",
    "PrecisionStudy",
    "ScanDevice",
    "Screening",
    "ScreeningEdit",
    "Side",
    "Site",
    "Told",
]
