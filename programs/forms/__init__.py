"""What is typed about programs: assigning one, decisions, settings. Nothing here writes."""

from .assign import AssignForm, Group, PlaceForm, StartForm
from .decisions import EstimateForm, HoldForm, LoadForm, PhaseForm, ReasonForm, RungForm
from .equipment import InventoryForm
from .fields import ladder
from .flags import FlagRulesForm
from .moves import EndForm
from .settings import RulesForm

__all__ = [
    "AssignForm",
    "EndForm",
    "EstimateForm",
    "FlagRulesForm",
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
