"""What the gateway says no with.

A `Refusal` is shown to the caller: it has a stable `code`, an HTTP status and a sentence that tells what happened, why
and what to do next. Anything that is not a `Refusal` is a fault of ours or of the moment, and is never shown as is.
"""


class Refusal(Exception):
    """Base of every "no" that a caller may see.

    `detail` is a whole sentence for people; `errors` maps field names to lists of sentences.
    """

    status = 400
    code = "invalid"
    title = "The request cannot be carried out"
    headers: dict[str, str] = {}  # what HTTP says beside the body

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: dict[str, list[str]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.detail = detail or self.title + "."
        self.errors = errors
        self.retry_after = retry_after
        super().__init__(self.detail)


class NotSignedIn(Refusal):
    status, code, title = 401, "not_authenticated", "Sign in first"


class NotAllowed(Refusal):
    """You may know that it exists, but not do this with it."""

    status, code, title = 403, "not_allowed", "You may not do this"


class NotFound(Refusal):
    """It does not exist, or you may not know that it does."""

    status, code, title = 404, "not_found", "There is nothing here that you may see"


class Conflict(Refusal):
    status, code, title = 409, "conflict", "Somebody else changed this first"


class IllegalMove(Conflict):
    code, title = "illegal_move", "This is not possible in the present state"


class TooMany(Refusal):
    status, code, title = 429, "too_many", "Too many requests"


class Unavailable(Refusal):
    """Something that this needs is away for the moment.

    A job that meets it waits without spending an attempt, for a while. `why` is for who runs the house.
    """

    why = ""
    status, code, title = 503, "unavailable", "This is not possible just now"
