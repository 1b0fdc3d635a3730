"""Starting a run by a request that may be sent again: the same `Idempotency-Key` gives the run of the first time."""

from typing import Any

from accounts.refusals import NotFound
from accounts.rights import Action, Rights
from documents import idempotency
from workflows import again, by_hand
from workflows.models import Instance
from workflows.visibility import may_see

_RELATED = ("definition", "version", "department", "started_by", "document__newest")


@again.whole
def start(*, asked: idempotency.Key | None, rights: Rights, **wishes: Any) -> Instance:
    """As `by_hand.start`; `asked` again, with the same wishes, gives the run that was started then.

    Raises IdempotencyMismatch for other wishes, InFlight while the first is still at work, and what `by_hand.start`
    raises.
    """
    said = {name: value for name, value in wishes.items() if name != "by"}
    request = idempotency.asked(asked, said, ())
    if request is None:
        return by_hand.start(rights=rights, **wishes)
    known = request.hold()
    if known is not None:
        found = Instance.objects.select_related(*_RELATED).filter(pk=known["instance"]).first()
        hidden = rights.scope_allows(Action.SEE) and (found is None or not may_see(found, rights))
        if found is None or hidden:  # a key that only controls is answered once more what it was answered then
            raise NotFound("The run that this request started is there no more for you.")
        return found
    started = by_hand.start(rights=rights, **wishes)
    request.remember({"instance": str(started.pk)}, status=201)
    return started
