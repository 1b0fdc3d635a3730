"""What human tasks say no with."""

from accounts.refusals import Conflict, NotAllowed, Refusal


class NotYours(NotAllowed):
    """It is seen, but this person does not decide it; the sentence says why."""

    code, title = "not_yours", "You do not decide this task"


class Excluded(NotYours):
    code, title = "excluded", "You may not decide this task"


class DecidedBefore(NotYours):
    """His voice is given already; others may still decide."""

    code, title = "decided_before", "You have decided this task already"


class AlreadyDecided(Conflict):
    code, title = "already_decided", "This task has been decided already"


class NotNeeded(Conflict):
    code, title = "not_needed", "This task is not needed any more"


class Superseded(Conflict):
    code, title = "superseded", "The document has a newer version"


class AlreadyClaimed(Conflict):
    code, title = "already_claimed", "Somebody else has taken this task"


class ClaimedByOther(Conflict):
    code, title = "claimed_by_other", "Somebody else has taken this task"


class NotClaimable(Conflict):
    code, title = "not_claimable", "Several people decide this task; nobody can take it"


class BadDecision(Refusal):
    """What was sent is no decision of this task; `errors` says it by field."""

    code, title = "bad_decision", "This is no decision of this task"


class Unable(Refusal):
    """The person who is to have the task cannot decide it; `errors` has the sentence under `to`."""

    code, title = "cannot_decide", "This person cannot decide the task"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, errors={"to": [detail]})
