"""A definition or a run as a picture and as a list that says the same, in the language of the page.

Conditions are said in words (`kmrl.pages.condition_words`); what is written for them is told on hover and in a fold.
Which of the two is shown first is the page's width to say; `static/flow.js` lets people choose.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from kmrl.pages import condition_words, flow_words
from workflows import drawing


@dataclass(frozen=True)
class Drawn:
    """Both hold no text that is not escaped: that is done where they are made."""

    picture: SafeString
    steps: SafeString


def of(body: dict[str, Any], **more: Any) -> Drawn:
    """`more` is what `workflows.drawing.svg` takes: tokens, or figures and heat. The page brings the colours."""
    language = "ml" if flow_words.malayalam() else "en"
    say = condition_words.of(body)
    picture = drawing.svg(body, language=language, styled=False, say=say, **more)
    steps = drawing.outline(body, language=language, say=say, **more)
    return Drawn(mark_safe(picture), mark_safe(steps))  # noqa: S308
