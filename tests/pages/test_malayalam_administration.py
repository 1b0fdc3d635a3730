"""The administration of workflows in Malayalam: no English sentence is left on any of its pages, for anybody."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Department, User
from tests.workflows.running.conftest import paper_of
from workflows import running
from workflows.definitions import publishing
from workflows.models import Absence, Definition, Duty, Holiday, HumanTask, Instance, Routing, Shift, WorkCalendar
from workflows.seeding import calendars

ADMIN = "/admin/workflows"
MALAYALAM = re.compile("[\u0d00-\u0d7f]")
TEXT = """\
key: letters
title: കത്തുകൾ
triggers: [{on: manual, reason: കൈകൊണ്ട്}]
sla: {target: 2 working days}
steps:
  - id: read
    kind: human
    title: വായിക്കുക
    question: ശരിയാണോ?
    candidates: [{department: operations, role: reviewer}]
    exclude: [{uploader: true}]
    due: 1 working days
    outcomes: [{key: approved, title: ശരി}, {key: rejected, title: തെറ്റ്, comment: required, veto: true}]
    form: [{name: amount, title: തുക, type: number}]
  - {id: over, kind: end, outcome: approved}
"""
NAMES = {
    *("KMRL", "Gateway", "YAML", "JSON", "BPMN", "CSV", "UTF", "API", "KMRL_CHILD_MEMORY_MB", "Asia", "Kolkata"),
    *(
        "English",
        "Control",
        "Escape",
        "Tab",
        "letters",
        "read",
        "over",
        "over_now",
        "question",
        "operations",
        "others",
        "due",
        "working",
    ),
    *("office", "morning", "evening", "night", "days", "from", "to"),  # keys, and the language of definitions
}
"""Names that are the same in every language; the rest of what is made here is in Malayalam."""
ADDRESS = re.compile(r"\S+@\S+|[0-9a-f]{8}-[0-9a-f-]{27}")
LATIN = re.compile(r"[A-Za-z][A-Za-z']*(?:_[A-Za-z_]+)?")
SAID_BY = ("title", "aria-label", "placeholder", "alt", "data-sure", "data-leave", "data-line", "summary")
SILENT = {"script", "style", "code", "pre", "textarea", "template", "desc"}


class Read(HTMLParser):
    """What a reader of the page sees or hears; not what says of itself that it is English (`lang="en"`)."""

    VOID = {"img", "input", "br", "hr", "meta", "link", "use", "line", "rect", "path", "circle", "polygon", "source"}

    def __init__(self) -> None:
        super().__init__()
        self.silent: list[str] = []
        self.open: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
            if (
                self.silent
                or tag in SILENT
                or held.get("lang") == "en"
                or "material-symbols" in (held.get("class") or "")
            ):
                self.silent.append(tag)
        if self.silent and self.silent != ["textarea"] and self.silent != ["template"]:
            return
        self.found += [held[name] or "" for name in SAID_BY if held.get(name) and held.get("lang") != "en"]
        if tag == "input" and held.get("type") in ("submit", "button"):
            self.found.append(held.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if self.open:
            self.open.pop()
        if self.silent:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.found.append(" ".join(data.split()))


def english(page: str, *also: str) -> list[str]:
    """What is said in Latin letters beyond names."""
    read = Read()
    read.feed(ADDRESS.sub("", page))
    known = NAMES | {part for one in also for part in LATIN.findall(one)}
    left = {said: [word for word in LATIN.findall(said) if len(word) > 1 and word not in known] for said in read.found}
    return [said for said, words in left.items() if words]


@pytest.fixture
def house(operations: Department, reviewer: User, clerk: User, api_source, administrator: User) -> dict[str, object]:
    """Everything that the administration of workflows has pages for, named in Malayalam."""
    for one in Department.objects.all():
        one.name = one.name_ml = "വകുപ്പ്"
        one.save()
    calendars.seed()
    WorkCalendar.objects.update(name="ഓഫീസ്")
    Holiday.objects.update(name="ഓണം")
    Shift.objects.update(name="രാവിലെ")
    for person in User.objects.all():
        User.objects.filter(pk=person.pk).update(first_name="മീര", last_name="")
    publishing.publish(key="letters", source=TEXT, by=administrator, note="ആദ്യം")
    publishing.publish(key="letters", source=TEXT.replace("ശരിയാണോ?", "പൂർണ്ണമാണോ?"), by=administrator)
    letters = Definition.objects.get(key="letters")
    letters.draft = TEXT
    letters.save()
    run = running.start(
        definition=letters,
        document=paper_of(operations, clerk, api_source, "കത്ത്"),
        by=None,
        reason={"trigger": "manual", "words": "കൈകൊണ്ട്"},
    )
    today = timezone.localdate()
    return {
        "run": run,
        "task": HumanTask.objects.get(instance=run),
        "duty": Duty.objects.create(user=clerk, shift=Shift.objects.all()[0], first_day=today),
        "absence": Absence.objects.create(user=reviewer, first_day=today, last_day=today),
        "routing": Routing.objects.create(
            document=run.document, document_version=1, event="document.processed", at=timezone.now(),
            considered=[{"definition": "letters", "version": 1, "priority": 40, "result": "won", "reason": "എല്ലാം"},
                        {"definition": "letters", "version": 1, "priority": 40, "when": "x", "result": "no"}],
        ),
    }  # fmt: skip


LISTS = ("humantask", "instance", "definition", "routing", "workcalendar", "holiday", "shift", "duty", "absence")
PAGES = (
    *(f"/{name}/" for name in LISTS),
    *(f"/{name}/add/" for name in ("workcalendar", "holiday", "shift", "duty", "absence")),
    *("/humantask/?list=all&due=overdue", "/humantask/?q=nothing", "/instance/?standing=alive", "/instance/?q=nothing"),
    *("/figures/", "/figures/?definition=letters", "/figures/?definition=letters&days=365&heat=count"),
    *("/new-definition/", "/definitions/letters/", "/definitions/letters/versions/?a=1&b=2"),
    *("/definitions/letters/versions/1/", "/definitions/letters/publish/", "/definitions/letters/start/"),
    *("/definitions/letters/start/?q=nothing", "/definitions/letters/move/?to=1", "/definitions/letters/past/"),
    "/definitions/letters/past/?last=100&text=published",
    *("/runs/{run.pk}/", "/inbox/{task.pk}/", "/routing/{routing.pk}/change/"),
    *("/duty/{duty.pk}/change/", "/absence/{absence.pk}/change/", "/absence/{absence.pk}/delete/"),
)


@pytest.fixture
def speak(client: Client) -> Iterator[Client]:
    client.cookies["django_language"] = "ml"
    return client


@pytest.mark.parametrize("path", PAGES)
def test_no_english_is_left_for_administrators(speak, administrator, house, path):
    speak.force_login(administrator)
    answer = speak.get(ADMIN + path.format(**house), follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert '<html lang="ml"' in page and MALAYALAM.search(page)
    assert english(page, *people()) == []


OTHERS = ("/humantask/", "/humantask/?list=team", "/inbox/{task.pk}/", "/figures/?definition=letters")


@pytest.mark.parametrize("path", OTHERS)
@pytest.mark.parametrize("who", ["head", "reviewer", "auditor"])
def test_no_english_is_left_for_who_decides_and_who_reads(speak, request, house, who, path):
    person = request.getfixturevalue(who)
    User.objects.filter(pk=person.pk).update(first_name="മീര")
    speak.force_login(person)
    answer = speak.get(ADMIN + path.format(**house))
    if who == "reviewer" and "figures" in path:
        assert answer.status_code == 403
        return
    assert english(answer.content.decode(), *people()) == []


def people() -> list[str]:
    names = User.objects.values_list("username", flat=True)
    return [*names, *(name.capitalize() for name in names)]


# --- what is answered


def answered(client: Client, path: str, **data: object) -> list[str]:
    """The messages, and all else, of what is shown after this was posted."""
    answer = client.post(ADMIN + path, data, follow=True)
    assert answer.status_code in (200, 400, 403, 409, 422)
    return english(answer.content.decode(), *people())


def test_deeds_and_refusals_are_said_in_malayalam(speak, administrator, house):
    speak.force_login(administrator)
    run, task = house["run"], house["task"]
    assert isinstance(run, Instance) and isinstance(task, HumanTask)
    for _twice in range(2):
        assert answered(speak, f"/runs/{run.pk}/pause/") == []
    for _twice in range(2):
        assert answered(speak, f"/runs/{run.pk}/resume/") == []
    assert answered(speak, f"/runs/{run.pk}/retry/", token="1") == []
    for deed in ("claim", "release", "comment"):
        assert answered(speak, f"/inbox/{task.pk}/", deed=deed) == []
    assert answered(speak, f"/inbox/{task.pk}/", deed="decide", outcome="rejected", version="1") == []
    assert answered(speak, f"/inbox/{task.pk}/", deed="delegate", to="nobody") == []
    several = {"_selected_action": [str(task.pk)], "action": "decide_rejected"}
    assert answered(speak, "/humantask/", **several) == []
    assert answered(speak, "/inbox/decide/", task=str(task.pk), outcome="approved", sure="1") == []
    assert answered(speak, "/inbox/decide/", task=str(task.pk), outcome="approved", sure="1") == []


def test_writing_and_publishing_answer_in_malayalam(speak, administrator, house):
    speak.force_login(administrator)
    address = "/definitions/letters"
    current = Definition.objects.get(key="letters").published
    assert current is not None
    changed = TEXT.replace("1 working days", "3 working days").replace("id: over", "id: over_now")
    assert answered(speak, f"{address}/save/", source=changed) == []
    assert answered(speak, f"{address}/save/", source=changed.replace("key: letters", "key: others")) == []
    assert answered(speak, f"{address}/publish/", source=changed) == []
    assert answered(speak, f"{address}/publish/", source=current.source) == []
    assert answered(speak, f"{address}/publish/", source=current.source, sure="1") == []
    assert answered(speak, f"{address}/publish/", source=changed.replace("key: letters", "key: others")) == []
    of_the_text = answered(speak, f"{address}/publish/", source=changed.replace("kind: human", "kind: humann"))
    assert of_the_text == ["“kind” “humann” ആകാൻ പാടില്ല.", "“human” ആണോ ഉദ്ദേശിച്ചത്?"], "only its own words"
    assert answered(speak, f"{address}/active/", active="0") == []
    assert answered(speak, f"{address}/start/") == []
    assert answered(speak, f"{address}/active/", active="1") == []
    assert answered(speak, f"{address}/publish/", source=changed, sure="1") == []
    assert answered(speak, f"{address}/move/", to="3", sure="1", run=str(house["run"].pk)) == []  # type: ignore[attr-defined]
    assert answered(speak, "/new-definition/") == []


def test_forms_complain_in_malayalam(speak, administrator, house):
    speak.force_login(administrator)
    for name in ("holiday", "shift", "duty", "absence"):
        assert answered(speak, f"/{name}/add/") == [], name
    day = timezone.localdate().isoformat()
    mine = {"user": administrator.pk, "first_day": day, "last_day": day, "deputy": administrator.pk}
    assert answered(speak, "/absence/add/", **mine) == []
    hours = {"key": "a", "name": "ക", "time_zone": "Kochi", "hours": '[{"days": [9]}]'}
    inline = {"holidays-TOTAL_FORMS": "0", "holidays-INITIAL_FORMS": "0"}
    assert answered(speak, "/workcalendar/add/", **hours, **inline) == []
    saved = {"name": "ക", "key": "a", "begins": "10:00", "ends": "18:00"}
    assert answered(speak, "/shift/add/", **saved) == []


def test_the_rest_of_the_administration_stays_english(speak, administrator):
    speak.force_login(administrator)
    for path in ("/admin/", "/admin/accounts/user/", "/admin/documents/document/"):
        page = speak.get(path).content.decode()
        assert '<html lang="en"' in page and "How things stand" in page


def test_titles_and_states_are_those_of_the_language(speak, administrator, house):
    """A task that is open is not told to open."""
    Definition.objects.update(title="Letters", title_ml="കത്തുകൾ")
    speak.force_login(administrator)
    listed = speak.get(f"{ADMIN}/definition/").content.decode()
    assert "കത്തുകൾ" in listed and "Letters" not in listed
    tasks = speak.get(f"{ADMIN}/humantask/?list=all").content.decode()
    assert "തുറന്നത്" in tasks and "തുറക്കുക" not in tasks
