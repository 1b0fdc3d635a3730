from typing import Any

from django.conf import settings
from django.db import models
from django_fsm import FSMField, transition

from accounts.identifiers import new_id
from accounts.machines import StateMachine
from accounts.models import Department
from documents.models.batch import Batch
from documents.models.source import Source
from documents.visibility import DocumentManager
from jobs.models import Job, Priority


class Status(models.TextChoices):
    QUEUED = "queued", "Waiting"
    PROCESSING = "processing", "Being read"
    PROCESSED = "processed", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    QUARANTINED = "quarantined", "Quarantined"


IN_WORK = (Status.QUEUED, Status.PROCESSING)
SETTLED = (Status.PROCESSED, Status.FAILED, Status.CANCELLED, Status.QUARANTINED)


class Access(models.TextChoices):
    DEPARTMENT = "department", "Everybody in the department"
    RESTRICTED = "restricted", "Named people only"


class Language(models.TextChoices):
    EN = "en", "English"
    ML = "ml", "Malayalam"
    EN_ML = "en+ml", "English and Malayalam"
    UND = "und", "Undetermined"


class DocumentType(models.TextChoices):
    """The papers of the trade; empty while nobody has said."""

    JOB_CARD = "job_card", "Job card"
    WORK_ORDER = "work_order", "Work order"
    INSPECTION_REPORT = "inspection_report", "Inspection report"
    INCIDENT_REPORT = "incident_report", "Incident report"
    SAFETY_CIRCULAR = "safety_circular", "Safety circular"
    OPERATING_INSTRUCTION = "operating_instruction", "Operating instruction"
    DIRECTIVE = "directive", "Regulatory directive"
    AUDIT_OBSERVATION = "audit_observation", "Audit observation"
    TENDER = "tender", "Tender or bid"
    BILL_OF_QUANTITIES = "bill_of_quantities", "Bill of quantities"
    PURCHASE_ORDER = "purchase_order", "Purchase order"
    GOODS_RECEIPT = "goods_receipt", "Goods receipt"
    INVOICE = "invoice", "Vendor invoice"
    CONTRACT = "contract", "Contract or amendment"
    DRAWING = "drawing", "Drawing"
    TEST_CERTIFICATE = "test_certificate", "Test certificate"
    ENVIRONMENTAL_REPORT = "environmental_report", "Environmental report"
    HR = "hr", "Leave, transfer or other HR order"
    POLICY = "policy", "Policy"
    LEGAL = "legal", "Legal notice or opinion"
    BOARD = "board", "Board agenda or minutes"
    RTI = "rti", "Right-to-information request"
    COMPLAINT = "complaint", "Complaint"
    LETTER = "letter", "Letter"
    OTHER = "other", "Other"


class Document(StateMachine, models.Model):
    """A paper that the house has a receipt for. `status` is that of its newest version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=255)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    document_type = models.CharField(max_length=32, choices=DocumentType.choices, blank=True)
    document_date = models.DateField(null=True, blank=True)
    access = models.CharField(max_length=12, choices=Access.choices, default=Access.DEPARTMENT)
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", help_text="who may see it while access is restricted"
    )
    shared = models.BooleanField(
        default=False, db_default=False, help_text="others than its department see it too (documents.sharing)"
    )
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    status = FSMField(choices=Status.choices, default=Status.QUEUED, protected=True)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.UND)
    metadata = models.JSONField(default=dict, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    uploaded_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    batch = models.ForeignKey(Batch, null=True, blank=True, on_delete=models.SET_NULL, related_name="documents")
    duplicate_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="duplicates"
    )
    newest = models.OneToOneField("documents.Version", null=True, on_delete=models.SET_NULL, related_name="+")
    readable = models.OneToOneField(
        "documents.Version",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="the newest processed version: what text and search serve",
    )
    job_id = models.UUIDField(null=True, blank=True, help_text="the newest job that reads it")
    binned_at = models.DateTimeField(null=True, blank=True)
    binned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = DocumentManager()

    class Meta:
        indexes = [
            models.Index("department", models.F("uploaded_at").desc(), models.F("id").desc(), name="doc_by_department"),
            models.Index(
                "department", "status", models.F("uploaded_at").desc(), models.F("id").desc(), name="doc_by_dept_status"
            ),
            models.Index("uploaded_by", models.F("uploaded_at").desc(), models.F("id").desc(), name="doc_by_uploader"),
            models.Index(models.F("uploaded_at").desc(), models.F("id").desc(), name="doc_by_time"),
            models.Index(fields=["title", "id"], name="doc_by_title"),
            models.Index(fields=["document_date", "id"], name="doc_by_date"),
            models.Index("priority", models.F("id").desc(), name="doc_by_priority"),
            models.Index(
                fields=["settled_at"], condition=models.Q(status="failed", binned_at__isnull=True), name="doc_failed"
            ),
            models.Index(fields=["binned_at"], condition=models.Q(binned_at__isnull=False), name="doc_in_bin"),
            models.Index(
                fields=["status"], condition=models.Q(status__in=["queued", "processing"]), name="doc_in_work"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def job(self) -> Job | None:
        """The newest job that reads it; looked up once. Lists fetch those of a page together (`presentation`)."""
        if "_job" not in self.__dict__:
            self.__dict__["_job"] = Job.objects.filter(pk=self.job_id).first() if self.job_id else None
        found: Job | None = self.__dict__["_job"]
        return found

    @job.setter
    def job(self, job: Job | None) -> None:
        self.__dict__["_job"] = job
        self.job_id = job.pk if job else None

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__.pop("_job", None)
        super().refresh_from_db(*args, **kwargs)

    @transition(field=status, source=[Status.QUEUED, Status.PROCESSING], target=Status.PROCESSING)
    def start_processing(self) -> None:
        """PROCESSING is a source too: work that is delivered twice starts over."""

    @transition(field=status, source=[Status.QUEUED, Status.PROCESSING], target=Status.QUEUED)
    def wait_again(self) -> None:
        """Its job waits for another attempt."""

    @transition(field=status, source=[Status.QUEUED, Status.PROCESSING], target=Status.PROCESSED)
    def finish(self) -> None:
        """The newest version has been read."""

    @transition(field=status, source=[Status.QUEUED, Status.PROCESSING], target=Status.FAILED)
    def fail(self) -> None:
        """The newest version cannot be read; the version says why."""

    @transition(field=status, source=[Status.QUEUED, Status.PROCESSING], target=Status.CANCELLED)
    def cancel(self) -> None:
        """Somebody stopped the work."""

    @transition(field=status, source=list(SETTLED), target=Status.QUEUED)
    def start_over(self) -> None:
        """Reprocessed, or a new version has arrived."""
