"""Text, pages and page pictures, through the API."""

import pymupdf
import pytest

from documents import page_cache, showing
from jobs.nursery import NURSERY
from tests.reading import samples


@pytest.fixture
def document(send, work, clerk):
    document = send(clerk, samples.pdf("Rail joint gap", "Second page"))
    work()
    return document


@pytest.fixture
def get(api_client_as, clerk):
    return lambda document, rest, user=None, **more: api_client_as(user or clerk).get(
        f"/api/v1/documents/{document.pk}/{rest}", **more
    )


def test_the_text_is_whole_and_by_page(document, get):
    assert get(document, "text/").json() == {
        "text": "Rail joint gap\nSecond page",
        "pages": [
            {"number": 1, "text": "Rail joint gap", "confidence": 1.0},
            {"number": 2, "text": "Second page", "confidence": 1.0},
        ],
        "version": 1,
    }
    assert get(document, "text/?version=7").status_code == 404
    assert get(document, "text/?version=x").status_code == 400


def test_what_was_not_read_says_so(send, work, clerk, get):
    locked = send(clerk, samples.locked(user="x"))
    assert get(locked, "text/").json()["code"] == "not_read"
    work()
    answer = get(locked, "text/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_read")


def test_a_page_has_words_with_boxes_within_it(document, get):
    page = get(document, "pages/1/").json()
    assert (page["number"], page["version"], page["text"]) == (1, 1, "Rail joint gap")
    assert (page["width"], page["height"]) == (595.0, 842.0)
    assert [word["text"] for word in page["words"]] == ["Rail", "joint", "gap"]
    for word in page["words"]:
        assert 0 <= word["x0"] < word["x1"] <= 1
        assert 0 <= word["y0"] < word["y1"] <= 1
        assert word["confidence"] == 1.0
    assert get(document, "pages/3/").status_code == 404
    assert get(document, "pages/0/").status_code == 404


def test_a_page_picture_is_a_png_of_the_width_that_was_asked_for(document, get, place, monkeypatch):
    answer = get(document, "pages/1/image/?width=333")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert pymupdf.Pixmap(answer.content).width == 350
    assert len(list((place / "cache" / "pages").rglob("*/*"))) == 1

    monkeypatch.setattr(showing, "_ask", None)
    assert get(document, "pages/1/image/?width=340").content == answer.content
    known = get(document, "pages/1/image/?width=340", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert (known.status_code, known.content) == (304, b"")


@pytest.mark.parametrize(("asked", "given"), [("", 900), ("?width=5", 64), ("?width=99999", 1600)])
def test_widths_stay_within_bounds(document, get, asked, given):
    assert pymupdf.Pixmap(get(document, f"pages/1/image/{asked}").content).width == given


def test_a_text_has_no_page_pictures_and_says_so(send, work, clerk, get):
    note = send(clerk, b"Only words", "note.txt")
    work()
    answer = get(note, "pages/1/image/")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_image")
    assert get(note, "pages/1/").json()["words"] == []


def test_a_picture_is_shown_and_a_missing_page_is_not(send, work, clerk, get):
    photo = send(clerk, samples.png(), "photo.png")
    work()
    assert get(photo, "pages/1/image/").status_code == 200
    for number in (0, 2, 2**31, 10**20):
        for known in ('"other"', "*"):
            answer = get(photo, f"pages/{number}/image/", HTTP_IF_NONE_MATCH=known)
            assert (answer.status_code, answer.json()["detail"]) == (404, "This document has 1 page.")
        assert get(photo, f"pages/{number}/").status_code == 404


def test_nobody_sees_pages_of_a_document_that_is_not_theirs(document, get, outsider, auditor):
    for rest in ("text/", "pages/1/", "pages/1/image/"):
        assert get(document, rest, user=outsider).status_code == 404
        assert get(document, rest, user=auditor).status_code == 200


def test_a_page_that_cannot_be_drawn_in_time_ends_the_child_and_nothing_else(document, get, monkeypatch):
    monkeypatch.setattr(showing, "SECONDS", 0.0)
    assert get(document, "pages/2/image/").json()["code"] == "not_rendered"
    monkeypatch.undo()
    assert get(document, "pages/2/image/").status_code == 200
    NURSERY.close()


def test_callers_beyond_the_pool_are_told_to_come_again(document, get, monkeypatch):
    monkeypatch.setattr(showing, "WAITS", 0.01)
    for _ in range(showing.AT_ONCE):
        showing._children.acquire()
    try:
        answer = get(document, "pages/1/image/?width=500")
    finally:
        for _ in range(showing.AT_ONCE):
            showing._children.release()
    assert (answer.status_code, answer["Retry-After"]) == (429, "5")


def test_the_cache_lets_the_longest_unused_go(place):
    for number in range(10):
        page_cache.put(f"{number}{'0' * 39}", b"x" * 1000)
    assert page_cache.shrink(20_000) == 0
    assert page_cache.shrink(5_000) == 6_000
    assert page_cache.get(f"9{'0' * 39}") == b"x" * 1000
    assert page_cache.get(f"0{'0' * 39}") is None
