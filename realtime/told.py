"""What every event has in common."""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Base of all events: `type` is the name on the wire, `durable` says whether it gets a position.

    `to_come` is one whose part of the gateway is not built yet: the contract names it, nothing tells it.
    """

    type: ClassVar[str]
    durable: ClassVar[bool] = True
    to_come: ClassVar[bool] = False

    def data(self) -> dict[str, Any]:
        """What goes over the wire and into the log. The fields hold plain JSON values, so nothing is copied deeply."""
        names: tuple[str, ...] = self.__slots__
        return {name: getattr(self, name) for name in names}
