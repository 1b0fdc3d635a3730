"""Sends the corpus to a running gateway and prints what became of each file.

    python -m tests.corpus.report FOLDER --url http://127.0.0.1:8000 --user NAME [--password …] [--department KEY]

The password may stand in KMRL_PASSWORD. Exits 1 when a file ended as it must not, or too few phrases were found.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import httpx

from tests.corpus import judging

PATIENCE = 120.0
LEAST_FOUND = 0.98
IN_WORK = ("queued", "processing")


def main() -> int:
    asked = arguments()
    begun = time.monotonic()
    with httpx.Client(base_url=f"{asked.url}/api/v1", timeout=60) as client:
        token = client.post("/auth/token/", json={"username": asked.user, "password": asked.password})
        token.raise_for_status()
        client.headers["Authorization"] = f"Bearer {token.json()['access']}"
        wanted = judging.samples(asked.folder)
        sent = [(sample, send(client, sample, asked.department)) for sample in wanted]
        verdicts = [judging.judge(sample, outcome(client, answer)) for sample, answer in sent]
    print(judging.table(verdicts))
    found, total = judging.phrases_found(verdicts, scans=False)
    wrong = [verdict.sample.name for verdict in verdicts if not verdict.is_allowed]
    print(f"\n{len(verdicts)} files in {time.monotonic() - begun:.1f} s, {len(wrong)} ended as they must not {wrong}")
    print(f"phrases of PDFs and texts: {found} of {total}; those without a text layer included: ", end="")
    print("{} of {}".format(*judging.phrases_found(verdicts, scans=True)))
    return int(bool(wrong) or found < LEAST_FOUND * total)


def send(client: httpx.Client, sample: judging.Sample, department: str) -> str:
    """The document's id, or the code that it was refused with."""
    with sample.path.open("rb") as file:
        answer = client.post(
            "/documents/upload/",
            files={"file": (sample.path.name, file)},
            data={"source": "api", "department": department},
        )
    said = answer.json()
    return str(said["id"] if answer.status_code == httpx.codes.ACCEPTED else said["code"])


def outcome(client: httpx.Client, answer: str) -> judging.Outcome:
    if "-" not in answer:
        return judging.Outcome(code=answer)
    until = time.monotonic() + PATIENCE
    while (document := client.get(f"/documents/{answer}/").json())["status"] in IN_WORK and time.monotonic() < until:
        time.sleep(0.1)
    if document["status"] != "processed":
        code = document["error"]["code"] if document["error"] else f"stuck as {document['status']}"
        return judging.Outcome(code=code)
    job = client.get(f"/jobs/{document['job']['id']}/").json() if document["job"] else {}
    return judging.Outcome(
        text=client.get(f"/documents/{answer}/text/").json()["text"],
        flags=tuple(document["flags"]),
        pages=document["page_count"],
        awaiting_ocr=document["pages_awaiting_ocr"],
        milliseconds=int(1000 * (job.get("seconds") or 0)),
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", default=os.environ.get("KMRL_PASSWORD", ""))
    parser.add_argument("--department", default="operations")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
