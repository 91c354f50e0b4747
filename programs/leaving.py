"""Whether somebody is in a program, why she withdraws from it, and what of that is no dropout."""

from django.db import models

#: Of an enrollment: it has not ended.
ACTIVE = models.Q(status="active")


class EndKind(models.TextChoices):
    """Why somebody withdrew; of a withdrawal only. Blank where nobody was asked yet."""

    HEALTH = "health", "Health, not from training"
    TRAINING = "training", "Pain or an injury from training"
    TIME = "time", "No time"
    DISTANCE = "distance", "Too far to come"
    COST = "cost", "Cost"
    NO_WISH = "no_wish", "Did not want to go on"
    SILENT = "silent", "Stopped coming, gave no reason"
    OTHER = "other", "Another reason"
    TRANSFER = "transfer", "Moved away, or to another clinic"
    DIED = "died", "Died"
    CLOSED = "closed", "The clinic closed"


#: Left for a cause that is no dropout: reports of retention take her out on her last day.
CENSORED = (EndKind.TRANSFER, EndKind.DIED, EndKind.CLOSED)
