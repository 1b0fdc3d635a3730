"""One move of a run: stepping on, entering and leaving steps, trouble, and the end."""

from collections.abc import Sequence
from typing import Any

from workflows.engine import state, steps, values
from workflows.engine.body import Body, Step
from workflows.engine.ledger import Context, Ledger
from workflows.engine.state import HANDLING, INCIDENT, INSIDE, WAITING, Data
from workflows.engine.talk import (
    CloseIncident,
    Entered,
    Failed,
    Finish,
    Forget,
    Left,
    News,
    OpenIncident,
    Retry,
    SetTimer,
    Skip,
    StartClock,
)
from workflows.engine.values import Trouble

MOVES_MOST = 10_000
ALIVE_MOST = 200
_NOTHING: tuple[Any, ...] = (None, "", [], {})


class Run(Ledger):
    """The state of a run while it moves. Every change of it is a fact, folded at once."""

    def __init__(self, body: Body, held: Data, context: Context) -> None:
        super().__init__(body, held, context)
        self._next: list[tuple[int, int]] = []  # (frame, index) to step on, the last first
        self._moves = 0

    # --- going on
    def go(self) -> None:
        """Move until everything waits, or nothing is left."""
        while self._next:
            self._step_on(*self._next.pop())

    def begin(self, frames: Sequence[int]) -> None:
        """Step on the first step of these frames, the first frame first."""
        self._next.extend((frame, 0) for frame in reversed(frames))

    def _step_on(self, frame: int, index: int) -> None:
        held = self.state["frames"].get(str(frame))
        if held is None:
            return
        sequence = self.body.sequences[held["seq"]]
        if index >= len(sequence):
            self._over(frame, held)
            return
        self._moves += 1
        step = sequence[index]
        trouble = None
        try:
            if step.get("when") and not self._exhausted() and not self._wanted(step, frame):
                self.note("passed over", step=step["id"], frame=frame, index=index, when=step["when"])
                self._next.append((frame, index + 1))
                return
        except Trouble as caught:
            trouble = caught
        number = self.enter(step, frame, index)
        if trouble:
            self.fail(number, trouble.code, trouble.detail, asked=False)
        elif self._exhausted():
            detail = f"More than {MOVES_MOST:,} steps at once, without waiting for anything: the definition runs away."
            self.stop(number, "runaway", detail, asked=False)
        else:
            self.start(number)

    def _wanted(self, step: Step, frame: int) -> bool:
        return values.holds(step["when"], self.names(frame), f"{step['id']}.when")

    def _exhausted(self) -> bool:
        return self._moves > MOVES_MOST

    def _over(self, frame: int, held: Data) -> None:
        """The frame has no further step."""
        parent = held["parent"]
        if not parent or held.get("beside"):
            if len(self.state["frames"]) == 1:
                self.finish("done")
            else:
                self.note("branch ended", frame=frame, token=0)
            return
        if self.token(parent)["state"] == HANDLING:
            self.leave(parent, self.token(parent)["how"], failed=self.token(parent)["how"] == "error")
            return
        steps.of(self.step(parent)).branch_ended(self, parent, frame)

    # --- tokens
    def enter(self, step: Step, frame: int, index: int) -> int:
        """A new token at this step."""
        number = self.number()
        count = self.state["rounds"].get(step["id"], 0) + 1
        self.note(
            "entered",
            token=number,
            step=step["id"],
            kind=step["kind"],
            frame=frame,
            index=index,
            round=count,
            at=self.now,
        )
        self.ask(Entered(number, step, round=count))
        return number

    def start(self, number: int, *, anew: bool = True) -> None:
        """Do what the token's step does; `anew`: nothing was asked for yet, so its clocks start too."""
        step = self.step(number)
        try:
            steps.of(step).start(self, number)
        except Trouble as trouble:
            self.fail(number, trouble.code, trouble.detail, asked=None if not anew else False)
            return
        if anew and str(number) in self.state["tokens"]:
            if step.get("on_timeout"):
                self.ask(SetTimer(number, step, timer="timeout", after=step["on_timeout"]["after"]))
            if step.get("sla"):
                self.ask(StartClock(number, step))

    def leave(self, number: int, outcome: str, *, failed: bool = False, **more: Any) -> None:
        """Consume the token and go on after its step. `more` goes into the fact as it is; what is empty stays away."""
        token, step = self.token(number), self.step(number)
        told = {key: held for key, held in more.items() if held not in ((None,) if key == "result" else _NOTHING)}
        beside = [] if token["state"] == WAITING else state.branches(self.state, number)
        beside = [frame for frame in beside if self._goes_on(frame)]
        if beside:
            told["beside"] = beside
        if failed:
            told["failed"] = True
        self.note("left", token=number, step=step["id"], outcome=outcome, at=self.now, **told)
        if token["state"] != HANDLING:
            self.forget(number, step)
        self.left(number, step, outcome, failed=failed)
        self._next.append((token["frame"], token["index"] + 1))

    def _goes_on(self, frame: int) -> bool:
        """Whether something stands in the frame, or is about to."""
        waiting = any(token["frame"] == frame for token in self.state["tokens"].values())
        return waiting or any(following == frame for following, _ in self._next)

    def withdraw(self, frames: Sequence[int], why: str) -> None:
        """Take away everything in these frames."""
        tokens, frames = state.within(self.state, list(frames))
        if not frames:
            return
        gone = [(number, self.token(number), self.step(number)) for number in tokens]
        self.note("withdrawn", tokens=tokens, frames=frames, why=why)
        for number, token, step in gone:
            self.release(number, token, step)
            self.left(number, step, "", cancelled=True)

    def release(self, number: int, token: Data, step: Step) -> None:
        """Take back what the token asked for, as it stood."""
        if token["state"] == INCIDENT:
            self.ask(CloseIncident(number, step, how="cancelled"))
        elif token["state"] == WAITING:
            steps.of(step).take_back(self, number, step)
        if token["state"] != HANDLING:
            self.forget(number, step)

    def left(self, number: int, step: Step, outcome: str, *, failed: bool = False, cancelled: bool = False) -> None:
        """Tell that the token is gone; for figures."""
        self.ask(Left(number, step, outcome=outcome, failed=failed, cancelled=cancelled))

    def forget(self, number: int, step: Step) -> None:
        """Have what the token asked for dropped, where it may have asked for something."""
        if steps.of(step).waits or step.get("on_timeout") or step.get("sla"):
            self.ask(Forget(number, step))

    # --- trouble
    def fail(self, number: int, code: str, detail: str, *, asked: bool | None = None, job: str = "") -> None:
        """What the step has on_error for; without, an incident."""
        step = self.step(number)
        if step.get("on_error") is None:
            self.stop(number, code, detail, asked=asked, job=job)
            return
        if asked is not False:
            self.forget(number, step)
        self.handle("erred", number, "on_error", code=code, detail=detail)

    def handle(self, action: str, number: int, slot: str, **more: Any) -> None:
        """The steps of this slot run in the token's place; it leaves after them."""
        step = self.step(number)
        following = self.following(step, slot)
        self.note(action, token=number, step=step["id"], at=self.now, **more, **following)
        if following:
            self.begin([following["frame"]])
        else:
            how = self.token(number)["how"]
            self.leave(number, how, failed=how == "error")

    def stop(self, number: int, code: str, detail: str, *, asked: bool | None = None, job: str = "") -> None:
        """An incident: the token waits for somebody."""
        step = self.step(number)
        more: Data = {"job": job} if job else {}
        if asked is False:
            more["asked"] = False
        self.note("incident", token=number, step=step["id"], code=code, detail=detail, **more)
        self.ask(OpenIncident(number, step, code=code, detail=detail, job=job))

    def refuse(self, number: int, code: str, detail: str) -> None:
        """What the token asked for could not be had: nothing of it stays, and a retry begins from the beginning."""
        token, step = self.token(number), self.step(number)
        if token["state"] == INSIDE:
            self.withdraw(state.branches(self.state, number), "refused")
        self.release(number, token, step)
        self.fail(number, code, detail, asked=False)

    def resolve(self, number: int, news: Retry | Skip) -> None:
        """Take the token from its incident: try it again, or let it pass."""
        anew = self.token(number).get("asked") is False
        step = self.step(number)
        if isinstance(news, Retry):
            self.note("retried", token=number)
            self.ask(CloseIncident(number, step, how="retried"))
            self._retry(number, anew=anew)
        else:
            self.note("skipped", token=number, outcome=news.outcome)
            self.ask(CloseIncident(number, step, how="skipped"))
            steps.of(step).skip(self, number, news.outcome)

    def _retry(self, number: int, *, anew: bool) -> None:
        """A step that had not begun begins with its `when`."""
        step, frame = self.step(number), self.token(number)["frame"]
        try:
            if anew and step.get("when") and not self._wanted(step, frame):
                self.leave(number, "")
                return
        except Trouble as trouble:
            self.fail(number, trouble.code, trouble.detail, asked=False)
            return
        steps.of(step).retry(self, number, anew=anew)

    def run_beside(self, number: int, timer: str, slot: str) -> None:
        """The steps of this slot begin, once, and nobody waits for them but the run's end."""
        following = self.following(self.step(number), slot)
        self.note("beside", token=number, timer=timer, **following)
        if following:
            self.begin([following["frame"]])

    def following(self, step: Step, slot: str) -> Data:
        """The frame that the steps of this slot would run in, for a fact; nothing when there are none."""
        seq = f"{step['id']}.{slot}"
        return {"frame": self.number(), "seq": seq} if self.body.sequences[seq] else {}

    def refuse_crowd(self, more: int) -> None:
        """Raises Trouble `too_many` when so many more branches would be too many."""
        if state.alive(self.state) + more - 1 > ALIVE_MOST:
            raise Trouble(
                "too_many", f"More than {ALIVE_MOST} branches would run at once: try again when others have ended."
            )

    # --- the end
    def finish(self, outcome: str) -> None:
        """The run is over; whatever is alive is taken away."""
        self._clear("end")
        self.note("finished", outcome=outcome, at=self.now)
        self.ask(Finish(0, {}, outcome=outcome))

    def cancel(self) -> None:
        """Somebody stopped the run."""
        self._clear("stop")
        self.note("cancelled", at=self.now)
        self.ask(Finish(0, {}, outcome=state.CANCELLED, cancelled=True))

    def _clear(self, why: str) -> None:
        self._next.clear()
        if self.state["tokens"]:
            self.withdraw(state.branches(self.state, 0), why)

    def hear(self, number: int, news: News) -> None:
        """Give news to the kind of the token's step; what goes wrong there is the step's trouble.

        Whatever it waits for may fail: also a task that could not be opened, a timer that could not be set.
        """
        if isinstance(news, Failed):
            self.fail(number, news.code, news.detail, job=news.job)
            return
        try:
            steps.of(self.step(number)).hear(self, number, news)
        except Trouble as trouble:
            self.fail(number, trouble.code, trouble.detail)
