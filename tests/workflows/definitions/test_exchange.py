"""Definitions as YAML, JSON and BPMN: nothing is lost on the way, every reference resolves."""

from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.workflows.definitions.texts import BUILT_IN, FULL, SMALL
from workflows.definitions import bpmn, defaults, exchange, reading, shape

TEXTS = [SMALL, FULL, *(path.read_text() for path in BUILT_IN)]
MODEL, DI = f"{{{bpmn.BPMN}}}", f"{{{bpmn.DI}}}"


def body_of(text: str) -> dict:
    source = reading.read(text)
    assert [*source.problems, *shape.problems(source)] == []
    return defaults.filled(source.data)


@pytest.mark.parametrize("text", TEXTS)
def test_yaml_and_json_give_the_same_body_again(text):
    body = body_of(text)
    assert body_of(exchange.to_yaml(body)) == body
    assert body_of(exchange.to_json(body)) == body
    assert body_of(exchange.as_yaml(exchange.to_json(body))) == body


@pytest.mark.parametrize("text", TEXTS)
def test_what_goes_without_saying_is_not_said(text):
    said = exchange.to_yaml(body_of(text))
    assert len(said) < len(text) * 1.7
    assert ": null\n" not in said


def test_texts_that_look_like_something_else_stay_texts():
    held = {
        "a": "1e5",
        "b": "on",
        "c": "08:00",
        "d": "null",
        "e": "two\nlines",
        "f": " x ",
        "g": "12",
        "h": "2026-01-02",
    }
    text = yaml.dump(held, Dumper=exchange._Dumper, sort_keys=False)
    assert reading.read(text).data == held


@pytest.mark.parametrize("text", TEXTS)
def test_bpmn_has_no_reference_that_leads_nowhere_and_a_place_for_everything(text):
    root = ET.fromstring(bpmn.export(body_of(text)))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    for element in root.iter():
        for reference in ("sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "bpmnElement"):
            if element.get(reference) is not None:
                assert element.get(reference) in named, (reference, element.attrib)
        if element.tag in {f"{MODEL}incoming", f"{MODEL}outgoing"}:
            assert named[element.text].tag == f"{MODEL}sequenceFlow"
    drawn = {element.get("bpmnElement") for element in root.iter() if element.tag.startswith(DI)}
    process = root.find(f"{MODEL}process")
    nodes = [element for element in process.iter() if element.get("id")]
    assert {element.get("id") for element in nodes} <= drawn


@pytest.mark.parametrize("text", TEXTS)
def test_bpmn_flows_stay_within_their_process_and_lead_through_every_node(text):
    process = ET.fromstring(bpmn.export(body_of(text))).find(f"{MODEL}process")
    for scope in (process, *process.iter(f"{MODEL}subProcess")):
        inside = {element.get("id"): element for element in scope}
        flows = scope.findall(f"{MODEL}sequenceFlow")
        for flow in flows:
            assert flow.get("sourceRef") in inside
            assert flow.get("targetRef") in inside
            assert inside[flow.get("sourceRef")].tag != f"{MODEL}endEvent"
            assert inside[flow.get("targetRef")].tag not in {f"{MODEL}startEvent", f"{MODEL}boundaryEvent"}
        reached = {flow.get("targetRef") for flow in flows}
        for node in scope:
            if node.get("id") is None or node.tag in {
                f"{MODEL}sequenceFlow",
                f"{MODEL}startEvent",
                f"{MODEL}boundaryEvent",
            }:
                continue
            if node.tag != f"{MODEL}multiInstanceLoopCharacteristics":
                assert node.get("id") in reached, node.get("id")
        for node in scope.findall(f"{MODEL}boundaryEvent"):
            assert (
                inside[node.get("attachedToRef")]
                .tag.removeprefix(MODEL)
                .lower()
                .endswith(("task", "process", "activity"))
            )


def test_bpmn_says_each_kind_in_its_own_way():
    root = ET.fromstring(bpmn.export(body_of(FULL)))
    tags = {
        element.get("id"): element.tag.removeprefix(MODEL) for element in root.iter() if element.tag.startswith(MODEL)
    }
    assert {
        "find": "serviceTask", "weigh": "businessRuleTask", "which": "exclusiveGateway", "rounds": "subProcess",
        "review": "userTask", "both": "parallelGateway", "both.join": "complexGateway", "child": "callActivity",
        "hear": "intermediateCatchEvent", "each": "subProcess", "told": "userTask", "undo": "intermediateThrowEvent",
        "finish": "endEvent", "find.error": "boundaryEvent", "review.timeout": "boundaryEvent", "sorry":
        "intermediateCatchEvent",
    }.items() <= tags.items()  # fmt: skip
    assert root.find(".//*[@id='review.timeout']").get("cancelActivity") == "false"
    assert root.find(".//*[@id='find.error']").get("cancelActivity") == "true"
    assert root.find(f".//*[@id='each']/{MODEL}multiInstanceLoopCharacteristics").get("isSequential") == "true"
    assert root.find(f".//*[@id='rounds']/{MODEL}standardLoopCharacteristics").get("loopMaximum") == "3"
    assert root.find(f".//*[@id='sorry']/{MODEL}timerEventDefinition/{MODEL}timeDuration").text == "PT3600S"
    conditions = [one.text for one in root.iter(f"{MODEL}conditionExpression")]
    assert 'name != ""' in conditions
    assert "vars.urgent" in conditions
