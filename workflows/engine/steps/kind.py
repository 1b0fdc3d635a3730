"""What a kind of step answers to."""

from typing import TYPE_CHECKING, ClassVar

from workflows.engine.body import Step
from workflows.engine.talk import News

if TYPE_CHECKING:
    from workflows.engine.run import Run


class Kind:
    """A kind of step. All of them may raise Trouble, before they note or ask anything."""

    waits: ClassVar[bool] = False
    """Whether a token that stands here has asked for something that must be forgotten with it."""

    def start(self, run: "Run", number: int) -> None:
        """Do it at once, ask for what it waits for, or begin its branches; also when it is tried again."""
        raise NotImplementedError

    def hear(self, run: "Run", number: int, news: News) -> None:
        """News for a token that waits here. What is not for this kind changes nothing."""

    def branch_ended(self, run: "Run", number: int, frame: int) -> None:
        """A branch is over that the token waits for."""
        raise NotImplementedError

    def retry(self, run: "Run", number: int, *, anew: bool) -> None:
        """Somebody wants it tried again; the token is no longer at its incident."""
        run.start(number, anew=anew)

    def skip(self, run: "Run", number: int, outcome: str) -> None:
        """Somebody lets the token pass; it is no longer at its incident."""
        run.leave(number, outcome, failed=True)

    def take_back(self, run: "Run", number: int, step: Step) -> None:
        """The waiting token is gone: ask to close what it opened, but for what `Forget` covers."""
