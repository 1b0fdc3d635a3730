"""Promises of the outside contract about what was read that a stranger's client found broken."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents.models import Document
from tests.reading import samples

BATCH = "/api/v1/documents/batch/"
LIST = "/api/v1/documents/"


@pytest.mark.parametrize("accepted", ["image/png", "application/pdf", "image/webp,image/*;q=0.8", "text/csv"])
def test_files_and_pictures_are_had_by_who_accepts_their_type_alone(api_client_as, clerk, send, accepted):
    document = send(clerk, samples.pdf("One"))
    client = api_client_as(clerk)
    batch = client.post(BATCH, {"files": SimpleUploadedFile("a.txt", b"a"), "source": "api"}).json()["id"]
    for path, kind in (
        (f"documents/{document.pk}/download/", "application/pdf"),
        (f"documents/{document.pk}/pages/1/image/", "image/png"),
        (f"batches/{batch}/report.csv", "text/csv; charset=utf-8"),
    ):
        answer = client.get(f"/api/v1/{path}", HTTP_ACCEPT=accepted)
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
        missing = client.get(f"/api/v1/{path}?version=x".replace(batch, str(document.pk)), HTTP_ACCEPT=accepted)
        assert (missing.status_code, missing["Content-Type"]) in [
            (400, "application/problem+json"),
            (404, "application/problem+json"),
        ]


def test_the_search_takes_the_filters_of_the_list(api_client_as, clerk, send, work):
    send(clerk, b"The bogie was looked at.", "a.txt", department="operations")
    work()
    client = api_client_as(clerk)
    Document.objects.update(language="en+ml")

    def count(query: str) -> int:
        listed, found = (client.get(f"{at}?q=bogie&{query}").json() for at in (LIST, "/api/v1/search/"))
        assert listed["count"] == found["count"]
        return found["count"]

    for query in (
        "status=processed,failed",
        "department=safety,operations",
        "department=none,operations",
        "language=en+ml",
    ):
        assert count(query) == 1, query
    for query in ("priority=low", "status=failed", "source=web", "department=none", "language=ml"):
        assert count(query) == 0, query
    assert count("priority=low,normal") == 1
    for query in ("uploaded_by=clerk", "uploaded_by=me", "uploaded_after=2020-01-01", "uploaded_before=2999-01-01"):
        assert count(query) == 1, query
    for query in ("uploaded_by=head", "uploaded_before=2020-01-01T00:00:00Z", "uploaded_after=2999-01-01"):
        assert count(query) == 0, query
    for query in ("status=nonsense", "language=xx", "priority=xx", "uploaded_after=soon"):
        answer = client.get(f"/api/v1/search/?q=bogie&{query}")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_a_document_of_one_page_has_one_page(api_client_as, clerk, send, work):
    text, pdf = send(clerk, b"one", "a.txt"), send(clerk, samples.pdf("One"))
    work()
    for document, path in ((text, "pages/2/"), (pdf, "pages/2/"), (pdf, "pages/2/image/")):
        answer = api_client_as(clerk).get(f"{LIST}{document.pk}/{path}")
        assert (answer.status_code, answer.json()["detail"]) == (404, "This document has 1 page.")
