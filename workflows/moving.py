"""Moving runs: news goes into the engine, facts into the history, effects to those who carry them out."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone

from accounts import history
from workflows import context, locks
from workflows.effects import carrying
from workflows.engine import core, fold
from workflows.engine.core import Context
from workflows.engine.state import EMPTY, INCIDENT
from workflows.engine.talk import Begin, Done, Fact, Failed, News, Stop
from workflows.models import InstanceStatus, KeptNews
from workflows.sla import clocks
from workflows.turn import Run, Said, Turn


def go(turn: Turn) -> None:
    """Tell all that is to be told, and what comes of it, until nothing is left. The caller writes the turn down."""
    while turn.queue:
        said = turn.queue.popleft()
        if said.run not in turn.runs:
            turn.take(locks.rows([said.run]))  # a parent: it was locked with its subflow
        _tell(turn, turn.runs[said.run], said)


def _tell(turn: Turn, run: Run, said: Said) -> None:
    """News to a run that has ended is ignored; to one that cannot move it is kept."""
    instance, news = run.instance, said.news
    if not instance.is_alive:
        return
    if _has_to_wait(run, news):
        turn.kept.append(kept(run, said, turn))
        return
    if isinstance(news, Done | Failed):
        turn.answered.add((run.pk, news.token))
    before = instance.state or EMPTY
    try:
        moved = core.move(run.body.data, before, news, _context(turn, run))
    except core.NotAtAnIncident:
        return  # somebody has taken care of it already
    facts = [Fact(fact.action, history.plain(fact.data)) for fact in moved.facts]
    instance.state = moved.state
    if any(fact.data != given.data for fact, given in zip(facts, moved.facts, strict=True)):
        instance.state = _folded(before, facts)  # what cannot be written as it is: the state is what is written
    for fact in facts:
        turn.record(run, fact.action, by=said.by, after=fact.data)
    carrying.carry_out(turn, run, moved.effects, by=said.by)
    take_status(run)
    if run.body.pauses and facts and instance.is_alive:
        turn.write_new()
        clocks.follow(instance=instance)


def kept(run: Run, said: Said, turn: Turn) -> KeptNews:
    """News as a row, to be told later (`running.told_again`)."""
    fields: dict[str, Any] = history.plain(asdict(said.news))
    return KeptNews(instance=run.instance, kind=type(said.news).__name__, said=fields, by=said.by, at=turn.now)


def _has_to_wait(run: Run, news: News) -> bool:
    """A paused run hears nothing but Stop; neither does one that waits for others, or that has not begun."""
    instance = run.instance
    if isinstance(news, Stop):
        return False
    if instance.status == InstanceStatus.PAUSED or instance.keeps_news:
        return True
    return not instance.state and not isinstance(news, Begin)


def _context(turn: Turn, run: Run) -> Context:
    if run.document is None:
        _see(turn)
    seen = context.of_instance(run.instance)
    zone = timezone.get_default_timezone()
    return Context(document=run.document or {}, instance=seen, now=turn.now, zone=zone)


def _see(turn: Turn) -> None:
    """Give all runs of the turn the map of their document that have none yet; its first words where they are read."""
    runs = [run for run in turn.runs.values() if run.document is None]
    papers = {run.instance.document for run in runs if run.body.reads_head and run.instance.document is not None}
    heads = context.heads_of(papers)
    for run in runs:
        paper = run.instance.document
        head = heads.get(paper.pk, "") if paper is not None and run.body.reads_head else False
        run.document = context.of_document(paper, head=head)


def _folded(state: dict[str, Any], facts: list[Fact]) -> dict[str, Any]:
    for fact in facts:
        state = fold.fold(state, fact.action, fact.data)
    return state


def take_status(run: Run) -> None:
    """Running or standing at an incident, by what its tokens say; its end is `effects.ending`'s to say."""
    instance = run.instance
    if not instance.is_alive:
        return
    stands = any(token["state"] == INCIDENT for token in instance.state["tokens"].values())
    if stands and instance.status == InstanceStatus.RUNNING:
        instance.stop_at_incident()
    elif not stands and instance.status == InstanceStatus.INCIDENT:
        instance.go_on()
