"""A definition as BPMN 2.0, with the coordinates of its drawing: for those who look at it with other tools.

It is a picture with meaning, not something that another engine would run as it is: conditions are CEL, people are
named in the documentation of user tasks.
"""

import re
from typing import Any
from xml.etree import ElementTree as ET

from workflows import durations
from workflows.definitions.steps import by_id
from workflows.drawing import boundaries, words
from workflows.drawing import shapes as roles
from workflows.drawing.layout import Pen
from workflows.drawing.shapes import Edge, Figure, Shape

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
CEL = "https://github.com/google/cel-spec"
TARGET = "urn:kmrl:workflows"
_PREFIXES = {"bpmn": BPMN, "bpmndi": DI, "dc": DC, "di": DD, "xsi": XSI}
_UNSAYABLE = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Step = dict[str, Any]


def export(body: dict[str, Any]) -> str:
    """The body as a BPMN 2.0 document with one process and its diagram."""
    for prefix, uri in _PREFIXES.items():
        ET.register_namespace(prefix, uri)
    return _Writer(body).document()


class _Writer:
    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.steps = by_id(body)
        self.figure: Figure = Pen().whole(body)
        self.flows = {f"flow_{number}": edge for number, edge in enumerate(self.figure.edges, start=1)}
        self.process_id = f"process_{body['key']}"
        self.root = ET.Element(
            _q(BPMN, "definitions"),
            {"id": f"definitions_{body['key']}", "targetNamespace": TARGET, "expressionLanguage": CEL},
        )
        self.messages: dict[str, str] = {}

    def document(self) -> str:
        waits = dict.fromkeys(step["event"] for step in self.steps.values() if step["kind"] == "wait_event")
        for number, event in enumerate(waits, start=1):
            self.messages[event] = f"message_{number}"
            ET.SubElement(self.root, _q(BPMN, "message"), {"id": f"message_{number}", "name": event})
        process = ET.SubElement(
            self.root,
            _q(BPMN, "process"),
            {"id": self.process_id, "name": _clean(self.body["title"]), "isExecutable": "false"},
        )
        if self.body["description"]:
            ET.SubElement(process, _q(BPMN, "documentation")).text = _clean(self.body["description"])
        self._scope(process, "")
        self._diagram()
        ET.indent(self.root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(self.root, encoding="unicode") + "\n"

    # --- the process

    def _scope(self, holder: ET.Element, within: str) -> None:
        """The nodes of a process or of a frame, and the flows between them."""
        inside = {shape.key: shape for shape in self.figure.shapes if shape.within == within}
        for shape in inside.values():
            self._node(holder, shape)
        for flow_id, edge in self.flows.items():
            if edge.source in inside:
                self._flow(holder, flow_id, edge)

    def _node(self, holder: ET.Element, shape: Shape) -> None:
        step = self.steps.get(shape.step, {})
        tag, more = self._tag(shape, step)
        name = " ".join(shape.lines)
        if shape.role in {roles.TASK, roles.FRAME, roles.SPLIT} and step:
            name = words.title(step, "en")
        given = {"id": shape.key, **({"name": _clean(name)} if name else {}), **more}
        node = ET.SubElement(holder, _q(BPMN, tag), given)
        if shape.role == roles.TASK and (said := "; ".join(line.text for line in words.details(step))):
            ET.SubElement(node, _q(BPMN, "documentation")).text = _clean(said)
        for flow_id, edge in self.flows.items():
            if edge.target == shape.key:
                ET.SubElement(node, _q(BPMN, "incoming")).text = flow_id
        for flow_id, edge in self.flows.items():
            if edge.source == shape.key:
                ET.SubElement(node, _q(BPMN, "outgoing")).text = flow_id
        self._inside(node, shape, step, tag)

    def _tag(self, shape: Shape, step: Step) -> tuple[str, dict[str, str]]:
        match shape.role:
            case roles.START | roles.INNER_START:
                return "startEvent", {}
            case roles.END | roles.INNER_END | roles.STOP:
                return "endEvent", {}
            case roles.GUARD | roles.MERGE:
                return "exclusiveGateway", self._gateway(shape, diverging=shape.role == roles.GUARD)
            case roles.SPLIT:
                tag = "exclusiveGateway" if shape.kind == "choice" else "parallelGateway"
                return tag, self._gateway(shape, diverging=True)
            case roles.JOIN:
                tag = "exclusiveGateway" if shape.kind == "choice" else "parallelGateway"
                if shape.kind == "parallel" and step["join"] != "all":
                    tag = "complexGateway"
                return tag, self._gateway(shape, diverging=False)
            case roles.FRAME:
                return "subProcess", {}
            case roles.BOUNDARY:
                instead = any(one.instead for one in boundaries.of(step) if shape.key == f"{step['id']}.{one.name}")
                return "boundaryEvent", {
                    "attachedToRef": shape.attached,
                    "cancelActivity": "true" if instead else "false",
                }
        return self._activity(step)

    def _activity(self, step: Step) -> tuple[str, dict[str, str]]:
        bordered = boundaries.has_any(step)
        match step["kind"]:
            case "service":
                return "serviceTask", {}
            case "rule":
                return "businessRuleTask", {}
            case "subflow":
                return "callActivity", {"calledElement": f"process_{step['definition']}"}
            case "timer":  # an event has no boundary: with one it is a task that waits
                return ("task" if bordered else "intermediateCatchEvent"), {}
            case "wait_event":
                return ("receiveTask", {"messageRef": self.messages[step["event"]]}) if bordered else (
                    "intermediateCatchEvent", {},
                )  # fmt: skip
            case "compensate":
                return ("task" if bordered else "intermediateThrowEvent"), {}
        return "userTask", {}

    def _gateway(self, shape: Shape, *, diverging: bool) -> dict[str, str]:
        more = {"gatewayDirection": "Diverging" if diverging else "Converging"}
        default = next((key for key, edge in self.flows.items() if edge.source == shape.key and edge.default), None)
        return {**more, "default": default} if default else more

    def _inside(self, node: ET.Element, shape: Shape, step: Step, tag: str) -> None:
        if shape.role == roles.FRAME:
            self._loop(node, step)
            self._scope(node, shape.key)
        elif shape.role == roles.BOUNDARY:
            self._boundary(node, shape, step)
        elif shape.role == roles.END and shape.step:
            ET.SubElement(node, _q(BPMN, "terminateEventDefinition"))
        elif tag == "userTask" and step["kind"] == "acknowledge":
            ET.SubElement(node, _q(BPMN, "multiInstanceLoopCharacteristics"), {"isSequential": "false"})
        elif tag == "complexGateway":
            self._expression(node, "activationCondition", words.join(step))
        elif tag == "intermediateCatchEvent" and step["kind"] == "timer":
            self._timer(node, step["wait"], words.value(step["until"]).text)
        elif tag == "intermediateCatchEvent":
            ET.SubElement(node, _q(BPMN, "messageEventDefinition"), {"messageRef": self.messages[step["event"]]})
        elif tag == "intermediateThrowEvent":
            ET.SubElement(node, _q(BPMN, "compensateEventDefinition"))

    def _loop(self, node: ET.Element, step: Step) -> None:
        if step["kind"] == "repeat":
            limit = {"testBefore": "false", "loopMaximum": str(step["most"])}
            loop = ET.SubElement(node, _q(BPMN, "standardLoopCharacteristics"), limit)
            self._expression(loop, "loopCondition", f"!({step['until']})")
        if step["kind"] == "foreach":
            one_by_one = "true" if step["mode"] == "sequence" else "false"
            many = ET.SubElement(node, _q(BPMN, "multiInstanceLoopCharacteristics"), {"isSequential": one_by_one})
            self._expression(many, "loopCardinality", f"size({step['items']})")

    def _boundary(self, node: ET.Element, shape: Shape, step: Step) -> None:
        if shape.kind == "error":
            ET.SubElement(node, _q(BPMN, "errorEventDefinition"))
            return
        found = next(one for one in boundaries.of(step) if shape.key == f"{step['id']}.{one.name}")
        after = step["on_timeout"]["after"] if found.name == "timeout" else None
        self._timer(node, after, found.said)

    def _timer(self, node: ET.Element, wait: str | None, otherwise: str) -> None:
        timer = ET.SubElement(node, _q(BPMN, "timerEventDefinition"))
        duration = durations.read(wait) if wait else None
        if duration and not duration.working:
            self._expression(timer, "timeDuration", f"PT{duration.seconds:.0f}S")
        else:
            self._expression(timer, "timeDate" if wait is None else "timeDuration", wait or otherwise)

    def _flow(self, holder: ET.Element, flow_id: str, edge: Edge) -> None:
        given = {"id": flow_id, "sourceRef": edge.source, "targetRef": edge.target}
        flow = ET.SubElement(holder, _q(BPMN, "sequenceFlow"), given)
        if edge.condition:
            self._expression(flow, "conditionExpression", edge.condition)

    def _expression(self, holder: ET.Element, name: str, text: str) -> None:
        element = ET.SubElement(holder, _q(BPMN, name), {_q(XSI, "type"): "bpmn:tFormalExpression"})
        element.text = _clean(text)

    # --- the diagram

    def _diagram(self) -> None:
        diagram = ET.SubElement(self.root, _q(DI, "BPMNDiagram"), {"id": "diagram"})
        plane = ET.SubElement(diagram, _q(DI, "BPMNPlane"), {"id": "plane", "bpmnElement": self.process_id})
        for shape in self.figure.shapes:
            given = {"id": f"{shape.key}.di", "bpmnElement": shape.key}
            if shape.role == roles.FRAME:
                given["isExpanded"] = "true"
            if shape.role in {roles.SPLIT, roles.JOIN, roles.GUARD, roles.MERGE} and shape.kind != "parallel":
                given["isMarkerVisible"] = "true"
            drawn = ET.SubElement(plane, _q(DI, "BPMNShape"), given)
            ET.SubElement(drawn, _q(DC, "Bounds"), {
                "x": _n(shape.x), "y": _n(shape.y), "width": _n(shape.width), "height": _n(shape.height),
            })  # fmt: skip
        for flow_id, edge in self.flows.items():
            drawn = ET.SubElement(plane, _q(DI, "BPMNEdge"), {"id": f"{flow_id}.di", "bpmnElement": flow_id})
            for x, y in edge.points:
                ET.SubElement(drawn, _q(DD, "waypoint"), {"x": _n(x), "y": _n(y)})


def _q(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _clean(text: str) -> str:
    """Without what XML cannot say."""
    return _UNSAYABLE.sub("\ufffd", str(text))
