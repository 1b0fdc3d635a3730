"""Run inside a gateway that has `people`: papers with tasks that wait for Vinod and Meera, one id a line.

`python -m tests.browser.tasks_there review 3` opens three tasks to review, `read 1` a circular that Anil, Meera and
Vinod are to read and confirm, `stuck 1` a run that stands still, `far 1` one that has come far (their ids are printed).
"""

import hashlib
import sys
from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402 (Django first)

from accounts.models import Department, Membership, Role, User  # noqa: E402
from documents.models import Blob, Document, Page, Source, Version  # noqa: E402
from tests.browser.people import PASSWORD  # noqa: E402
from workflows import running  # noqa: E402
from workflows.definitions import publishing  # noqa: E402
from workflows.models import Definition, HumanTask, Instance  # noqa: E402

NAMES = (
    "Speed restriction between Edappally and Changampuzha Park",
    "മുട്ടം ഡിപ്പോയിലെ ട്രാക്ക് പരിശോധനാ റിപ്പോർട്ട് – കോച്ച് 14, ബോഗി 2, ചക്രങ്ങളുടെ അളവുകൾ",
    "Directive of the Commissioner of Metro Rail Safety on the evacuation of passengers from viaducts during flooding, "
    "with annexures A to F and the correspondence of the last three years",
    "Invoice 2026/0417",
)
TEXT = "Trains keep to 45 km/h.\nThe track gang reports when it is clear.\nSigned by the head of operations."
REVIEW = """
key: track-review
title: Review of track papers
title_ml: ട്രാക്ക് രേഖകളുടെ പരിശോധന
one_at_a_time: false
triggers: [{on: manual, reason: Papers about the track are reviewed before they are filed.}]
steps:
  - id: review
    kind: human
    title: Technical review
    title_ml: സാങ്കേതിക പരിശോധന
    question: Is the restriction right, and until when does it hold?
    question_ml: നിയന്ത്രണം ശരിയാണോ, എപ്പോൾ വരെ?
    candidates: [{department: operations, role: reviewer}]
    outcomes:
      - {key: approved, title: Approve, title_ml: അംഗീകരിക്കുക, shortcut: a}
      - {key: rejected, title: Reject, title_ml: നിരസിക്കുക, comment: required, veto: true, shortcut: r}
      - {key: returned, title: Return for rework, title_ml: തിരികെ അയയ്ക്കുക, comment: required, veto: true, shortcut: e}
    form:
      - {name: until, title: Holds until, title_ml: ഏതു വരെ, type: date}
    due: 2 days
  - {id: filed, kind: end, outcome: approved}
"""
READ = """
key: track-circular
title: Circular to operating staff
one_at_a_time: false
steps:
  - id: read
    kind: acknowledge
    title: Read and confirm before your next shift
    people: [{department: operations, role: clerk}]
    due: 1 days
"""
STUCK = """
key: track-total
title: Total of the track papers
one_at_a_time: false
steps:
  - {id: total, kind: rule, title: Total of the invoice, rules: [{when: document.facts.amount > 3, set: {}}]}
"""
FAR = """
key: track-rounds
title: Rounds of the track papers
one_at_a_time: false
steps:
  - {id: first, kind: rule, title: First look, rules: [{when: "true", set: {}}]}
  - {id: second, kind: rule, title: Second look, rules: [{when: "true", set: {}}]}
  - {id: third, kind: rule, title: Third look, rules: [{when: "true", set: {}}]}
  - {id: fourth, kind: rule, title: Fourth look, rules: [{when: "true", set: {}}]}
  - {id: fifth, kind: rule, title: Fifth look, rules: [{when: "true", set: {}}]}
  - {id: last, kind: timer, title: Last look, wait: 3 days}
  - {id: filed, kind: end, outcome: approved}
"""
SOURCES = {"far": FAR, "review": REVIEW, "read": READ, "stuck": STUCK}


def people() -> None:
    if not User.objects.filter(username="vinod").exists():
        vinod = User(username="vinod", first_name="Vinod", last_name="Kumar")
        vinod.set_password(PASSWORD)
        vinod.save()
        Membership.objects.create(user=vinod, department=Department.objects.get(key="operations"), role=Role.REVIEWER)


def paper(number: int) -> Document:
    """A read document of operations that Anil has sent, with one page of text."""
    now, by = timezone.now(), User.objects.get(username="anil")
    blob, _ = Blob.objects.get_or_create(
        sha256=hashlib.sha256(TEXT.encode()).hexdigest(), defaults={"size": 3, "created_at": now}
    )
    document = Document(title=NAMES[number % len(NAMES)], source=Source.objects.get(key="web"), uploaded_by=by)
    document.department, document.uploaded_at = Department.objects.get(key="operations"), now
    document.start_processing()
    document.finish()
    document.save()
    version = Version.objects.create(
        document=document, number=1, blob=blob, original_filename="paper.txt", content_type="text/plain", file_size=3,
        uploaded_by=by, uploaded_at=now, status="processed", page_count=1,
    )  # fmt: skip
    Page.objects.create(version=version, number=1, text=TEXT)
    document.newest = document.readable = version
    document.save(update_fields=["newest", "readable"])
    return document


def main(what: str, number: str) -> None:
    people()
    source = SOURCES[what]
    key = source.split()[1]
    definition = Definition.objects.filter(key=key).first()
    if definition is None:
        publishing.publish(key=key, source=source, by=None)
        definition = Definition.objects.get(key=key)
    for n in range(int(number)):
        reason = {"trigger": "manual", "words": "Papers about the track are reviewed before they are filed."}
        run = running.start(
            definition=definition, document=paper(n), by=User.objects.get(username="anil"), reason=reason
        )
        task = HumanTask.objects.filter(instance=run).first()
        if task is not None and n == 1:
            late = timezone.now() - timedelta(hours=3)
            HumanTask.objects.filter(pk=task.pk).update(due_at=late, opened_at=late - timedelta(days=2), breached=True)
        print(task.pk if task else Instance.objects.get(pk=run.pk).pk)


if __name__ == "__main__":
    main(*sys.argv[1:])
