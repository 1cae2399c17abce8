"""When an alignment has gone on long enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

from seagrpc import v1


@dataclass(frozen=True)
class EarlyStop:
    """The stream is cancelled when this holds, which frees the device, and the best answer so far counts.

    Conditions are joined with ``|``."""

    is_good_enough: Callable[[v1.ScoredResponse], bool]
    patience: Optional[float] = None

    @staticmethod
    def when_reward_passes(reward: float) -> EarlyStop:
        """Stops when the best answer so far has a reward above this, in the reward model's units."""
        return EarlyStop(lambda best: best.reward > reward)

    @staticmethod
    def after(seconds: float) -> EarlyStop:
        """Stops after this time, or as soon as there is an answer where there is none by then."""
        return EarlyStop(lambda best: False, seconds)

    def __or__(self, other: EarlyStop) -> EarlyStop:
        times = [each for each in (self.patience, other.patience) if each is not None]
        return EarlyStop(
            lambda best: self.is_good_enough(best) or other.is_good_enough(best),
            min(times) if times else None,
        )


@dataclass
class EarlyAnswer:
    """What an alignment that may stop early has come to."""

    response: Optional[v1.ScoredResponse] = None
    """The best answer so far, or the final one."""
    draft: Optional[v1.ScoredResponse] = None
    """The draft that it is compared with."""
    iteration: int = 0
    """The last iteration that was heard of; 0 is the draft."""
    final: Optional[v1.AlignmentFinal] = None
    """How the run ended by itself; None where it was stopped."""

    def take(self, event: v1.StreamAlignResponse) -> None:
        """Takes one event in."""
        kind = event.WhichOneof("event")
        if kind == "draft":
            self.response = self.draft = event.draft.best
        elif kind == "iteration":
            self.response, self.iteration = event.iteration.best, event.iteration.index
        elif kind == "final":
            self.response, self.draft, self.final = event.final.response, event.final.draft, event.final


def with_text(spec: v1.AlignmentSpec) -> v1.AlignmentSpec:
    """A copy whose iteration events carry the best answer's text."""
    copy = v1.AlignmentSpec()
    copy.CopyFrom(spec)
    copy.updates.include_text = True
    return copy
