"""The names that people read for what the models and files call by a key, in the language of the page."""

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Department, Role
from documents.models import DocumentType, Language, Source
from jobs.models import QueueName

TYPES = {
    DocumentType.JOB_CARD: gettext_lazy("Job card"),
    DocumentType.WORK_ORDER: gettext_lazy("Work order"),
    DocumentType.INSPECTION_REPORT: gettext_lazy("Inspection report"),
    DocumentType.INCIDENT_REPORT: gettext_lazy("Incident report"),
    DocumentType.SAFETY_CIRCULAR: gettext_lazy("Safety circular"),
    DocumentType.OPERATING_INSTRUCTION: gettext_lazy("Operating instruction"),
    DocumentType.DIRECTIVE: gettext_lazy("Regulatory directive"),
    DocumentType.AUDIT_OBSERVATION: gettext_lazy("Audit observation"),
    DocumentType.TENDER: gettext_lazy("Tender or bid"),
    DocumentType.BILL_OF_QUANTITIES: gettext_lazy("Bill of quantities"),
    DocumentType.PURCHASE_ORDER: gettext_lazy("Purchase order"),
    DocumentType.GOODS_RECEIPT: gettext_lazy("Goods receipt"),
    DocumentType.INVOICE: gettext_lazy("Vendor invoice"),
    DocumentType.CONTRACT: gettext_lazy("Contract or amendment"),
    DocumentType.DRAWING: gettext_lazy("Drawing"),
    DocumentType.TEST_CERTIFICATE: gettext_lazy("Test certificate"),
    DocumentType.ENVIRONMENTAL_REPORT: gettext_lazy("Environmental report"),
    DocumentType.HR: gettext_lazy("Leave, transfer or other HR order"),
    DocumentType.POLICY: gettext_lazy("Policy"),
    DocumentType.LEGAL: gettext_lazy("Legal notice or opinion"),
    DocumentType.BOARD: gettext_lazy("Board agenda or minutes"),
    DocumentType.RTI: gettext_lazy("Right-to-information request"),
    DocumentType.COMPLAINT: gettext_lazy("Complaint"),
    DocumentType.LETTER: gettext_lazy("Letter"),
    DocumentType.OTHER: gettext_lazy("Other"),
}
LANGUAGES = {
    Language.EN: gettext_lazy("English"),
    Language.ML: gettext_lazy("Malayalam"),
    Language.EN_ML: gettext_lazy("English and Malayalam"),
    Language.UND: gettext_lazy("Undetermined"),
}
ROLES = {
    Role.CLERK: gettext_lazy("Clerk"),
    Role.REVIEWER: gettext_lazy("Reviewer"),
    Role.HEAD: gettext_lazy("Head of department"),
}
PRIORITIES = {
    "emergency": gettext_lazy("emergency"),
    "high": gettext_lazy("high"),
    "normal": gettext_lazy("normal"),
    "low": gettext_lazy("low"),
}
QUEUES = {
    QueueName.HIGH: gettext_lazy("Urgent"),
    QueueName.DEFAULT: gettext_lazy("Normal"),
    QueueName.LOW: gettext_lazy("Whenever there is time"),
}
SOURCES = {
    "Programming interface": gettext_lazy("Programming interface"),
    "Staff pages": gettext_lazy("Staff pages"),
    "Departmental mailboxes": gettext_lazy("Departmental mailboxes"),
    "Maximo asset system": gettext_lazy("Maximo asset system"),
    "Scanners at the registry": gettext_lazy("Scanners at the registry"),
    "SharePoint folders": gettext_lazy("SharePoint folders"),
    "Messaging apps": gettext_lazy("Messaging apps"),
    "Contractors' and regulators' portals": gettext_lazy("Contractors' and regulators' portals"),
}
"""The sources that a new house has, by the names that it gave them; what people named themselves stays as it is."""
WORD, SHEET, SLIDES, TEXT = (
    gettext_lazy("Word document"),
    gettext_lazy("Spreadsheet"),
    gettext_lazy("Presentation"),
    gettext_lazy("Text"),
)
OOXML, ODF = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
FILES = {
    "application/pdf": ("PDF", gettext_lazy("PDF document")),
    "text/plain": ("TXT", TEXT),
    "text/html": ("HTML", gettext_lazy("Web page")),
    "text/csv": ("CSV", gettext_lazy("Table")),
    "text/rtf": ("RTF", TEXT),
    "application/rtf": ("RTF", TEXT),
    "application/json": ("JSON", gettext_lazy("Data")),
    "application/xml": ("XML", gettext_lazy("Data")),
    "message/rfc822": ("EML", gettext_lazy("Mail")),
    "application/vnd.ms-outlook": ("MSG", gettext_lazy("Mail")),
    "application/msword": ("DOC", WORD),
    "application/vnd.ms-excel": ("XLS", SHEET),
    "application/vnd.ms-powerpoint": ("PPT", SLIDES),
    "application/vnd.wordperfect": ("WPD", TEXT),
    f"{OOXML}wordprocessingml.document": ("DOCX", WORD),
    f"{OOXML}spreadsheetml.sheet": ("XLSX", SHEET),
    f"{OOXML}presentationml.presentation": ("PPTX", SLIDES),
    f"{ODF}text": ("ODT", TEXT),
    f"{ODF}spreadsheet": ("ODS", SHEET),
    f"{ODF}presentation": ("ODP", SLIDES),
    "application/zip": ("ZIP", gettext_lazy("Archive")),
    "application/encrypted": ("LOCK", gettext_lazy("File with a password")),
}


def document_type(key: str) -> str:
    return str(TYPES.get(DocumentType(key), key)) if key in DocumentType.values else key


def language(key: str) -> str:
    return str(LANGUAGES.get(Language(key), key)) if key in Language.values else key


def role(key: str) -> str:
    return str(ROLES.get(Role(key), key)) if key in Role.values else key


def priority(name: str) -> str:
    return str(PRIORITIES.get(name, name))


def department(found: Department | None) -> str:
    """A department's name in the language of the page, where it has one."""
    if found is None:
        return ""
    return found.name_ml if found.name_ml and get_language() == "ml" else found.name


def source(found: Source) -> str:
    """A source's name in the language of the page, as long as it is the one that it came with."""
    return str(SOURCES.get(found.name, found.name))


def file_sign(content_type: str) -> str:
    """A short sign for what a file is: `PDF`, `DOCX`."""
    return FILES[content_type][0] if content_type in FILES else content_type.rpartition("/")[2][:4].strip(".").upper()


def file_name(content_type: str) -> str:
    """What a file is, in words."""
    if content_type in FILES:
        return str(FILES[content_type][1])
    return _("Picture") if content_type.startswith("image/") else content_type
