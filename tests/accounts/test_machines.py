"""A protected state is read again by several threads at once, and stays protected."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import models

from documents.models import Document, Status


def test_two_threads_read_their_documents_again_at_once(monkeypatch):
    first_is_in, second_is_in = threading.Event(), threading.Event()

    def read_again(document: models.Model) -> None:
        """In place of the database: the second reader comes while the first is on its way, and is done after it."""
        if not first_is_in.is_set():
            first_is_in.set()
            second_is_in.wait(0.5)
        else:
            second_is_in.set()
            left.wait(5)
        document.status = Status.PROCESSED

    left = threading.Event()
    monkeypatch.setattr(models.Model, "refresh_from_db", read_again)
    documents = [Document(status=Status.QUEUED) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(documents[0].refresh_from_db)
        first.add_done_callback(lambda _: left.set())
        first_is_in.wait(5)
        second = pool.submit(documents[1].refresh_from_db)
        first.result(5)
        second.result(5)
    assert [document.status for document in documents] == [Status.PROCESSED] * 2
    with pytest.raises(AttributeError):
        documents[0].status = Status.FAILED
