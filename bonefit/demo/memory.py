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
from programs.pain import Answers
from programs.progression import LiftDone, Plan, Target, Visited, advance, targets
from sessions import facts, told
from sessions.entries import set_done
from sessions.models import SetEntry, Visit


class Memory:
    """The state of an enrollment after all that has happened so far, in the order it happened."""

    def __init__(self, standing: facts.Standing) -> None:
        self.rules = standing.rules
        self.versions = standing.versions
        self.state = standing.state

    @classmethod
    def before(cls, visit: Visit, answers: Answers, *, clinic: Clinic, cleared: int) -> Memory:
        """Read from the log: what was known when the visit began, with these answers."""
        visit.answers = answers.to_json()
        return cls(facts.standing_for(visit, clinic=clinic, cleared=cleared))

    @property
    def plan(self) -> Plan:
        return self.state.plan

    def arrived(self, visit: Visit, answers: Answers, *, clinic: Clinic) -> None:
        """A visit begins: what is asked for follows from what was answered."""
        if self.state.arrived != str(visit.uid):
            visit.answers = answers.to_json()
            self.state = advance(self.state, facts.arrival(visit, clinic=clinic))

    def decided(self, decision: Decision) -> None:
        """A therapist has said something."""
        for event in facts.decided_events([decision]):
            self.state = advance(self.state, event)

    def visited(self, visit: Visit, entries: Iterable[SetEntry]) -> None:
        """A visit is over, with these sets, each on the rung that was asked for."""
        lifts = tuple(
            LiftDone(lift, self.state.lifts[lift].exercise, tuple(map(set_done, group)))
            for lift, group in groupby(
                sorted(entries, key=lambda entry: (entry.lift, entry.number)),
                key=lambda entry: entry.lift,
            )
        )
        day = visit.ends_at.astimezone(visit.clinic.tz).date()
        event = Visited(at=visit.ends_at, key=str(visit.uid), day=day, lifts=lifts)
        self.state = advance(self.state, event)

    def targets(self, cleared: int) -> Mapping[str, Target]:
        """What is asked for next."""
        return targets(self.state._replace(cleared=cleared))

    def check(self, visit: Visit, cleared: int) -> None:
        """RuntimeError unless the visit was told exactly what is remembered here."""
        standing = facts.Standing(self.state, self.targets(cleared), self.rules, self.versions)
        if visit.prescription != told.dump(standing, cleared=cleared):
            raise RuntimeError(f"The log and the demo disagree about visit {visit.uid}.")
