"""What the views of workflows share: who asks, the one way to runs, tasks and people, and how a body is read."""

from typing import Any, cast
from uuid import UUID

from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from accounts.refusals import NotFound, Refusal
from accounts.rest.permissions import MayRunHouse
from accounts.rights import Rights
from workflows import inbox
from workflows.models import HumanTask, Instance


class MayWriteDefinitions(MayRunHouse):
    message = "Only administrators write, publish and try definitions, and move runs to other versions."


HOUSE = [IsAuthenticated, MayWriteDefinitions]


class WorkflowView(APIView):
    """A view that knows its caller's rights."""

    request: Request

    @property
    def rights(self) -> Rights:
        """Those of the credential: an API key's are narrower than its user's."""
        return cast(Rights, self.request.auth)

    @property
    def caller(self) -> User:
        return cast(User, self.request.user)

    def instance(self, pk: UUID) -> Instance:
        """A run that the caller sees, with what is shown of it. Raises NotFound."""
        related = ("definition", "version", "department", "started_by", "document__newest")
        found = Instance.objects.visible_to(self.rights).select_related(*related).filter(pk=pk).first()
        if found is None:
            raise NotFound("There is no such run that you may see.")
        return found

    def task(self, pk: UUID) -> HumanTask:
        """A task that the caller sees, with what is shown of it. Raises NotFound."""
        found = inbox.with_relations(HumanTask.objects.visible_to(self.rights)).filter(pk=pk).first()
        if found is None:
            raise NotFound("There is no such task that you may see.")
        return found

    def sent(self, shape: type[serializers.Serializer]) -> dict[str, Any]:
        """The request's body, checked by its shape. Raises DRF's ValidationError (400, by field)."""
        read = shape(data=self.request.data)
        read.is_valid(raise_exception=True)
        return cast(dict[str, Any], read.validated_data)


def person(username: str, field: str) -> User:
    """Somebody by his user name. Raises Refusal that names the field."""
    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        said = f"There is nobody named “{username}” here."
        raise Refusal(said, errors={field: [said]})
    return found
