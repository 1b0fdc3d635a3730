"""Steps that ask people: decisions and acknowledgements."""

from typing import TYPE_CHECKING, Any, ClassVar

from workflows.engine.body import Step
from workflows.engine.steps.kind import Kind
from workflows.engine.talk import CloseTask, Decided, News, OpenTask, Superseded
from workflows.engine.values import Trouble, bounded, entries, plain, value

if TYPE_CHECKING:
    from workflows.engine.run import Run


class Human(Kind):
    """Opens a task and goes on with its outcome."""

    waits = True
    asked: ClassVar[tuple[str, ...]] = ("candidates", "exclude")

    def start(self, run: "Run", number: int) -> None:
        step, names = run.step(number), run.names_at(number)
        values = {field: entries(step.get(field) or [], names, f"{step['id']}.{field}") for field in self.asked}
        values = bounded(values, "Who is asked")
        if computed := _defaults(step, {"today": run.context.today, **names}):
            values["defaults"] = computed
        run.ask(OpenTask(number, step, round=run.token(number)["round"], values=values))

    def hear(self, run: "Run", number: int, news: News) -> None:
        step = run.step(number)
        if isinstance(news, Superseded):
            if step.get("bound_to_version", True) is not False:
                self._anew(run, number, step)
        elif isinstance(news, Decided):
            form = run.fitting(bounded(news.form, "The form"))
            run.leave(
                number,
                plain(news.outcome),
                by=plain(news.by),
                comment=run.fitting(bounded(news.comment, "The comment")),
                form=form,
                set=self._saved(run, step, form),
            )

    def _saved(self, run: "Run", step: Step, form: dict[str, Any]) -> dict[str, Any]:
        fields = [field for field in step.get("form") or () if field.get("save") and field["name"] in form]
        return {field["save"]: run.typed(field["save"], form[field["name"]]) for field in fields}

    def _anew(self, run: "Run", number: int, step: Step) -> None:
        token = run.token(number)
        run.note("superseded", token=number, step=step["id"])
        run.release(number, token, step)
        run.left(number, step, "superseded")
        run.start(run.enter(step, token["frame"], token["index"]))

    def take_back(self, run: "Run", number: int, step: Step) -> None:
        run.ask(CloseTask(number, step))


def _defaults(step: Step, names: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the expressions of the form's defaults give: by field `value`, or `trouble`: a broken one hides no task."""
    computed = [field for field in step.get("form") or () if isinstance(field.get("default"), dict)]
    return {field["name"]: _computed(field, names) for field in computed}


def _computed(field: Step, names: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": bounded(value(field["default"]["expr"], names, field["name"]), "The default")}
    except Trouble as trouble:
        return {"trouble": trouble.detail}


class Acknowledge(Human):
    """Asks everybody named to confirm to have read."""

    asked: ClassVar[tuple[str, ...]] = ("people",)
