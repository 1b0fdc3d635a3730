"""Texts of definitions for tests."""

from pathlib import Path

BUILT_IN = sorted((Path(__file__).parents[3] / "workflows/seeding/built_in").glob("*.yaml"))

SMALL = """\
key: small
title: A small one
steps:
  - id: review
    kind: human
    candidates: [{department: operations, role: reviewer}]
"""

FULL = """\
key: full
title: Everything that the language has
title_ml: എല്ലാം
category: compliance
description: |
  One of each kind,
  and of each boundary.
one_at_a_time: false
variables:
  amount: {type: number, default: 1.5}
  names: {type: list, default: []}
  answer_by: {type: date}
  urgent: {type: boolean, default: false}
  found: {type: map}
triggers:
  - on: document.processed
    when: document.type == "directive" && has(document.facts.amount)
    priority: 60
    also: true
    reason: Because.
    with: {amount: {expr: document.facts.amount}, urgent: true}
  - {on: schedule, every: 1 days}
  - {on: schedule, at: "08:00"}
sla:
  target: 5 working days
  pause_while: [review]
  ladder:
    - {after: 50 %, do: notify, to: [{head_of: {expr: document.department}}]}
    - {after: 100 %, do: raise_priority, to_priority: emergency}
steps:
  - id: find
    kind: service
    call: term.find
    save: found
    undo: {call: notify, with: {people: [{uploader: true}], text: Taken back.}}
    on_error: {steps: [{id: sorry, kind: timer, wait: 1 hours}]}
  - id: weigh
    kind: rule
    hit: all
    rules:
      - {when: vars.amount > 100, set: {urgent: true}, reason: It is much.}
      - {when: vars.amount <= 100, set: {urgent: {expr: vars.amount > 50}}}
    otherwise: {set: {urgent: false}}
  - id: which
    kind: choice
    title: Which way
    options:
      - {when: vars.urgent, title: Quick, steps: [{id: wait_a_bit, kind: timer, until: {expr: document.date}}]}
    otherwise: {steps: []}
  - id: rounds
    kind: repeat
    until: steps.review.outcome == "approved"
    most: 3
    exhausted: continue
    steps:
      - id: review
        kind: human
        title: Review
        title_ml: പരിശോധന
        question: Is it right?
        candidates: [{department: operations, role: reviewer}, {head_of: {expr: document.department}}]
        exclude: [{uploader: true}]
        outcomes:
          - {key: approved, shortcut: a}
          - {key: returned, title: Return, comment: required, veto: true}
        form:
          - {name: answer_by, type: date, required: true, save: answer_by}
          - {name: how, type: choice, choices: [by post, by mail]}
        due: 2 working days
        on_timeout:
          after: 3 days
          cancel: false
          steps: [{id: nudge, kind: service, call: notify, with: {people: [{uploader: true}], text: Late.}}]
        sla:
          target: 2 working days
          ladder: [{after: 150 %, do: path, steps: [{id: beside, kind: timer, wait: 1 hours}]}]
  - id: both
    kind: parallel
    join: {at_least: 1}
    others: finish
    branches:
      - {title: One, steps: [{id: child, kind: subflow, definition: standard}]}
      - steps:
          - {id: hear, kind: wait_event, event: document.version, key: {expr: document.id}, match: event.number > 1}
  - id: each
    kind: foreach
    items: vars.names
    as: name
    mode: sequence
    steps:
      - {id: told, kind: acknowledge, people: [{expr: name}], chase: {every: 1 hours}, when: name != ""}
  - {id: undo, kind: compensate, of: [find]}
  - {id: finish, kind: end, outcome: over}
"""
