import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents.models import Batch, Document
from tests.intake import samples, settling

pytestmark = pytest.mark.django_db


def send(client, **named: bytes) -> str:
    files = [SimpleUploadedFile(name.replace("_", "."), data) for name, data in named.items()]
    answer = client.post("/api/v1/documents/batch/", {"files": files, "source": "api"})
    assert answer.status_code == 202
    return f"/api/v1/batches/{answer.json()['id']}/"


def test_a_batch_reports_outcomes_reasons_and_every_file_that_was_not_read(api_client_as, clerk, api_source):
    client = api_client_as(clerk)
    address = send(client, a_pdf=samples.pdf(), b_exe=b"MZ", c_txt=b"", d_txt=b"words")
    failed, open_ = Document.objects.order_by("uploaded_at", "pk")
    settling.fail(failed, "damaged")
    report = client.get(address).json()["report"]
    assert report["finished"] is False
    assert report["by_outcome"] == {"failed": 1, "queued": 1, "refused": 2}
    assert report["by_code"] == {"damaged": 1, "unsupported": 1, "empty": 1}
    assert [(one["filename"], one["outcome"], one["code"], one["document"]) for one in report["unread"]] == [
        ("a.pdf", "failed", "damaged", str(failed.pk)),
        ("b.exe", "refused", "unsupported", None),
        ("c.txt", "refused", "empty", None),
    ]
    assert all(one["detail"] for one in report["unread"][1:])
    settling.fail(open_, "damaged")
    batch = Batch.objects.get()
    Document.objects.update(settled_at=batch.created_at + timedelta(seconds=90))
    report = client.get(address).json()["report"]
    assert (report["finished"], report["seconds"], report["by_code"]["damaged"]) == (True, 90.0, 2)


def test_the_report_is_a_table_for_a_spreadsheet_without_formulas(api_client_as, clerk, api_source):
    client = api_client_as(clerk)
    address = send(client, **{"=cmd_exe": b"MZ", "ok_txt": b"words"})
    answer = client.get(f"{address}report.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment")
    head, read, refused = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert head == ["File", "Outcome", "Reason", "What happened", "Pages", "Seconds", "Document"]
    assert (read[0], read[1], read[6]) == ("ok.txt", "queued", str(Document.objects.get().pk))
    assert (refused[0], refused[1], refused[2]) == ("'=cmd.exe", "refused", "unsupported")


def test_a_report_is_its_senders_and_theirs_who_see_all(api_client_as, clerk, reviewer, auditor, api_source):
    address = send(api_client_as(clerk), a_txt=b"words")
    assert api_client_as(reviewer).get(f"{address}report.csv").status_code == 404
    assert api_client_as(auditor).get(f"{address}report.csv").status_code == 200
