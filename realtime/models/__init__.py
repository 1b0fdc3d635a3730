from realtime.models.event import Event, Head

__all__ = ["Event", "Head"]
