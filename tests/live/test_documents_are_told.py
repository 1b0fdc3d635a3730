"""A document's own events, from the upload to whoever may see it."""

from django.core.files.uploadedfile import SimpleUploadedFile

from documents.models import Document

EVENTS, UPLOAD = "/api/v1/events/", "/api/v1/documents/upload/"


def upload(client) -> str:
    file = SimpleUploadedFile("note.txt", b"Platform screen doors of Aluva were inspected.", content_type="text/plain")
    answer = client.post(UPLOAD, {"file": file, "source": "api", "department": "operations"}, format="multipart")
    assert answer.status_code == 202, answer.content
    return answer.json()["id"]


def heard(client, document: str) -> list[str]:
    found = client.get(EVENTS, {"after": 0}).json()["events"]
    return [event["type"] for event in found if event["data"].get("id") == document]


def test_a_department_hears_of_its_document_and_another_does_not(
    transactional_db, clerk, reviewer, outsider, auditor, api_source, api_client_as
):
    document = upload(api_client_as(clerk))
    assert heard(api_client_as(clerk), document)[0] == "document.received"
    assert heard(api_client_as(reviewer), document) == heard(api_client_as(clerk), document)
    assert heard(api_client_as(auditor), document) == heard(api_client_as(clerk), document)
    assert heard(api_client_as(outsider), document) == []


def test_a_document_that_becomes_restricted_is_no_longer_replayed_to_its_department(
    transactional_db, clerk, reviewer, head, api_source, api_client_as
):
    document = upload(api_client_as(clerk))
    answer = api_client_as(clerk).patch(
        f"/api/v1/documents/{document}/", {"access": "restricted", "people": ["head"]}, format="json"
    )
    assert answer.status_code == 200, answer.content
    assert Document.objects.get(pk=document).access == "restricted"
    assert heard(api_client_as(reviewer), document) == []
    assert "document.received" in heard(api_client_as(head), document)
    assert "document.received" in heard(api_client_as(clerk), document)
