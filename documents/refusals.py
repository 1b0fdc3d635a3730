"""What intake says no with: refused at the door, nothing kept."""

from accounts.refusals import Conflict, Refusal, Unavailable


class Empty(Refusal):
    status, code, title = 400, "empty", "The file is empty"

    def __init__(self) -> None:
        super().__init__("The file holds no bytes. Look at the original and send it again.")


class TooLarge(Refusal):
    status, code, title = 413, "too_large", "The file is too large"

    def __init__(self, limit: int, what: str = "file") -> None:
        super().__init__(
            f"The {what} is larger than {limit / 1024 / 1024:.4g} MB. Split it, or ask for a higher limit."
        )


class Bomb(Refusal):
    status, code, title = 413, "bomb", "The file unpacks to far more than it shows"


class Unsupported(Refusal):
    status, code, title = 415, "unsupported", "This kind of file is not taken in"


class NoSpace(Refusal):
    status, code, title = 507, "no_space", "There is no room left for documents"

    def __init__(self) -> None:
        super().__init__("The disk for documents is full. Nothing was kept; tell the administrator and send it again.")


class StorageAway(Unavailable):
    """The place of originals does not answer, or breaks off. `why` and `kind` are for who runs the house."""

    title = "The storage of documents cannot be reached"

    def __init__(self, why: str, *, kind: str) -> None:
        self.why, self.kind = why, kind
        super().__init__(
            "The storage of documents cannot be reached just now: nothing was taken in or given out."
            " Try again in a minute.",
            retry_after=30,
        )


class StorageRefuses(StorageAway):
    """It answers, and is not as it must be: wrong keys, no such bucket, a disk that is not mounted."""


class UnknownSource(Refusal):
    status, code, title = 400, "unknown_source", "This source is not known"

    def __init__(self, key: str) -> None:
        said = f"There is no source named {key!r} that you may use." if key else "Name the source."
        super().__init__(said, errors={"source": [said]})


class Duplicate(Conflict):
    code, title = "duplicate", "These bytes are here already"


class IdempotencyMismatch(Refusal):
    status, code, title = 422, "idempotency_mismatch", "This Idempotency-Key was used for another request"

    def __init__(self) -> None:
        super().__init__("The same Idempotency-Key came with other content within 24 hours. Use a fresh key.")


class InFlight(Conflict):
    code, title = "in_flight", "The same request is still being answered"

    def __init__(self) -> None:
        super().__init__("A request with this Idempotency-Key is still being worked on. Ask again.", retry_after=1)
