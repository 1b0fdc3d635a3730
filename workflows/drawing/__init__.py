"""Definitions and runs as pictures, and as lists that say the same."""

from workflows.drawing.marks import HEATS, StepFigures, Token
from workflows.drawing.outline import outline
from workflows.drawing.picture import svg

__all__ = ["HEATS", "StepFigures", "Token", "outline", "svg"]
