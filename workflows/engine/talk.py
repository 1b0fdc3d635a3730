"""What the engine hears (news), what it writes down (facts), and what it asks for (effects).

The engine is a pure function: `move(body, state, news, context)` gives the new state, the facts that lead there, and
the effects that others carry out in the same transaction. Folding the facts gives the same state again.
"""

from dataclasses import dataclass, field
from typing import Any


# --- news: what the shell tells the engine
@dataclass(frozen=True)
class News:
    """Something happened. `token` is the token that waited for it; it may be gone by now, then nothing moves."""

    token: int = 0


@dataclass(frozen=True)
class Begin(News):
    """A run begins with these variables."""

    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done(News):
    """A service step's job succeeded."""

    result: Any = None


@dataclass(frozen=True)
class Failed(News):
    """A service step's job was given up, or a subflow failed; `refused`: what the step asked for could not be had at
    all (no such calendar, nobody to ask), so that all of it is asked for anew when the step is tried again. `job` is
    the id of the job that failed."""

    code: str = "internal"
    detail: str = ""
    refused: bool = False
    job: str = ""


@dataclass(frozen=True)
class Decided(News):
    """A human task (or an acknowledgement) has its outcome. `by` are user names, the last one last."""

    outcome: str = ""
    by: tuple[str, ...] = ()
    comment: str = ""
    form: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Superseded(News):
    """The document of a human step has a new version: the step is entered anew."""


@dataclass(frozen=True)
class Rang(News):
    """A timer of the token is due: `wait` (the timer step), `timeout` (the boundary), `path:<n>` (rung n's steps)."""

    timer: str = ""


@dataclass(frozen=True)
class Came(News):
    """An event that the token subscribed to; whether it matches is the engine's to say."""

    event: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended(News):
    """The subflow of the token has finished."""

    outcome: str = ""
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Retry(News):
    """Somebody wants the token's incident tried again."""


@dataclass(frozen=True)
class Skip(News):
    """Somebody lets the token go on past its incident, as if it had ended with this outcome."""

    outcome: str = "skipped"


@dataclass(frozen=True)
class Stop(News):
    """Somebody cancels the run."""


# --- facts: `action` and `data` of one history entry, in order
@dataclass(frozen=True)
class Fact:
    """`data` is plain JSON. Which actions there are, and what they do to the state, is `workflows.engine.fold`."""

    action: str
    data: dict[str, Any]


# --- effects: what the engine asks for
@dataclass(frozen=True)
class Effect:
    """Asked by a token that stands at a step (by id). `step` is the step's body from the definition."""

    token: int
    step: dict[str, Any]


@dataclass(frozen=True)
class RunService(Effect):
    """Do `call` with `params`; `undo=True` while compensating."""

    call: str
    params: dict[str, Any]
    undo: bool = False


@dataclass(frozen=True)
class OpenTask(Effect):
    """Ask people. `values` are the step's expressions, evaluated: {"candidates": [...], "exclude": [...]}, each entry
    with `expr` replaced by `value`, and {"defaults": {field: {"value": …} or {"trouble": sentence}}} of its form.
    `round` counts how often the step was entered."""

    round: int
    values: dict[str, Any]


@dataclass(frozen=True)
class CloseTask(Effect):
    """Its token is gone: the task is not needed any more."""


@dataclass(frozen=True)
class SetTimer(Effect):
    """Ring `timer` after a duration text (in the run's calendar where it says working), or at an ISO time."""

    timer: str
    after: str = ""
    at: str = ""


@dataclass(frozen=True)
class Forget(Effect):
    """The token is gone or has moved: drop its timers, subscription, clock and queued job."""


@dataclass(frozen=True)
class Listen(Effect):
    """Wait for an event."""

    event: str
    key: str


@dataclass(frozen=True)
class StartChild(Effect):
    """Start a run of another definition and tell `Ended` or `Failed` when it ends."""

    definition: str
    variables: dict[str, Any]


@dataclass(frozen=True)
class CancelChild(Effect):
    """Its token is gone: the subflow is cancelled."""


@dataclass(frozen=True)
class StartClock(Effect):
    """The step has an `sla`: its clock starts. For a human step the task is there already."""


@dataclass(frozen=True)
class OpenIncident(Effect):
    """The token waits for somebody; `job` is the id of the job that failed, if one did."""

    code: str
    detail: str
    job: str = ""


@dataclass(frozen=True)
class CloseIncident(Effect):
    """`how`: retried, skipped, cancelled or migrated."""

    how: str


@dataclass(frozen=True)
class Entered(Effect):
    """A token stands at a step now; for figures (StepRun) and the event `workflow.step`."""

    round: int


@dataclass(frozen=True)
class Left(Effect):
    """A token left its step; `failed` when by way of on_error or a skip, `cancelled` when it was taken away."""

    outcome: str
    failed: bool = False
    cancelled: bool = False


@dataclass(frozen=True)
class Finish(Effect):
    """No token is left. `token` is 0, `step` empty."""

    outcome: str
    cancelled: bool = False


@dataclass(frozen=True)
class Moved:
    """What a move gives."""

    state: dict[str, Any]
    facts: tuple[Fact, ...]
    effects: tuple[Effect, ...]
