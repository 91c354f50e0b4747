"""Seals over the rows of the audit: each says what a range of rows was, and what was sealed before.

They belong to no clinic and hold no word of a row, only sums.
"""

from __future__ import annotations

from django.db import models


class Seal(models.Model):
    """What one range of rows of one audited table was, chained to the seal before.

    Rows are added and never changed: the app has no right to, and a trigger refuses whoever has.
    ``bonefit.audit`` makes them and checks them. Sums are SHA-256, as 64 hexadecimal digits.
    """

    class Kind(models.TextChoices):
        ROWS = "rows", "Rows"
        LET_GO = "let_go", "Rows that were let go"

    #: The place in the chain, from 1 on, without gaps. Two sealers cannot both make one.
    number = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.ROWS)
    name = models.CharField(max_length=40, help_text="Of the audited table, in words.")
    form = models.PositiveSmallIntegerField(help_text="Which columns are sealed, and how.")
    above = models.BigIntegerField(help_text="The range begins after the row of this number.")
    upto = models.BigIntegerField(help_text="The last number of the range.")
    rows = models.PositiveIntegerField()
    #: The first eight bytes of each row's sum, in the order of the rows: they tell which row it is
    #: that is not as it was.
    leaves = models.BinaryField()
    contents = models.CharField(max_length=64, help_text="The sum over the sums of the rows.")
    why = models.CharField(max_length=200, blank=True, help_text="Of rows that were let go.")
    sealed_at = models.DateTimeField()
    previous = models.CharField(max_length=64, help_text="The sum of the seal before.")
    digest = models.CharField(max_length=64, help_text="The sum over all of this.")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["previous"], name="one_seal_after_another"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="seals_from_one"),
        ]
        indexes = [models.Index(fields=["name", "-number"], name="seal_newest_of")]

    def __str__(self) -> str:
        return f"Seal {self.number}: {self.name} to {self.upto}"


class SealMark(models.Model):
    """Up to which row an audited table may be sealed once all transactions before have ended.

    Work in hand, not evidence: where it is lost or wrong the next run takes a new one.
    """

    name = models.CharField(max_length=40, primary_key=True)
    upto = models.BigIntegerField(help_text="The last number that had been given out.")
    #: Of PostgreSQL, 64 bits: every number up to ``upto`` was given out before this one began.
    transaction = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.name} to {self.upto}"
