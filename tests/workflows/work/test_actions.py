"""The actions that the gateway brings along, on real papers."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail as outbox
from django.utils import timezone

from accounts import history
from accounts.models import Role
from documents.models import Access, Document, Status
from jobs.models import Job, Priority
from realtime.models import Event, Notice
from tests.workflows.work.test_finding import INVOICE
from workflows import actions
from workflows.actions import NotPossible
from workflows.models import WorkCalendar

JUNE = timezone.make_aware(datetime(2026, 6, 10, 12))


def perform(given, call):
    return actions.get(call).perform(given)


def apply(given, call, result):
    actions.get(call).apply(given.instance, given.params, result)


# --- the register


def test_the_register_describes_every_action_to_the_editor():
    names = actions.names()
    assert {"document.correct", "document.reprocess", "notify", "mail", "term.find", "amount.find", "reference.find",
            "repeat.find", "match.three_way"} <= set(names)  # fmt: skip
    described = {one["name"]: one for one in actions.describe()}
    assert list(described) == names
    assert [param["name"] for param in described["repeat.find"]["params"]] == ["days", "asset", "same_type"]
    assert "date" in described["term.find"]["result"]


def test_wrong_values_are_told_in_sentences_and_computed_ones_are_not_looked_at():
    action = actions.get("notify")
    assert action.problems({"people": {"expr": "vars.who"}, "text": {"expr": "document.title"}}) == []
    said = action.problems({"people": "anitha", "importance": "loud", "colour": "red"})
    assert len(said) == 4
    assert said[0].startswith("notify takes no colour.")
    assert any("text" in sentence for sentence in said)
    with pytest.raises(NotPossible):
        action.filled({"text": "x"})


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        (1, ""), (3_660, ""), (0, "at least 1"), (-5, "at least 1"), (3_661, "at most 3660"),
        (10**15, "at most"), (10**30, "a whole number"), (1e30, "a whole number"), (float("inf"), "a whole number"),
    ],
)  # fmt: skip
def test_numbers_have_bounds(days, wrong):
    said = actions.get("repeat.find").problems({"days": days})
    assert [wrong in sentence for sentence in said] == ([True] if wrong else [])


def test_the_same_name_twice_is_refused():
    with pytest.raises(ValueError, match="already an action"):
        actions.register(actions.Action(name="mail", title="", about="", perform=lambda given: None))


# --- finding


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
@pytest.mark.parametrize("words", ["15 days", "3 months", "24 hours", "3 working days"])
def test_a_paper_from_an_end_of_the_calendar_breaks_no_search_for_its_term(paper_with, given_for, words, day):
    WorkCalendar.objects.get_or_create(
        key="office", defaults={"name": "Office", "hours": [{"days": [0, 1, 2, 3, 4], "from": "10:00", "to": "17:00"}]}
    )
    paper = paper_with("Directive", f"Reply within {words}.", at=JUNE, document_date=day)
    assert perform(given_for(paper, "term.find"), "term.find")["found"] in (True, False)


def test_a_term_counts_from_the_papers_own_date(paper_with, given_for):
    paper = paper_with("Directive", "Reply within 15 days.", at=JUNE, document_date=date(2026, 6, 1))
    found = perform(given_for(paper, "term.find"), "term.find")
    assert (found["found"], found["date"], found["page"]) == (True, "2026-06-16", 2)
    assert found["counted_from"] == {"date": "2026-06-01", "is": "document"}
    assert found["words"] == "within 15 days"


def test_a_term_counts_from_the_letters_date_or_from_its_receipt(paper_with, given_for):
    letter = paper_with("Date: 03/06/2026\n15 ദിവസത്തിനകം മറുപടി നൽകണം", at=JUNE)
    assert perform(given_for(letter, "term.find"), "term.find")["date"] == "2026-06-18"
    receipt = paper_with("Date: 03/06/2026\nComply within 15 days of receipt of this letter", at=JUNE)
    assert perform(given_for(receipt, "term.find"), "term.find")["date"] == "2026-06-25"


def test_the_earliest_term_that_asks_is_taken_and_the_others_are_listed(paper_with, given_for):
    text = "Date: 01/06/2026\nThe fair closes by 05/06/2026." + " . " * 120 + "Submit the report by 30th June 2026."
    found = perform(given_for(paper_with(text, at=JUNE), "term.find"), "term.find")
    assert found["date"] == "2026-06-30"
    assert [one["date"] for one in found["others"]] == ["2026-06-05"]


def test_working_days_and_months(paper_with, given_for):
    WorkCalendar.objects.get_or_create(
        key="office", defaults={"name": "Office", "hours": [{"days": [0, 1, 2, 3, 4], "from": "10:00", "to": "17:00"}]}
    )
    days = paper_with("Report within 3 working days", at=JUNE, document_date=date(2026, 6, 5))  # a Friday
    assert perform(given_for(days, "term.find"), "term.find")["date"] == "2026-06-09"
    month = paper_with("Report within one month", at=JUNE, document_date=date(2026, 1, 31))
    assert perform(given_for(month, "term.find"), "term.find")["date"] == "2026-02-28"


def test_no_term_is_no_failure_and_no_text_is_one(paper_with, given_for):
    assert perform(given_for(paper_with("Good day"), "term.find"), "term.find")["found"] is False
    unread = paper_with("x")
    Document.objects.filter(pk=unread.pk).update(readable=None)
    unread.refresh_from_db()
    with pytest.raises(NotPossible, match="not been read"):
        perform(given_for(unread, "term.find"), "term.find")
    with pytest.raises(NotPossible, match="no document"):
        perform(given_for(None, "term.find"), "term.find")


def test_the_total_of_an_invoice(paper_with, given_for):
    found = perform(given_for(paper_with("cover", INVOICE), "amount.find"), "amount.find")
    assert (found["found"], found["amount"], found["shown"], found["page"]) == (True, 165200.0, "₹ 1,65,200.00", 2)


def test_references(paper_with, given_for):
    found = perform(
        given_for(paper_with("a", "KMRL/S&T/2026-27/0142 KMRL/S&T/2026-27/0143"), "reference.find"), "reference.find"
    )
    assert (found["reference"], found["page"], len(found["all"])) == ("KMRL/S&T/2026-27/0142", 2, 2)


def test_the_same_asset_again_within_30_days_and_only_what_may_be_seen(paper_with, given_for, safety):
    now = timezone.now()
    same = paper_with("Wheel of TS-07-BOGIE-2 worn", at=now - timedelta(days=29), title="before")
    paper_with("Wheel of TS-07-BOGIE-2 worn", at=now - timedelta(days=31))
    paper_with("Wheel of TS-07-BOGIE-21 worn", at=now - timedelta(days=1))
    paper_with("Wheel of TS-07-BOGIE-2 worn", at=now - timedelta(days=1), department=safety)
    paper_with("Wheel of TS-07-BOGIE-2 worn", at=now - timedelta(days=1), access=Access.RESTRICTED)
    paper_with("Wheel of TS-07-BOGIE-2 worn", at=now - timedelta(days=1), binned_at=now)
    paper = paper_with("Job card. Asset TS-07-BOGIE-2: hot axle", at=now)
    found = perform(given_for(paper, "repeat.find"), "repeat.find")
    assert (found["found"], found["count"]) == (True, 1)
    assert [(one["document"], one["title"]) for one in found["repeats"]] == [(str(same.pk), "before")]


# --- three-way match

ORDER = """PURCHASE ORDER No. KMRL/PO/2026-27/0142
Brake pad 20 Nos 4,500.00
Bogie spring 4 Nos 12,500.00
CGST @ 9%
SGST @ 9%
"""
RECEIPT = "GRN No. GRN/2026/77\nPurchase Order No: KMRL/PO/2026-27/0142\nBrake pad 20 Nos\nBogie spring 4 Nos\n"


def test_order_receipt_and_invoice_agree(paper_with, given_for):
    order = paper_with(ORDER, document_type="purchase_order")
    receipt = paper_with(RECEIPT, document_type="goods_receipt")
    found = perform(given_for(paper_with(INVOICE, document_type="invoice"), "match.three_way"), "match.three_way")
    assert (found["matched"], found["differences"], found["missing"]) == (True, [], [])
    assert (found["order_document"], found["receipt_document"]) == (str(order.pk), str(receipt.pk))
    assert found["words"] == "Order, receipt and invoice agree."


def test_every_difference_is_listed_in_words(paper_with, given_for):
    paper_with(ORDER.replace("4,500.00", "4,400.00").replace("CGST @ 9%\n", ""), document_type="purchase_order")
    paper_with(RECEIPT.replace("spring 4", "spring 3"), document_type="goods_receipt")
    paper = paper_with(INVOICE.replace("1,65,200.00", "1,75,200.00"), document_type="invoice")
    found = perform(given_for(paper, "match.three_way"), "match.three_way")
    assert found["matched"] is False
    assert [(one["what"], one["item"]) for one in found["differences"]] == [
        ("rate", "Brake pad"), ("tax", ""), ("total", ""), ("received", "Bogie spring")
    ]  # fmt: skip
    assert "Brake pad: billed at 4500, ordered at 4400" in found["words"]


def test_what_is_not_there_is_said_and_what_may_not_be_seen_is_not_there(paper_with, given_for, safety, person):
    other = person("other", role=Role.CLERK, of=safety)
    paper_with(ORDER, document_type="purchase_order", department=safety, by=other)
    paper = paper_with(INVOICE, document_type="invoice")
    found = perform(given_for(paper, "match.three_way"), "match.three_way")
    assert (found["matched"], found["order_document"]) == (False, None)
    assert found["missing"] == [
        "no purchase order KMRL/PO/2026-27/0142 was found", "no goods receipt for KMRL/PO/2026-27/0142 was found"
    ]  # fmt: skip
    allowed = perform(given_for(paper, "match.three_way", departments=["safety"]), "match.three_way")
    assert allowed["order_document"] is not None


# --- correcting


def test_the_gateway_corrects_and_says_so(paper_with, given_for, safety):
    paper = paper_with("x")
    given = given_for(
        paper, "document.correct", type="directive", department="safety", priority="high", access="restricted"
    )
    apply(given, "document.correct", perform(given, "document.correct"))
    paper.refresh_from_db()
    assert (paper.document_type, paper.department, paper.priority) == ("directive", safety, Priority.HIGH)
    assert (paper.access, list(paper.people.all())) == (Access.RESTRICTED, [paper.uploaded_by])
    entry = history.of("document", paper.pk).last()
    assert (entry.action, entry.actor, entry.after["document_type"]) == ("corrected", None, "directive")
    assert "Waits" in entry.note
    assert Event.objects.filter(type="document.status").exists()


def test_nothing_to_correct_and_an_unknown_department_are_refused(paper_with, given_for):
    for params in ({}, {"department": "nowhere"}):
        with pytest.raises(NotPossible):
            perform(given_for(paper_with("x"), "document.correct", **params), "document.correct")


def test_the_gateway_reads_a_document_again(paper_with, given_for):
    paper = paper_with("x")
    given = given_for(paper, "document.reprocess")
    apply(given, "document.reprocess", perform(given, "document.reprocess"))
    paper.refresh_from_db()
    assert paper.status == Status.QUEUED
    assert Job.objects.filter(kind="document.process", subject_id=str(paper.pk)).count() == 1
    assert history.of("document", paper.pk).last().action == "reprocessed"


# --- telling


def test_people_who_may_see_the_document_are_notified(paper_with, given_for, reviewer, head, outsider):
    paper = paper_with("x", title="Circular 9")
    given = given_for(
        paper,
        "notify",
        people=[{"department": "operations", "role": "reviewer"}, {"user": "outsider"}],
        text="Repeated  fault",
        importance="high",
    )
    result = perform(given, "notify")
    assert result["people"] == ["reviewer", "head"]
    apply(given, "notify", result)
    notices = Notice.objects.filter(kind="workflow.note").order_by("user_id")
    assert [notice.user_id for notice in notices] == [reviewer.pk, head.pk]
    assert notices[0].items[0]["text"] == "Repeated fault"
    assert notices[0].importance == "high"


def test_nobody_to_notify_is_a_failure(paper_with, given_for, outsider):
    with pytest.raises(NotPossible, match="Nobody"):
        perform(given_for(paper_with("x"), "notify", people=[{"user": "outsider"}], text="t"), "notify")


def test_mail_goes_to_addresses_and_people_each_by_a_job(paper_with, given_for, reviewer, settings, inline_jobs):
    settings.EMAIL_HOST = "localhost"
    given = given_for(
        paper_with("x"),
        "mail",
        subject="Two\nlines",
        text="Good day",
        addresses=["vendor@example.com"],
        people=[{"user": "reviewer"}],
    )
    result = perform(given, "mail")
    assert result["to"] == ["vendor@example.com", reviewer.email]
    apply(given, "mail", result)
    assert [message.to for message in outbox.outbox] == [["vendor@example.com"], [reviewer.email]]
    assert outbox.outbox[0].subject == "Two lines"
    assert outbox.outbox[0].body == "Good day\n"


def test_mail_without_a_server_to_nobody_or_to_too_many_is_refused(paper_with, given_for, settings):
    paper = paper_with("x")
    settings.EMAIL_HOST = ""
    with pytest.raises(NotPossible, match="no mail server"):
        perform(given_for(paper, "mail", subject="s", text="t", addresses=["a@example.com"]), "mail")
    settings.EMAIL_HOST = "localhost"
    for addresses in ([], ["nobody"], [f"a{n}@example.com" for n in range(51)]):
        with pytest.raises(NotPossible):
            perform(given_for(paper, "mail", subject="s", text="t", addresses=addresses), "mail")


def test_amounts_come_as_numbers_that_conditions_can_compare(paper_with, given_for):
    found = perform(given_for(paper_with("Total ₹ 5,000"), "amount.find"), "amount.find")
    assert isinstance(found["amount"], float)
    assert Decimal(found["amount"]) == 5000
