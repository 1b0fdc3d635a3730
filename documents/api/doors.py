"""What the document views share: who asks, and the one way to a document."""

from typing import cast
from uuid import UUID

from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from accounts.refusals import NotAllowed, NotFound
from accounts.rest.throttling import CallerThrottle
from accounts.rights import Action, Rights
from documents import looking, presentation, visibility
from documents.gate import COUNTED
from documents.models import Document


class UploadThrottle(CallerThrottle):
    """Counts an upload once: the gate has done so already where there is one."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        scope = getattr(request._request, "scope", {})
        return COUNTED in scope or super().allow_request(request, view)


class DocumentView(APIView):
    """A view that knows its caller's rights."""

    request: Request

    @property
    def rights(self) -> Rights:
        return cast(Rights, self.request.auth)

    @property
    def caller(self) -> User:
        return cast(User, self.request.user)

    def document(self, pk: UUID, *, action: Action = Action.SEE) -> Document:
        """A document that the caller sees and may do `action` to; 404 when it is not seen, 403 when not allowed.

        A look at a restricted one by somebody who sees everything is recorded.
        """
        found = presentation.with_relations(Document.objects.visible_to(self.rights)).filter(pk=pk).first()
        if found is None:
            raise NotFound
        if action is not Action.SEE and not visibility.may(self.rights, action, found):
            raise NotAllowed(self.rights.lacks_scope(action) or "Your role does not allow this on this document.")
        looking.note(found, by=self.caller, rights=self.rights)
        return found
