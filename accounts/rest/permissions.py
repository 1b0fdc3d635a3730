from typing import cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.rights import Action, Rights


class MayRunHouse(BasePermission):
    """Administrators, and keys of theirs with the scope `control`. `message` is for everybody else."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        rights = cast(Rights, request.auth)
        if rights is None or rights.may(Action.RUN_HOUSE, department_id=None):
            return rights is not None
        if rights.runs_house:
            self.message = rights.lacks_scope(Action.RUN_HOUSE)
        return False
