"""One table, made by the bench itself and by no migration."""

from django.db import models


class BareRow(models.Model):
    """A row as small as a logged set could be."""

    op = models.UUIDField()
    load = models.DecimalField(max_digits=8, decimal_places=4)
    reps = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        managed = False
        db_table = "bench_bare_row"

    def __str__(self) -> str:
        return f"{self.load} × {self.reps}"
