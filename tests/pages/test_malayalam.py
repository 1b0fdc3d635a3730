"""The staff pages in Malayalam: every sentence is there, and whoever chooses it reads it."""

import re
import sys
from pathlib import Path

import pytest
import yaml
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Department
from kmrl.pages import beginnings, flow_words
from realtime.notices import kinds
from workflows.models import Instance

PROJECT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(PROJECT / "bin"))
import translate  # noqa: E402 (a script beside the others)

sys.path.pop(0)
PLACES = re.compile(r"%\(\w+\)s|%[ds]|\{\w*[^}]*\}|<[^>]+>")
MALAYALAM = re.compile("[\u0d00-\u0d7f]")


def parts(said: object) -> list[str]:
    return [said] if isinstance(said, str) else list(said)  # type: ignore[call-overload]


MESSAGES = [message for message in translate.read() if message.id]


def test_the_catalogue_holds_every_sentence_of_the_pages_and_no_other():
    wanted = {said if isinstance(said, str) else said[0] for _file, _line, said in translate.sentences()}
    assert len(wanted) > 300
    assert {parts(message.id)[0] for message in MESSAGES} == wanted


def test_every_sentence_is_in_malayalam_and_none_is_a_guess():
    assert [message.id for message in MESSAGES if message.fuzzy] == []
    empty = [message.id for message in MESSAGES if not all(MALAYALAM.search(said) for said in parts(message.string))]
    assert empty == []


def test_no_translation_loses_a_number_or_a_name():
    wrong = [
        message.id
        for message in MESSAGES
        for said in parts(message.string)
        if sorted(PLACES.findall(said)) != sorted(PLACES.findall(parts(message.id)[-1]))
    ]
    assert wrong == []


def test_what_the_gateway_reads_is_what_was_written():
    assert (translate.PLACE / "django.mo").read_bytes() == translate.compiled(translate.read())


@pytest.fixture
def in_malayalam(client: Client, clerk) -> Client:
    Department.objects.filter(key="operations").update(name_ml="പ്രവർത്തനം")
    client.force_login(clerk)
    answer = client.post(reverse("language"), {"language": "ml", "next": "/documents/"})
    assert answer["Location"] == "/documents/"
    return client


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "പരാജയപ്പെട്ടവയും കാരണവും"),
        ("/documents/", "ഇതുവരെ രേഖയൊന്നുമില്ല"),
        ("/bin/", "ബിൻ ശൂന്യമാണ്"),
        ("/search/", "എന്താണ് തിരയുന്നത്?"),
        ("/offline/", "ഗേറ്റ്‌വേയുമായി കണക്ഷനില്ല"),
        ("/nowhere/", "നിങ്ങൾക്ക് കാണാവുന്ന ഒന്നും ഇവിടെയില്ല"),
    ],
)
def test_who_chooses_malayalam_reads_it_on_every_page(in_malayalam, path, said):
    page = in_malayalam.get(path).content.decode()
    assert '<html lang="ml">' in page
    assert said in page


def test_whatever_people_can_be_told_of_has_a_name_in_malayalam():
    with translation.override("ml"):
        assert len(kinds._kinds) > 10
        assert [kind.name for kind in kinds._kinds.values() if not MALAYALAM.search(str(kind.label))] == []


def test_why_a_built_in_workflow_began_is_said_in_malayalam_and_what_others_write_stays():
    given = {
        trigger["reason"]
        for path in (PROJECT / "workflows/seeding/built_in").glob("*.yaml")
        for trigger in yaml.safe_load(path.read_text())["triggers"]
    }
    assert given == set(beginnings.BUILT_IN)
    with translation.override("ml"):
        assert [one for one in given if not MALAYALAM.search(beginnings.in_words(one))] == []
        assert beginnings.in_words("Somebody rang.") == "Somebody rang."
        run = Instance(reason={"trigger": "document.processed", "words": "It was sent as an emergency."})
        assert flow_words.reason(run) == "രേഖ വായിച്ചു. ഇത് അടിയന്തരമായാണ് അയച്ചത്."


def test_departments_and_the_way_back_are_named_in_their_language(in_malayalam):
    page = in_malayalam.get("/").content.decode()
    assert "പ്രവർത്തനം: ക്ലർക്ക്" in page
    assert re.search(r'name="language" value="en" lang="en">English</button>', page)
    in_malayalam.post(reverse("language"), {"language": "en"})
    assert '<html lang="en">' in in_malayalam.get("/").content.decode()


def test_the_choice_stays_when_the_browser_is_closed(in_malayalam):
    cookie = in_malayalam.cookies["django_language"]
    assert (cookie.value, cookie["max-age"], cookie["httponly"]) == ("ml", 365 * 24 * 3600, True)


def test_a_browser_that_prefers_malayalam_gets_it(client, db):
    page = client.get("/sign-in/", headers={"accept-language": "ml-IN,ml;q=0.9,en;q=0.5"}).content.decode()
    assert '<html lang="ml">' in page and "പാസ്‌വേഡ്" in page


def test_the_administration_and_the_api_speak_english(in_malayalam, administrator):
    assert not MALAYALAM.search(in_malayalam.get("/api/v1/documents/?department=nowhere").content.decode())
    assert in_malayalam.get("/api/v1/documents/")["Content-Language"] == "en"
    in_malayalam.force_login(administrator)
    assert '<html lang="en' in in_malayalam.get("/admin/").content.decode()
