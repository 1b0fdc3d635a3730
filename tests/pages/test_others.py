"""What a run could wait for, found on its page: by what, in what order, by whom, and how much of it."""

import re
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from accounts.rights import rights_of
from documents.models import Document
from tests.pages.test_tasks import words
from tests.pages.test_workflow_pages import NAP, at, page_of  # noqa: F401 (a fixture)
from tests.workflows.running.conftest import paper_of
from workflows import control, dependencies, running
from workflows.models import Dependency, Instance

SHOWN = re.compile(r'name="other" value="([0-9a-f-]{36})"')


@pytest.fixture
def nap(publish):
    definition = publish("long-nap", NAP, one_at_a_time=False)
    type(definition).objects.filter(pk=definition.pk).update(title="Long nap", title_ml="നീണ്ട ഉറക്കം")
    definition.refresh_from_db()

    def make(document=None) -> Instance:
        return running.start(definition=definition, document=document, by=None, reason={"trigger": "manual"})

    return make


@pytest.fixture
def paper_named(operations, clerk, api_source):
    """A document of operations by its title; `more` is written onto it."""

    def make(title: str, **more) -> Document:
        made = paper_of(operations, clerk, api_source, title)
        Document.objects.filter(pk=made.pk).update(**more)
        return Document.objects.get(pk=made.pk)

    return make


@pytest.fixture
def looked(at, nap, paper, head):  # noqa: F811
    """`looked("words")`: the ids that the head of operations is shown for a run on Directive 7."""
    run = nap(paper)
    browser = at(head)

    def look(said: str) -> list[str]:
        part = browser.get(f"/workflows/{run.pk}/others/", {"find": said}).content.decode()
        whole = page_of(browser, f"/workflows/{run.pk}/?{urlencode({'find': said})}")
        assert SHOWN.findall(part) == SHOWN.findall(whole), "with and without a script"
        assert '<details class="body" id="others" open>' in whole
        return SHOWN.findall(part)

    look.run, look.browser = run, browser
    return look


def test_runs_by_title_workflow_reference_and_id(looked, nap, paper_named):
    ramp = nap(paper_named("Repair of the ramp", metadata={"reference": "CE/RAMP/44"}))
    bridge = paper_named("Repair of the bridge")
    type(bridge.readable).objects.filter(pk=bridge.readable_id).update(
        facts={"references": [{"value": "KMRL/S&T/2026/0142", "from": "page 1"}]}
    )
    over = nap(bridge)
    for said, found in {
        "repair RAMP": [ramp],
        "repair": [over, ramp],
        "bridge nap": [over],
        "നീണ്ട ramp": [ramp],
        "long-nap ramp": [ramp],
        "ramp/44": [ramp],
        "kmrl/s&t/2026/0142": [over],
        str(ramp.pk): [ramp],
        f"http://gateway/workflows/{over.pk}/": [over],
        "repair nothing": [],
        "%": [],
    }.items():
        assert looked(said) == [str(one.pk) for one in found], said
    assert str(ramp.pk) in looked(str(ramp.pk)[:15])


def test_documents_that_are_not_read_yet_come_after_runs(looked, nap, paper_named):
    scan = paper_named("Scan of the ramp", status="processing")
    broken = paper_named("Broken ramp", status="failed")
    paper_named("Read ramp")
    paper_named("Binned ramp", status="processing", binned_at=timezone.now())
    run = nap(paper_named("Ramp"))
    assert looked("ramp") == [str(one.pk) for one in (run, broken, scan)]
    assert looked("") == [str(run.pk)], "without words only runs are offered"
    page = words(page_of(looked.browser, f"/workflows/{looked.run.pk}/?find=scan"))
    assert "1 found" in page and "Scan of the ramp until it is read" in page


def test_not_itself_nor_what_has_ended_or_is_awaited(looked, nap, head, administrator, paper_named):
    over, awaited, left = (nap(paper_named(f"Ramp {n}")) for n in range(3))
    held = {"by": administrator, "rights": rights_of(administrator)}
    control.cancel(instance_id=over.pk, **held)
    control.wait_for(instance_id=looked.run.pk, kind="workflow", other=awaited.pk, **held)
    assert looked("nap") == [str(left.pk)]


def test_at_most_twenty_and_it_says_that_there_are_more(looked, nap, paper_named):
    runs = [nap(paper_named(f"Ramp {n}")) for n in range(21)]
    assert looked("ramp") == [str(one.pk) for one in runs[:0:-1]]
    assert "The newest 20; write more to see fewer." in page_of(
        looked.browser, f"/workflows/{looked.run.pk}/?find=ramp"
    )


def test_nobody_finds_what_he_may_not_see(looked, nap, safety, clerk, api_source):
    hidden = paper_of(safety, clerk, api_source, "Hidden ramp")
    Document.objects.filter(pk=hidden.pk).update(access="restricted", status="processing")
    run = nap(hidden)
    for said in ("ramp", str(run.pk), str(hidden.pk), ""):
        assert looked(said) == []
    page = page_of(looked.browser, f"/workflows/{looked.run.pk}/?find=ramp")
    assert "Nothing that you may see and that it could wait for has “ramp”" in page
    assert 'value="wait" disabled' in page, "nothing to choose"
    assert "No other run that you may see is in work." in page_of(looked.browser, f"/workflows/{looked.run.pk}/")


@pytest.mark.parametrize(
    ("who", "status"), [("clerk", 404), ("reviewer", 404), ("auditor", 404), ("outsider", 404), ("head", 200)]
)
def test_who_does_not_control_the_run_searches_nothing(at, nap, paper, request, who, status):  # noqa: F811
    run = nap(paper)
    browser = at(request.getfixturevalue(who))
    assert browser.get(f"/workflows/{run.pk}/others/", {"find": "nap"}).status_code == status
    if who not in ("head", "outsider"):
        assert "find-others" not in page_of(browser, f"/workflows/{run.pk}/?find=nap")


def test_what_was_chosen_is_waited_for(looked, nap, paper_named):
    ramp = nap(paper_named("Ramp"))
    (chosen,) = looked("ramp")
    looked.browser.post(f"/workflows/{looked.run.pk}/do/", {"do": "wait", "other": chosen, "why": "First that."})
    assert Dependency.objects.get().key == str(ramp.pk)
    assert dependencies.awaited(looked.run) == 1
    assert looked("ramp") == []
