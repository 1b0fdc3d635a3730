"""How far the reading of a long paper is, as its uploader sees it while it goes on."""

import threading
import time

from documents import processing
from jobs.models import Job
from tests.reading import samples

PAGES, WORDS = 1_500, 30


def test_the_step_and_percent_of_a_long_pdf_are_seen_while_it_is_read(
    send, work, clerk, fresh, api_client_as, monkeypatch
):
    told = []
    monkeypatch.setattr(processing.events, "tell", lambda event, to: told.append((event, list(to))))
    pages = [f"Page {n}. " + f"{samples.ENGLISH} " * WORDS for n in range(PAGES)]
    document = send(clerk, samples.pdf(*pages))
    client, seen = api_client_as(clerk), []
    worker = threading.Thread(target=work)
    worker.start()
    while worker.is_alive():
        job = client.get(f"/api/v1/jobs/{document.job_id}/").json()
        mine = client.get("/api/v1/documents/processing-status/").json()["results"]
        seen += [(job["state"], job["step"], job["progress"], mine)]
        time.sleep(0.01)
    worker.join()
    assert fresh(document).newest.page_count == PAGES
    jobs = [(state, step) for state, step, progress, _ in seen if 0 < progress < 100]
    assert ("running", "reading") in jobs
    listed = [(one["id"], one["job"]["step"]) for *_, mine in seen for one in mine if 0 < one["job"]["progress"] < 100]
    assert (str(document.pk), "reading") in listed
    [(event, heard_by)] = told[-1:]
    assert (event.type, event.id, event.step) == ("document.progress", str(document.pk), "reading")
    assert f"document:{document.pk}" in heard_by
    assert Job.objects.get(pk=document.job_id).percent == 100
