"""Decision tables."""

from typing import TYPE_CHECKING, Any

from workflows.engine.steps.kind import Kind
from workflows.engine.values import Trouble, filled, holds, inputs

if TYPE_CHECKING:
    from workflows.engine.run import Run


class Rule(Kind):
    """Sets variables by the first rule that hits, or by all of them in order."""

    def start(self, run: "Run", number: int) -> None:
        step, names = run.step(number), run.names_at(number)
        asked, hits = self._hits(step, names)
        if not hits and step.get("otherwise") is None:
            raise Trouble("no_rule", f"{step['id']}: no rule of the table fits, and it has no otherwise.")
        held: dict[str, Any] = {}
        for place in hits:
            held.update(filled(step["rules"][place].get("set") or {}, names, f"{step['id']}.rules[{place}].set"))
        if not hits:
            held = filled(step["otherwise"].get("set") or {}, names, f"{step['id']}.otherwise.set")
        held = {name: run.typed(name, inner) for name, inner in held.items()}
        chosen = [step["rules"][place] for place in hits] or [step["otherwise"]]
        reason = "; ".join(rule["reason"] for rule in chosen if rule.get("reason"))
        when = [step["rules"][place].get("when") or "" for place in hits]
        run.note(
            "ruled", token=number, step=step["id"], hits=hits, when=when, inputs=inputs(asked, names), reason=reason
        )
        run.leave(number, "done", comment=reason, result=held, set=held)

    def _hits(self, step: dict[str, Any], names: dict[str, Any]) -> tuple[list[str], list[int]]:
        """The conditions that were looked at, and the places of the rules that hit."""
        asked, hits = [], []
        for place, rule in enumerate(step["rules"]):
            if rule.get("when"):
                asked.append(rule["when"])
                if not holds(rule["when"], names, f"{step['id']}.rules[{place}].when"):
                    continue
            hits.append(place)
            if step.get("hit") != "all":
                break
        return asked, hits
