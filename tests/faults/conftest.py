from tests.work.conftest import _fresh_process, claim, heard, lapse, queues, recorder

__all__ = ["_fresh_process", "claim", "heard", "lapse", "queues", "recorder"]
