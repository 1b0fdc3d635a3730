"""Whom a workflow asks may look at what he is asked about: a published definition, or a head, has decided so."""

from accounts.models import Membership, Role, User
from accounts.rights import Rights
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


def show_to(task: HumanTask, to: User, *, by: User, rights: Rights) -> bool:
    """Show the document to whom `by` gives the task; whether that was needed, and his to do. The caller holds it.

    Who runs the house shows it to anybody, a head to the people of the departments that he heads. A document for named
    people only is shown to nobody by this.
    """
    if task.document is None or not (rights.runs_house or _heads(rights, to)):
        return False
    return sharing.show(task.document, people=[to], by=by, because=f"Given “{task.title}” to decide")


def _heads(rights: Rights, to: User) -> bool:
    headed = [pk for pk, role in rights.departments.items() if role == Role.HEAD]
    return Membership.objects.filter(user=to, department_id__in=headed).exists()
