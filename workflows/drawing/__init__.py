"""Definitions and runs as pictures."""

from workflows.drawing.picture import StepFigures, Token, svg

__all__ = ["StepFigures", "Token", "svg"]
