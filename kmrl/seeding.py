"""What a new gateway knows of the house: departments, sources, queues, calendars. Everything stays editable.

Departments and sources are from the trade (a metro operator's registry). What exists is left as people made it.
"""

from django.db import transaction

from accounts.models import Department
from documents.models import Source
from jobs.models import Queue, QueueName
from workflows.seeding import calendars, definitions

DEPARTMENTS = (
    ("operations", "Operations", "പ്രവർത്തന വിഭാഗം"),
    ("rolling-stock", "Rolling Stock", "റോളിംഗ് സ്റ്റോക്ക്"),
    ("signalling-telecom", "Signalling and Telecom", "സിഗ്നലിംഗും ടെലികോമും"),
    ("traction-power", "Traction and Power", "ട്രാക്ഷനും വൈദ്യുതിയും"),
    ("civil-track", "Civil and Track", "സിവിലും ട്രാക്കും"),
    ("stations", "Stations and Customer Service", "സ്റ്റേഷനുകളും ഉപഭോക്തൃ സേവനവും"),
    ("projects", "Projects", "പദ്ധതികൾ"),
    ("procurement", "Procurement and Contracts", "സംഭരണവും കരാറുകളും"),
    ("finance", "Finance and Accounts", "ധനകാര്യവും കണക്കുകളും"),
    ("human-resources", "Human Resources", "മാനവവിഭവശേഷി"),
    ("legal", "Legal and Company Secretary", "നിയമവും കമ്പനി സെക്രട്ടറിയും"),
    ("safety", "Safety", "സുരക്ഷ"),
    ("information-technology", "Information Technology", "വിവരസാങ്കേതികവിദ്യ"),
    ("vigilance", "Vigilance", "വിജിലൻസ്"),
    ("corporate-communication", "Corporate Communication", "കോർപ്പറേറ്റ് ആശയവിനിമയം"),
    ("environment", "Environment", "പരിസ്ഥിതി"),
)
SOURCES = (
    ("api", "Programming interface"),
    ("web", "Staff pages"),
    ("email", "Departmental mailboxes"),
    ("maximo", "Maximo asset system"),
    ("scanner", "Scanners at the registry"),
    ("sharepoint", "SharePoint folders"),
    ("messaging", "Messaging apps"),
    ("portal", "Contractors' and regulators' portals"),
)


@transaction.atomic
def seed() -> dict[str, int]:
    """Add what is missing; how many of each were added. Doing it again adds nothing."""
    return {
        "departments": _add(
            Department, [Department(key=key, name=name, name_ml=name_ml) for key, name, name_ml in DEPARTMENTS]
        ),
        "sources": _add(Source, [Source(key=key, name=name) for key, name in SOURCES]),
        "queues": _add(Queue, [Queue(name=name) for name in QueueName.values]),
        **calendars.seed(),
        "definitions": definitions.seed(),
    }


def _add(model: type[Department] | type[Source] | type[Queue], rows: list) -> int:
    before = model.objects.count()
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return model.objects.count() - before
