"""When votes make an outcome. Plain rules, no database.

An outcome with a veto needs one vote; any other as many equal ones as the quorum says, or everybody's. As soon as no
outcome can get there with the voices that are left, the outcome is `no_majority`: a run never hangs on a split.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

NO_MAJORITY = "no_majority"
ALL = 0


def outcome_of(
    outcomes: Sequence[Mapping[str, Any]], votes: Sequence[str], *, quorum: int, remaining: int
) -> str | None:
    """What was decided by these votes (the last one last), or None while others are still asked.

    `remaining` voices are not given yet; a quorum of ALL wants every voice.
    """
    vetoes = {str(one["key"]) for one in outcomes if one.get("veto")}
    if votes and votes[-1] in vetoes:
        return votes[-1]
    needed = max(len(votes) + remaining, 1) if quorum == ALL else quorum
    counted = Counter(votes)
    for key, count in counted.items():
        if count >= needed:
            return key
    if not votes:
        return None
    reachable = (
        remaining > 0 if key in vetoes else counted[key] + remaining >= needed
        for key in (str(one["key"]) for one in outcomes)
    )
    return None if any(reachable) else NO_MAJORITY
