"""One file in."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.refusals import Refusal
from accounts.rest import places
from accounts.rest.parsing import FormParser
from accounts.rights import Rights
from documents import idempotency, intake, presentation
from documents.api import fields
from documents.api.doors import DocumentView, UploadThrottle
from documents.api.shapes import DocumentShape, UploadShape
from documents.intake import Upload
from documents.models import Document

ALLOWED = {"Allow": "POST, OPTIONS"}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key again within 24 hours gives the first answer instead of a second document.",
)


def upload_of(sent: UploadedFile) -> Upload:
    """A file of a form, under the name that the sender wrote (Django keeps only what it thinks safe of it)."""
    return Upload(sent.name or "", file=sent.file if sent.file is not None else sent)


def form_of(request: Request) -> QueryDict:
    """The form that was sent. Raises a Refusal for one with more parts than are taken."""
    return bounded_form(lambda: request.data)


def bounded_form(read: Callable[[], Any]) -> QueryDict:
    """The form that `read` reads. Raises as `form_of` does."""
    try:
        form = cast(QueryDict, read())
    except TooManyFilesSent as error:
        said = f"These are more than {settings.DATA_UPLOAD_MAX_NUMBER_FILES} files, which is the most at once."
        raise fields.wrong("files", said) from error
    except (TooManyFieldsSent, RequestDataTooBig) as error:
        raise Refusal("The form has more fields, or longer ones, than are taken. Send fewer.") from error
    return form


def sent_file(form: Mapping[str, Any]) -> UploadedFile:
    """The one file of a form. Raises a Refusal for none, and for several: one of them would be lost."""
    sent = sent_files(form, "file")
    if not sent:
        raise fields.wrong("file", "Send the file in the field “file” of a multipart form.")
    if len(sent) > 1:
        raise fields.wrong("file", f"These are {len(sent)} files; one is taken here, many at /documents/batch/.")
    return sent[0]


def sent_files(form: Mapping[str, Any], name: str) -> list[UploadedFile]:
    """The files of this field, in order. Raises a Refusal for files in other fields: nobody would take them in."""
    lists = form.lists() if isinstance(form, QueryDict) else ((field, [value]) for field, value in form.items())
    files = {field: [value for value in values if isinstance(value, UploadedFile)] for field, values in lists}
    if others := sorted(field for field, found in files.items() if found and field != name):
        raise fields.wrong(others[0], f"Files are taken in the field “{name}”, not in: {', '.join(others)}.")
    return files.get(name, [])


def said_in(form: Mapping[str, Any]) -> dict[str, Any]:
    """What the sender said of the file, as `intake.submit` takes it. Raises a Refusal that names the field."""
    return {
        "source": fields.text(form, "source", longest=40),
        "department": fields.text(form, "department", longest=40) or None,
        "title": fields.title(form),
        "priority": fields.priority(form),
        "metadata": fields.metadata(form),
        "document_date": fields.day(form, "document_date"),
    }


def key_of(headers: Mapping[str, str], rights: Rights) -> idempotency.Key | None:
    """The request's `Idempotency-Key`, bound to who sends it. Raises a Refusal."""
    sent = headers.get("Idempotency-Key")
    return None if sent is None else idempotency.Key(rights.credential, "upload", sent)


def receipt_at(document: Document) -> dict[str, str]:
    """Where the document is that was sent."""
    return places.at(f"documents/{document.pk}/")


class UploadView(DocumentView):
    """`POST /documents/upload/`"""

    parser_classes = [FormParser]
    throttle_classes = [UploadThrottle]

    @extend_schema(
        operation_id="documents_upload",
        parameters=[IDEMPOTENCY_KEY, places.LOCATION],
        request={"multipart/form-data": UploadShape},
        responses={202: DocumentShape},
    )
    def post(self, request: Request) -> Response:
        """Send one file. It is durable and recorded when the answer comes; reading it goes on behind."""
        form = form_of(request)
        upload = upload_of(sent_file(form))
        key = key_of(request.headers, self.rights)
        document = intake.submit(upload, by=self.caller, rights=self.rights, idempotency=key, **said_in(form))
        return Response(presentation.as_json(document, self.rights), status=202, headers=receipt_at(document))
