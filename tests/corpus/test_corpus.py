"""Every file of the corpus through both doors: the folder's (as `manage.py ingest` takes it) and the API's."""

import os
import resource
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.refusals import Refusal
from accounts.rights import rights_of
from documents import intake
from documents.models import Document
from jobs import running
from jobs.models import Job
from jobs.nursery import NURSERY
from tests.corpus import judging

CORPUS = os.environ.get("KMRL_CORPUS", "")
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS, reason="KMRL_CORPUS names no folder: the corpus is not part of the project"),
]
LEAST_FOUND = 0.98
MOST_MB = 500


@pytest.fixture
def corpus() -> list[judging.Sample]:
    return judging.samples(Path(CORPUS))


@pytest.fixture
def upload(transactional_db, api_source, operations, clerk, api_client_as):
    """`upload(way, samples)`: what became of each, by the public text and document calls."""
    client = api_client_as(clerk)

    def by_folder(samples):
        uploads = [intake.Upload.of_path(sample.path) for sample in samples]
        answers = intake.submit_many(uploads, by=clerk, rights=rights_of(clerk), source="api", department="operations")
        return [one.code if isinstance(one, Refusal) else str(one.pk) for one in answers]

    def by_api(samples):
        answers = []
        for sample in samples:
            file = SimpleUploadedFile(sample.path.name, sample.path.read_bytes())
            sent = client.post("/api/v1/documents/upload/", {"file": file, "source": "api", "department": "operations"})
            answers.append(sent.json()["id"] if sent.status_code == 202 else sent.json()["code"])
        return answers

    def outcome(answer):
        if "-" not in answer:
            return judging.Outcome(code=answer)
        document = client.get(f"/api/v1/documents/{answer}/").json()
        job = Job.objects.filter(subject_id=answer, kind="document.process").first()
        spent = job.took_ms if job is not None and job.took_ms else 0
        if document["status"] != "processed":
            code = document["error"]["code"] if document["error"] else f"stuck as {document['status']}"
            return judging.Outcome(code=code, milliseconds=spent)
        return judging.Outcome(
            text=client.get(f"/api/v1/documents/{answer}/text/").json()["text"],
            flags=tuple(document["flags"]),
            pages=document["page_count"],
            awaiting_ocr=document["pages_awaiting_ocr"],
            milliseconds=spent,
        )

    def run(way, samples):
        answers = {"folder": by_folder, "api": by_api}[way](samples)
        running.drain("low")
        NURSERY.close()
        return [judging.judge(sample, outcome(answer)) for sample, answer in zip(samples, answers, strict=True)]

    return run


@pytest.mark.parametrize("way", ["folder", "api"])
def test_the_corpus_ends_as_it_is_allowed_to(corpus, upload, way):
    verdicts = upload(way, corpus)
    print("\n" + judging.table(verdicts))
    found, total = judging.phrases_found(verdicts, scans=False)
    print(f"phrases of PDFs and texts: {found} of {total}", judging.phrases_found(verdicts, scans=True))

    assert [v.sample.name for v in verdicts if not v.is_allowed] == []
    assert found >= LEAST_FOUND * total
    assert total > 150
    assert not Document.objects.filter(status__in=("queued", "processing")).exists()
    assert not Job.objects.exclude(state="succeeded").exists()
    largest = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
    assert largest // 1024 < MOST_MB
