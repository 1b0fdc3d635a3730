"""What a function that runs in a child may raise to be understood by the worker."""

from typing import Any


class Answer(Exception):
    """A "no" that is an answer: the file is the reason, and trying again would not help.

    Any exception with text attributes `code` and `detail` counts as one, whether it derives from this class or not;
    `data` is for plain values.
    """

    code = "refused"

    def __init__(self, detail: str, *, code: str = "", data: dict[str, Any] | None = None) -> None:
        self.detail, self.data = detail, data or {}
        if code:
            self.code = code
        super().__init__(detail)


def as_answer(error: BaseException) -> tuple[str, str, dict[str, Any]] | None:
    """`(code, detail, data)` of an answer; None for every other error."""
    code, detail = getattr(error, "code", None), getattr(error, "detail", None)
    if isinstance(code, str) and isinstance(detail, str):
        data = getattr(error, "data", None)
        return code, detail, data if isinstance(data, dict) else {}
    return None
