from realtime.models.event import Event, Head
from realtime.models.ticket import Ticket

__all__ = ["Event", "Head", "Ticket"]
