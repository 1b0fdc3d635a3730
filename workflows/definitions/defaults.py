"""A definition with everything said that the language says by itself: what the engine runs."""

from copy import deepcopy
from typing import Any

from workflows.definitions.steps import blocks

Body = dict[str, Any]

OUTCOMES: list[Body] = [
    {"key": "approved", "title": "Approve", "title_ml": "അംഗീകരിക്കുക", "shortcut": "a"},
    {
        "key": "rejected",
        "title": "Reject",
        "title_ml": "നിരസിക്കുക",
        "comment": "required",
        "veto": True,
        "shortcut": "r",
    },
]
_WHOLE: Body = {
    "title_ml": "", "category": "standard", "description": "", "one_at_a_time": True, "variables": {}, "triggers": [],
    "sla": None,
}  # fmt: skip
_VARIABLE: Body = {"default": None, "title": "", "title_ml": "", "description": ""}
_TRIGGER: Body = {
    "when": None, "priority": 50, "also": False, "reason": "", "with": {}, "every": None, "at": None,
}  # fmt: skip
_STEP: Body = {
    "title": None, "title_ml": None, "when": None, "on_error": None, "on_timeout": None, "sla": None,
}  # fmt: skip
_SLA: Body = {"calendar": "office", "warn_at": 0.75, "pause_while": [], "ladder": []}
_RUNG: Body = {"to": [], "to_priority": None, "steps": []}
_OUTCOME: Body = {"title": "", "title_ml": "", "comment": "optional", "veto": False, "shortcut": None}
_FIELD: Body = {"title": "", "title_ml": "", "required": False, "choices": [], "default": None, "save": None}
_BRANCH: Body = {"title": None, "title_ml": None}
_KINDS: dict[str, Body] = {
    "service": {"with": {}, "save": None, "undo": None},
    "rule": {"hit": "first", "otherwise": None},
    "parallel": {"join": "all", "others": "cancel"},
    "human": {
        "question": "", "question_ml": "", "exclude": [], "quorum": 1, "outcomes": OUTCOMES, "form": [], "due": None,
        "follow_up": None, "delegate": True, "bound_to_version": True, "mail": False,
    },
    "acknowledge": {
        "question": "", "question_ml": "", "by_shift": True, "due": None, "chase": None, "share": 1.0,
    },
    "timer": {"wait": None, "until": None},
    "wait_event": {"key": None, "match": None, "save": None},
    "repeat": {"most": 10, "exhausted": "incident"},
    "foreach": {"mode": "parallel", "join": "all", "others": "cancel", "most": 200},
    "subflow": {"with": {}, "save": None},
    "compensate": {"of": None},
}  # fmt: skip


def filled(data: Body) -> Body:
    """A copy of a well-shaped definition with every default of the language written into it."""
    body = {**deepcopy(_WHOLE), **deepcopy(data)}
    for name, variable in body["variables"].items():
        body["variables"][name] = {**_VARIABLE, **variable}
    body["triggers"] = [{**deepcopy(_TRIGGER), **trigger} for trigger in body["triggers"]]
    body["sla"] = _sla(body["sla"])
    body["steps"] = [_step(step) for step in body["steps"]]
    return body


def _step(given: Body) -> Body:
    step = {**_STEP, **deepcopy(_KINDS.get(given["kind"], {})), **given}
    step["sla"] = _sla(step["sla"])
    if step["on_timeout"]:
        step["on_timeout"] = {"steps": [], "cancel": True, **step["on_timeout"]}
    _KIND_FILLERS.get(step["kind"], _nothing)(step)
    for _, block in blocks(step):
        block[:] = [_step(inner) for inner in block]
    return step


def _sla(given: Body | None) -> Body | None:
    if given is None:
        return None
    sla = {**deepcopy(_SLA), **given}
    sla["ladder"] = [{**deepcopy(_RUNG), **rung} for rung in sla["ladder"]]
    return sla


def _nothing(step: Body) -> None:
    """This kind says nothing by itself that is nested."""


def _human(step: Body) -> None:
    step["outcomes"] = [{**_OUTCOME, **one} for one in step["outcomes"]]
    for outcome in step["outcomes"]:
        outcome["title"] = outcome["title"] or spoken(outcome["key"])
    step["form"] = [{**deepcopy(_FIELD), **one} for one in step["form"]]
    for one in step["form"]:
        one["title"] = one["title"] or spoken(one["name"])


def _service(step: Body) -> None:
    if step["undo"]:
        step["undo"] = {"with": {}, **step["undo"]}


def _rule(step: Body) -> None:
    step["rules"] = [{"set": {}, "reason": "", **rule} for rule in step["rules"]]


def _options(step: Body) -> None:
    step["options"] = [{**_BRANCH, **option} for option in step["options"]]


def _branches(step: Body) -> None:
    step["branches"] = [{**_BRANCH, **branch} for branch in step["branches"]]


def _acknowledge(step: Body) -> None:
    if step["chase"]:
        step["chase"] = {"then_head_after": None, **step["chase"]}


_KIND_FILLERS = {
    "human": _human, "service": _service, "rule": _rule, "choice": _options, "parallel": _branches,
    "acknowledge": _acknowledge,
}  # fmt: skip


def spoken(name: str) -> str:
    """A name as a title: `answer_by` is “Answer by”."""
    return name.replace("_", " ").replace("-", " ").capitalize()


def lean(body: Body) -> Body:
    """The inverse of `filled`: without what the language says by itself."""
    whole = _less(body, _WHOLE)
    if body["variables"]:
        whole["variables"] = {name: _less(one, _VARIABLE) for name, one in body["variables"].items()}
    if body["triggers"]:
        whole["triggers"] = [_less(trigger, _TRIGGER) for trigger in body["triggers"]]
    if body["sla"]:
        whole["sla"] = _lean_sla(body["sla"])
    whole.pop("steps")
    return {**whole, "steps": [_lean_step(step) for step in body["steps"]]}


def _less(held: Body, defaults: Body) -> Body:
    return {name: inner for name, inner in held.items() if name not in defaults or inner != defaults[name]}


def _lean_sla(sla: Body) -> Body:
    kept = _less(sla, _SLA)
    if sla["ladder"]:
        kept["ladder"] = [
            {**_less(rung, _RUNG), **({"steps": _lean_steps(rung["steps"])} if rung["do"] == "path" else {})}
            for rung in sla["ladder"]
        ]
    return kept


def _lean_steps(steps: list[Body]) -> list[Body]:
    return [_lean_step(step) for step in steps]


def _lean_step(step: Body) -> Body:
    kept = _less(step, {**_STEP, **_KINDS.get(step["kind"], {})})
    for name in ("options", "branches"):
        if name in step:
            kept[name] = [{**_less(one, _BRANCH), "steps": _lean_steps(one["steps"])} for one in step[name]]
    if step["kind"] in {"repeat", "foreach"}:
        kept["steps"] = _lean_steps(step["steps"])
    for name in ("on_error", "on_timeout", "otherwise"):
        if isinstance(step.get(name), dict) and "steps" in step[name]:
            kept[name] = {**step[name], "steps": _lean_steps(step[name]["steps"])}
    if step["sla"]:
        kept["sla"] = _lean_sla(step["sla"])
    _LEAN.get(step["kind"], _lean_nothing)(step, kept)
    return kept


def _lean_nothing(step: Body, kept: Body) -> None:
    """Nothing nested is said by default."""


def _lean_human(step: Body, kept: Body) -> None:
    outcomes = [_less(one, {**_OUTCOME, "title": spoken(one["key"])}) for one in step["outcomes"]]
    kept.pop("outcomes", None)
    if outcomes != [_less(one, {**_OUTCOME, "title": spoken(one["key"])}) for one in OUTCOMES]:
        kept["outcomes"] = outcomes
    if step["form"]:
        kept["form"] = [_less(one, {**_FIELD, "title": spoken(one["name"])}) for one in step["form"]]


def _lean_rule(step: Body, kept: Body) -> None:
    kept["rules"] = [_less(rule, {"set": {}, "reason": ""}) for rule in step["rules"]]


def _lean_acknowledge(step: Body, kept: Body) -> None:
    if step["chase"]:
        kept["chase"] = _less(step["chase"], {"then_head_after": None})


_LEAN = {"human": _lean_human, "rule": _lean_rule, "acknowledge": _lean_acknowledge}
