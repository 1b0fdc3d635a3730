"""What a service step may `call`, and the actions that the gateway brings along."""

from workflows.actions import correcting, finding, matching, telling
from workflows.actions.registry import Action, Given, NotPossible, Param, describe, get, names, register

__all__ = ["Action", "Given", "NotPossible", "Param", "describe", "get", "names", "register"]

for _action in (*correcting.ACTIONS, *finding.ACTIONS, *matching.ACTIONS, *telling.ACTIONS):
    register(_action)
