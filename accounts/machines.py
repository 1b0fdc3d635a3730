"""Models with a state machine (django-fsm)."""

from threading import RLock
from typing import Any

from django_fsm import FSMModelMixin


class StateMachine(FSMModelMixin):
    """A model whose protected state may be read again from the record, also by several threads at once.

    To read a protected field again django-fsm takes its protection off the field itself, which all threads share: who
    comes second finds none to take off, and has it put back under his hands (AttributeError). So they take turns.
    """

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        with _ONE_BY_ONE:
            super().refresh_from_db(*args, **kwargs)


_ONE_BY_ONE = RLock()  # a deferred field may be read meanwhile
