"""The shapes of requests and answers, for the generated OpenAPI. `documents.presentation` makes the answers."""

from rest_framework import serializers

from documents.models import Access, DocumentType, Language, Status
from jobs.models import PRIORITIES, JobState


class ErrorShape(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()


class JobInDocument(serializers.Serializer):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=JobState.choices)
    progress = serializers.IntegerField(min_value=0, max_value=100)
    step = serializers.CharField()
    message = serializers.CharField()


class DocumentShape(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    original_filename = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    content_type = serializers.CharField()
    file_size = serializers.IntegerField()
    sha256 = serializers.CharField()
    upload_time = serializers.DateTimeField()
    uploaded_by = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.choices)
    priority = serializers.ChoiceField(choices=list(PRIORITIES))
    access = serializers.ChoiceField(choices=Access.choices)
    version = serializers.IntegerField()
    page_count = serializers.IntegerField(allow_null=True)
    pages_awaiting_ocr = serializers.IntegerField()
    language = serializers.ChoiceField(choices=Language.choices)
    department = serializers.CharField(allow_null=True)
    document_type = serializers.ChoiceField(choices=DocumentType.choices, allow_null=True)
    document_date = serializers.DateField(allow_null=True)
    confidence_score = serializers.FloatField(allow_null=True)
    duplicate_of = serializers.UUIDField(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    error = ErrorShape(allow_null=True)
    metadata = serializers.DictField()
    facts = serializers.DictField()
    job = JobInDocument(allow_null=True)
    binned_at = serializers.DateTimeField(allow_null=True)


class About(serializers.Serializer):
    """What may be said of a file that is sent."""

    source = serializers.CharField()  # type: ignore[assignment]
    department = serializers.CharField(required=False)
    title = serializers.CharField(required=False, max_length=255)
    priority = serializers.ChoiceField(choices=list(PRIORITIES), required=False)
    document_date = serializers.DateField(required=False)
    metadata = serializers.JSONField(required=False, help_text="a JSON object")


class UploadShape(About):
    file = serializers.FileField()


class BatchUploadShape(About):
    files = serializers.ListField(child=serializers.FileField())


class VersionUploadShape(serializers.Serializer):
    file = serializers.FileField()


class RefusedShape(serializers.Serializer):
    filename = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class BatchReceiptShape(serializers.Serializer):
    id = serializers.UUIDField()
    documents = DocumentShape(many=True)
    refused = RefusedShape(many=True)


class UnreadShape(serializers.Serializer):
    """A file that was refused (then it has no document) or could not be read."""

    filename = serializers.CharField()
    outcome = serializers.CharField()
    document = serializers.UUIDField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class BatchReportShape(serializers.Serializer):
    """`seconds`: from sending to the last result, or until now."""

    finished = serializers.BooleanField()
    seconds = serializers.FloatField()
    by_outcome = serializers.DictField(child=serializers.IntegerField())
    by_code = serializers.DictField(child=serializers.IntegerField())
    unread = UnreadShape(many=True)


class BatchShape(BatchReceiptShape):
    total = serializers.IntegerField()
    settled = serializers.IntegerField()
    failed = serializers.IntegerField()
    percent = serializers.IntegerField()
    by_status = serializers.DictField(child=serializers.IntegerField())
    report = BatchReportShape()


class VersionShape(serializers.Serializer):
    version = serializers.IntegerField()
    original_filename = serializers.CharField()
    content_type = serializers.CharField()
    file_size = serializers.IntegerField()
    sha256 = serializers.CharField()
    upload_time = serializers.DateTimeField()
    uploaded_by = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.choices)
    page_count = serializers.IntegerField(allow_null=True)
    language = serializers.ChoiceField(choices=Language.choices)
    confidence_score = serializers.FloatField(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    error = ErrorShape(allow_null=True)


class CorrectionShape(serializers.Serializer):
    title = serializers.CharField(required=False, max_length=255)
    department = serializers.CharField(required=False, allow_null=True)
    document_type = serializers.ChoiceField(choices=DocumentType.choices, required=False, allow_null=True)
    document_date = serializers.DateField(required=False, allow_null=True)
    access = serializers.ChoiceField(choices=Access.choices, required=False)
    people = serializers.ListField(child=serializers.CharField(), required=False, help_text="user names")
    priority = serializers.ChoiceField(choices=list(PRIORITIES), required=False)
    metadata = serializers.DictField(required=False)


class HistoryShape(serializers.Serializer):
    sequence = serializers.IntegerField()
    action = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    before = serializers.DictField()
    after = serializers.DictField()
    note = serializers.CharField()


class InWorkShape(DocumentShape):
    place = serializers.IntegerField(allow_null=True, help_text="0 is next or running; null while it awaits another")
    eta = serializers.FloatField(allow_null=True, help_text="expected seconds left")
