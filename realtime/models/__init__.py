from realtime.models.event import Event, Head
from realtime.models.notice import Digest, Follow, Mail, Notice, NoticePreferences
from realtime.models.ticket import Ticket

__all__ = ["Digest", "Event", "Follow", "Head", "Mail", "Notice", "NoticePreferences", "Ticket"]
