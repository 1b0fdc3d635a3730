"""Finding documents by their words, through the core and the API."""

from dataclasses import replace

import pytest
from django.db import connection

from accounts.identifiers import new_id
from accounts.models import HistoryEntry
from accounts.rights import rights_of
from documents import searching
from documents.extraction import malayalam
from documents.models import Access, Document, PageIndex
from tests.reading import samples

OLD_CHILLU = "അവന്\u200d റെയില്\u200dവേ സ്റ്റേഷനില്\u200d എത്തി"
ATOMIC = "അവൻ റെയിൽവേ സ്റ്റേഷനിൽ എത്തി"


@pytest.fixture
def found(clerk):
    """`found("words")`: titles of the clerk's documents that the list's filter leaves."""

    def ask(question, user=None):
        seen = Document.objects.visible_to(rights_of(user or clerk))
        return sorted(one.title for one in searching.filter_by_words(seen, question))

    return ask


@pytest.mark.parametrize("question", ["റെയിൽവേ", "റെയില്\u200dവേ", "സ്റ്റേഷനിൽ", "അവന്\u200d"])
def test_old_and_atomic_chillu_find_each_other(send, work, clerk, found, question):
    send(clerk, OLD_CHILLU.encode(), "old.txt")
    send(clerk, ATOMIC.encode(), "new.txt")
    send(clerk, samples.MALAYALAM.encode(), "other.txt")
    work()
    assert [title for title in found(question) if title != "other"] == ["new", "old"]


def test_the_two_spellings_of_nta_are_one(db):
    spellings = ["എന്റെ", "എൻറെ", "എൻ്റെ", "എന്\u200dറെ"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT documents_fold(word) FROM unnest(%s::text[]) AS word", [spellings])
        assert len(cursor.fetchall()) == 1


@pytest.mark.parametrize(
    ("given", "folded"),
    [
        ("plain ASCII stays", "plain ASCII stays"),
        ("“quoted” – dash…", '"quoted" - dash...'),
        ("con\ufb01rm \u00ad3\u00a0m²", "confirm 3 m2"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("₹ 5 • six", "  5   six"),
        ("സൌകര്യം", "സൗകര്യം"),
    ],
)
def test_folding_leaves_what_a_keyboard_writes(db, given, folded):
    with connection.cursor() as cursor:
        cursor.execute("SELECT documents_fold(%s)", [given])
        assert cursor.fetchone()[0] == folded


def test_parts_of_a_reference_number_are_found_and_the_whole(send, work, clerk, found):
    send(clerk, samples.pdf("Ref KMRL/S&T/2026-27/0142"), "ref.pdf")
    send(clerk, samples.pdf("Ref KMRL/OPS/2026-27/0099"), "other.pdf")
    work()
    assert found("0142") == found("KMRL/S&T/2026-27/0142") == found('"S&T/2026-27"') == ["ref"]
    assert found("2026-27") == ["other", "ref"]
    assert found("KMRL -0142") == ["other"]


def test_words_match_by_stem_and_titles_without_any_text(send, work, clerk, found):
    send(clerk, samples.pdf("Two invoices were certified"), "a.pdf")
    send(clerk, samples.locked(user="x"), "Quarterly forecast.pdf")
    work()
    assert found("invoice") == ["a"]
    assert found("forecast") == ["Quarterly forecast"]
    assert found("") == ["Quarterly forecast", "a"]
    assert found("never") == []


def test_common_words_are_answered_newest_first_by_the_same_rule(send, work, clerk, found, monkeypatch):
    for name in ("one", "two"):
        send(clerk, samples.pdf(f"common words {name}"), f"{name}.pdf")
    send(clerk, samples.locked(user="x"), "common title.pdf")
    work()
    rare = found("common")
    monkeypatch.setattr(searching, "COMMON", 0)
    assert found("common") == rare == ["common title", "one", "two"]


@pytest.mark.parametrize(
    "question", ["'", "\\", "a' OR 1=1 --", "& | ! ( :*", '"', "%s %(x)s", "\x00", "-", "a" * 5000]
)
def test_no_question_breaks_the_search(send, work, clerk, found, question):
    send(clerk)
    work()
    assert found(question) in ([], ["note"])
    seen = Document.objects.visible_to(rights_of(clerk))
    assert searching.search(seen, question, start=0, limit=10).count in (0, 1)


def test_a_page_of_endless_different_words_is_indexed_within_bounds(send, work, clerk):
    words = " ".join(f"{number:x}ണക്കെട്ട്{number}" for number in range(40_000))
    document = send(clerk, words.replace(" ", "\u00a0").encode(), "long.txt")
    work()
    assert PageIndex.objects.filter(document=document).exists()


def test_search_ranks_marks_and_counts(send, work, clerk, api_client_as):
    send(clerk, samples.pdf("Bogie inspection", "The bogie of the bogie & 5 < 6 bogie"), "bogies.pdf")
    send(clerk, samples.pdf("Nothing of the kind"), "other.pdf")
    work()
    answer = api_client_as(clerk).get("/api/v1/search/", {"q": "bogie", "limit": 1}).json()
    assert (answer["count"], answer["count_is_estimate"], answer["previous"]) == (2, False, None)
    first = answer["results"][0]
    assert (first["document"]["title"], first["page"]) == ("bogies", 2)
    assert first["snippet"].count("<mark>bogie</mark>") == 3
    assert "&amp; 5 &lt; 6" in first["snippet"]
    assert answer["facets"]["status"] == {"processed": 1}
    assert answer["facets"]["department"] == {"operations": 1}
    second = api_client_as(clerk).get(answer["next"]).json()
    assert [hit["page"] for hit in second["results"]] == [1]
    assert second["next"] is None


def test_behind_the_end_of_a_search_the_way_back_leads_to_its_last_page(send, work, clerk, api_client_as):
    send(clerk, samples.pdf("A bogie", "Another bogie", "The third bogie"), "bogies.pdf")
    work()
    client = api_client_as(clerk)
    beyond = client.get("/api/v1/search/", {"q": "bogie", "limit": 2, "cursor": 1000}).json()
    assert (beyond["count"], beyond["results"], beyond["next"]) == (3, [], None)
    last = client.get(beyond["previous"]).json()
    assert len(last["results"]) == 2 and last["next"] is None
    first = client.get(last["previous"]).json()
    assert len(first["results"]) == 2 and first["previous"] is None
    assert client.get("/api/v1/search/", {"q": "nothing", "cursor": 1000}).json()["previous"] is None


def test_a_document_that_goes_while_it_is_looked_for_is_left_out(send, work, clerk, api_client_as, monkeypatch):
    send(clerk, samples.pdf("A bogie"), "one.pdf")
    send(clerk, samples.pdf("Another bogie"), "other.pdf")
    work()
    look = searching.search

    def search(*others, **named):
        found = look(*others, **named)
        gone = found.hits[0].document
        return replace(
            found, hits=[replace(hit, document=new_id()) if hit.document == gone else hit for hit in found.hits]
        )

    monkeypatch.setattr(searching, "search", search)
    answer = api_client_as(clerk).get("/api/v1/search/", {"q": "bogie"})
    assert answer.status_code == 200 and len(answer.json()["results"]) == 1


def test_many_looks_at_restricted_documents_are_asked_for_together(
    send, work, clerk, person, auditor, api_client_as, django_assert_max_num_queries
):
    """Each is recorded once an hour; to find out costs the same for three and for thirty."""
    for number in range(12):
        send(clerk, f"A bogie, number {number}".encode(), f"{number}.txt")
    work()
    Document.objects.update(access=Access.RESTRICTED)
    Document.objects.order_by("pk").last().people.add(auditor)
    client = api_client_as(auditor)
    looks = HistoryEntry.objects.filter(action="looked", actor=auditor)
    assert len(client.get("/api/v1/search/", {"q": "bogie"}).json()["results"]) == 12
    assert looks.count() == 11
    with django_assert_max_num_queries(25):
        client.get("/api/v1/search/", {"q": "bogie"})
    assert looks.count() == 11
    api_client_as(person("second", house_role="auditor")).get("/api/v1/search/", {"q": "bogie"})
    assert HistoryEntry.objects.filter(action="looked").count() == 23


def test_filters_narrow_a_search(send, work, clerk, api_client_as):
    send(clerk, samples.pdf(samples.ENGLISH + " KMRL"), "en.pdf")
    send(clerk, samples.pdf(samples.MALAYALAM + " KMRL"), "ml.pdf")
    work()
    answer = api_client_as(clerk).get("/api/v1/search/", {"q": "kmrl", "language": "ml"}).json()
    assert [hit["document"]["title"] for hit in answer["results"]] == ["ml"]


def test_only_what_may_be_seen_is_found(send, work, clerk, outsider, auditor, api_client_as):
    hidden = send(clerk, samples.pdf("The secret gap"), "hidden.pdf")
    work()

    def count(user):
        return api_client_as(user).get("/api/v1/search/", {"q": "secret"}).json()["count"]

    assert (count(clerk), count(auditor), count(outsider)) == (1, 1, 0)
    Document.objects.filter(pk=hidden.pk).update(access=Access.RESTRICTED)
    assert (count(clerk), count(outsider)) == (0, 0)
    hidden.people.add(outsider)
    assert (count(clerk), count(outsider)) == (0, 1)
    assert api_client_as(None).get("/api/v1/search/", {"q": "secret"}).status_code == 401


def test_who_quotes_means_what_was_written_and_who_does_not_means_any_inflection(send, work, clerk, found):
    send(clerk, samples.pdf("The gaps of the joints were certified"), "many.pdf")
    send(clerk, samples.pdf("The gap of the joint was certified"), "one.pdf")
    work()
    assert found("certify gap joints") == ["many", "one"]
    assert found('"gap of the joint"') == ["one"]
    assert found('"gaps of the joints"') == ["many"]
    assert found('"gap joint"') == []
    seen = Document.objects.visible_to(rights_of(clerk))
    assert [hit.snippet for hit in searching.search(seen, '"the gap of"', start=0, limit=5).hits] == [
        "<mark>The</mark> <mark>gap</mark> <mark>of</mark> <mark>the</mark> joint was certified"
    ]


def test_small_words_alone_are_found_and_beside_others_they_are_not_asked_for(send, work, clerk, found):
    send(clerk, samples.pdf("To be or not to be"), "small.pdf")
    send(clerk, samples.pdf("Invoice certified"), "invoice.pdf")
    work()
    assert found("to be") == ["small"]
    assert found("the invoice") == ["invoice"]


def test_titles_match_by_stem_and_quoted_ones_as_they_are_written(send, work, clerk, found):
    send(clerk, samples.locked(user="x"), "Yearly forecasts.pdf")
    work()
    assert found("forecast") == found('"yearly forecasts"') == ["Yearly forecasts"]
    assert found('"yearly forecast"') == []


def test_words_of_a_page_that_a_browser_printed_are_whole(send, work, clerk, found):
    line = ("യാ", "ത്ര=?ത", "ക്കാ=?ാ", "രോ", "ട്=ട്", " ", "ട്രെ=െ?ട", "യി=യി", "ൻ", " ", "മെ=െമ", "ട്രോ=േ?ടാ", " KMRL")
    send(clerk, samples.browser_print(*line), "printed.pdf")
    work()
    assert found("യാത്രക്കാരോട്") == found("ട്രെയിൻ") == found('"മെട്രോ KMRL"') == ["printed"]
    assert found("യാത്രക്കാരോട്ട്രെയിൻ") == []


def test_lines_and_columns_of_malayalam_are_not_put_together():
    def char(letter: str, start: float, end: float, y: float = 50, flags: int = 16) -> str:
        return f'<char c="{letter}" quad="{start} 0 {end} 0 {start} 9 {end} 9" x="{start}" y="{y}" flags="{flags}"/>'

    def line(*chars: str) -> str:
        return '<line bbox="">\n<font name="F" size="10">\n' + "\n".join(chars) + "\n</font>\n</line>\n"

    def page(*lines: str) -> str:
        return malayalam.mended('<block bbox="">\n' + "".join(lines) + "</block>")

    ends, goes_on = line(char("ക", 0, 9), char("ര", 9, 9)), char("മ", 18, 27)
    assert page(ends, line(goes_on)) == "കരമ"
    assert page(ends, line(char("മ", 40, 49))) == "കര\nമ"  # another column
    assert page(ends, line(char("മ", 0, 9, 64))) == "കര\nമ"  # the next line
    assert page(line(char("ക", 0, 9)), line(goes_on)) == "ക\nമ"
    made_up, written = char(" ", 9, 12, flags=malayalam.SYNTHETIC), char(" ", 9, 12)
    assert page(line(char("ക", 0, 9), made_up, char("മ", 12, 20))) == "ക മ"  # this page writes no spaces
    assert page(line(char("ക", 0, 9), made_up, char("മ", 12, 20), written, char("ക", 23, 30))) == "കമ ക"
