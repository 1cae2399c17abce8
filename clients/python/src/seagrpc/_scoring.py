"""What Score is asked."""

from __future__ import annotations

from typing import Iterable, Union

from seagrpc import v1


def request_of(request: Union[v1.ScoreRequest, Iterable[v1.ScorePair]]) -> v1.ScoreRequest:
    """The request, of pairs alone too."""
    if isinstance(request, v1.ScoreRequest):
        return request
    try:
        return v1.ScoreRequest(pairs=list(request))
    except (TypeError, ValueError):
        raise TypeError(f"score takes a list of v1.ScorePair, or a v1.ScoreRequest, not {request!r}") from None
