"""Definitions and runs as pictures."""

from workflows.drawing.picture import HEATS, StepFigures, Token, svg

__all__ = ["HEATS", "StepFigures", "Token", "svg"]
