"""Whom a workflow asks may look at what he is asked about: a published definition, or a head, has decided so."""

from accounts.models import User
from documents import sharing
from workflows.models import HumanTask
from workflows.tasks.people import Named


def show(task: HumanTask, named: Named, *, by: User | None) -> None:
    """Show the task's document to those whom these entries name, beside its department. The caller holds the document.

    A document for named people only stays with them: others who are named cannot decide, and somebody is told.
    """
    if task.document is not None:
        because = f"Asked by “{task.title}”"
        departments = [department for department, _ in named.roles]
        sharing.show(task.document, departments=departments, people=named.users.values(), by=by, because=because)
