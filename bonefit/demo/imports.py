"""A file that the demo's clinic got from its old system, in which some rows are wrong."""

from __future__ import annotations

from datetime import datetime

from django.core.files.base import ContentFile

from bonefit.clients.importing import running, steps
from bonefit.clients.models import Import
from bonefit.clinics.models import Membership

NAME = "from-the-old-system.csv"
TABLE = """No;Name;Date of birth;Sex;Emergency contact;E-mail;Telephone
1041;Frieda L.;12.11.1949;female;Jonas L., son, 07 5550 0341;frieda@example.org;07 5550 0340
1042;Greta M.;31.02.1952;female;Karl M., husband, 07 5550 0342;;
1043;Hanna N.;8.7.1955;female;;hanna@;07 5550 0344
1044;Ines O.;19.4.1947;fem;Tom O., brother, 07 5550 0345;;
"""


def leave_a_file(*, by: Membership, now: datetime) -> None:
    """Uploaded and checked; its problems wait for somebody to mend the file."""
    file = ContentFile(TABLE.encode(), name=NAME)
    source = steps.upload(kind=Import.Kind.CLIENTS, file=file, by=by, now=now)
    Import.objects.filter(pk=source.pk).update(
        status=Import.Status.CHECKING, reading={**source.reading, "seen": True}
    )
    running.run(source.pk)
