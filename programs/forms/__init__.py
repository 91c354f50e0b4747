"""What is typed about programs: assigning one, decisions, settings. Nothing here writes."""

from .assign import AssignForm, Group, PlaceForm, StartForm
from .decisions import EstimateForm, HoldForm, LoadForm, PhaseForm, ReasonForm, RungForm
from .equipment import InventoryForm
from .fields import ladder
from .moves import EndForm
from .settings import RulesForm

__all__ = [
    "AssignForm",
    "EndForm",
    "EstimateForm",
    "Group",
    "HoldForm",
    "InventoryForm",
    "LoadForm",
    "PhaseForm",
    "PlaceForm",
    "ReasonForm",
    "RulesForm",
    "RungForm",
    "StartForm",
    "ladder",
]
