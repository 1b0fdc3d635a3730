"""The five ways through the house that a new gateway knows. Published once; what people make of them stays."""

from pathlib import Path

from workflows.definitions import publishing
from workflows.models import Definition

FOLDER = Path(__file__).with_name("built_in")
NOTE = "Came with the gateway."


def seed() -> int:
    """Publish what is missing, and a newer text where nobody has touched the last one; how many were published.

    Subflows come before who calls them: the files go by name, and one that is refused for another is tried after it.
    """
    texts = {file.stem: file.read_text() for file in sorted(FOLDER.glob("*.yaml"))}
    known = {one.key: one for one in Definition.objects.filter(key__in=texts).select_related("published")}
    wanted = [key for key in _by_calls(texts) if _is_wanted(known.get(key), texts[key])]
    for key in wanted:
        publishing.publish(key=key, source=texts[key], by=None, note=NOTE)
    return len(wanted)


def _is_wanted(definition: Definition | None, text: str) -> bool:
    if definition is None:
        return True
    published = definition.published
    by_people = definition.draft_by_id is not None or published is None or published.published_by_id is not None
    return not by_people and published is not None and published.source != text


def _by_calls(texts: dict[str, str]) -> list[str]:
    """The keys, each after those whose runs it starts."""
    called = {key: {other for other in texts if f"definition: {other}" in text} for key, text in texts.items()}
    order: list[str] = []
    while len(order) < len(texts):
        order += sorted(key for key in texts if key not in order and called[key] <= set(order))
    return order
