"""Why a definition is not taken."""

from collections.abc import Sequence

from accounts.refusals import Conflict, NotAllowed, Refusal
from workflows.definitions.problems import Problem


class NotYoursToWrite(NotAllowed):
    code, title = "not_allowed", "Only administrators write and publish definitions"


class NotKeepable(Refusal):
    """The text has no key to be kept under."""

    status, code, title = 422, "not_keepable", "The draft cannot be kept"


class NotPublishable(Refusal):
    """The definition has errors: `problems` are all of them; `errors` maps places to sentences."""

    status, code, title = 422, "not_publishable", "The definition cannot be published"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        errors: dict[str, list[str]] = {}
        for problem in self.problems:
            errors.setdefault(problem.path or "definition", []).append(f"Line {problem}")
        count = len(self.problems)
        first = self.problems[0]
        many = f"It has {count} errors; the first" if count > 1 else "It has an error"
        super().__init__(f"{many}, in line {first.line}: {first.message} {first.advice}".rstrip(), errors=errors)


class Unchanged(Conflict):
    """What is to be published is what is published already, word for word once defaults are filled in."""

    code, title = "unchanged", "Nothing has changed"

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"This is what version {number} says already: nothing was published.")
