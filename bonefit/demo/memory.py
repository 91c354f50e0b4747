"""What the engine knows of one enrollment, kept at hand while it is being lived.

``sessions.sync`` folds the whole log for every visit. What a trainee lifts depends on what she is
asked for, so her sets would need the same fold a second time; here each event is folded once, as it
comes. Both must agree, and ``check`` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from bonefit.clinics.models import Clinic
from programs.models import Decision
from programs.progression import LiftDone, SetDone, Target, Visited, advance, targets
from sessions import facts
from sessions.models import SetEntry, Visit


class Memory:
    """The state of an enrollment after all that has happened so far, in the order it happened."""

    def __init__(self, standing: facts.Standing) -> None:
        self.plan = standing.plan
        self.rules = standing.rules
        self.state = standing.state

    @classmethod
    def before(cls, visit: Visit, *, clinic: Clinic, version_id: int, cleared: int) -> Memory:
        """Read from the log: what was known when the visit began."""
        return cls(facts.standing_for(visit, clinic=clinic, version_id=version_id, cleared=cleared))

    def decided(self, decision: Decision) -> None:
        """A therapist has said something."""
        for event in facts.decided_events([decision]):
            self.state = advance(self.state, event, self.plan)

    def visited(self, visit: Visit, entries: Iterable[SetEntry]) -> None:
        """A visit is over, with these sets, each on the rung that was asked for."""
        lifts = tuple(
            LiftDone(lift, self.state.lifts[lift].exercise, tuple(map(_set_done, group)))
            for lift, group in groupby(
                sorted(entries, key=lambda entry: (entry.lift, entry.number)),
                key=lambda entry: entry.lift,
            )
        )
        event = Visited(at=visit.ends_at, key=str(visit.uid), lifts=lifts)
        self.state = advance(self.state, event, self.plan)

    def targets(self, cleared: int) -> Mapping[str, Target]:
        """What is asked for next."""
        return targets(self.state, self.plan, cleared_impact=cleared)

    def check(self, visit: Visit, cleared: int) -> None:
        """RuntimeError unless the visit was told exactly what is remembered here."""
        standing = facts.Standing(self.plan, self.state, self.targets(cleared), self.rules)
        if visit.prescription != facts.dump(standing, cleared=cleared):
            raise RuntimeError(f"The log and the demo disagree about visit {visit.uid}.")


def _set_done(entry: SetEntry) -> SetDone:
    return SetDone(
        number=entry.number,
        load=entry.load,
        reps=entry.reps,
        rpe=entry.rpe,
        clean=entry.clean,
        pain=entry.pain,
        confirmed=not entry.to_confirm,
        target_load=entry.prescribed_load,
        target_reps=entry.prescribed_reps,
        landings=entry.landings,
        level=entry.landing_level,
    )
