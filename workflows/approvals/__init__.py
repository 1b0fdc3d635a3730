"""What people do with tasks: take them, hand them on, talk about them, decide them. Every door calls these functions.

Each takes the locks (Document, Instance, HumanTask), checks, changes, records and tells, in one transaction.
"""

from workflows.approvals.claiming import claim, release
from workflows.approvals.commenting import comment
from workflows.approvals.completing import complete
from workflows.approvals.handing import delegate, reassign
from workflows.approvals.many import Result, complete_many

__all__ = ["Result", "claim", "comment", "complete", "complete_many", "delegate", "reassign", "release"]
