"""Definitions and runs as pictures, and as lists that say the same."""

from workflows.drawing.marks import HEATS, StepFigures, Token
from workflows.drawing.outline import outline
from workflows.drawing.picture import svg
from workflows.drawing.words import Say

__all__ = ["HEATS", "Say", "StepFigures", "Token", "outline", "svg"]
