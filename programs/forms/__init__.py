"""What is typed about programs: assigning one, decisions, settings. Nothing here writes."""

from .assign import AssignForm, Group, PlaceForm, StartForm
from .decisions import EndForm, LoadForm, PhaseForm, ReasonForm, RungForm
from .fields import ladder
from .settings import InventoryForm, RulesForm

__all__ = [
    "AssignForm",
    "EndForm",
    "Group",
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
