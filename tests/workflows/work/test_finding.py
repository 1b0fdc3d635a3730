"""What stands plainly in the text of papers: terms, dates, amounts, assets, bills."""

from datetime import date
from decimal import Decimal

import pytest

from workflows.finding import amounts, assets, bills, dates, terms
from workflows.finding.words import alike, number


@pytest.mark.parametrize(
    ("text", "count", "unit", "working"),
    [
        ("You shall reply within 15 days of this letter.", 15, "day", False),
        ("within fifteen (15) days", 15, "day", False),
        ("compliance within a period of 30 working days", 30, "day", True),
        ("Report within 48 hours.", 48, "hour", False),
        ("within one month", 1, "month", False),
        ("in two weeks", 2, "week", False),
        ("within a fortnight", 14, "day", False),
        ("not later than 7 days from the date of issue", 7, "day", False),
        ("15 ദിവസത്തിനകം മറുപടി നൽകേണ്ടതാണ്", 15, "day", False),
        ("൧൫ ദിവസത്തിനകം", 15, "day", False),
        ("പതിനഞ്ച് ദിവസത്തിനുള്ളിൽ മറുപടി", 15, "day", False),
        ("30 ദിവസങ്ങൾക്കകം", 30, "day", False),
        ("30 ദിവസങ്ങള്‍ക്കകം", 30, "day", False),
        ("ഒരാഴ്ചയ്ക്കകം", 1, "week", False),
        ("രണ്ടാഴ്ചക്കകം", 2, "week", False),
        ("ഒരു മാസത്തിനകം", 1, "month", False),
        ("7 പ്രവൃത്തി ദിവസങ്ങൾക്കുള്ളിൽ", 7, "day", True),
        ("48 മണിക്കൂറിനകം", 48, "hour", False),
    ],
)
def test_a_term_of_so_much_time(text, count, unit, working):
    (term,) = terms.find([(3, text)])
    assert (term.count, term.unit, term.working, term.day, term.page) == (count, unit, working, None, 3)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("on or before 05/11/2026", date(2026, 11, 5)),
        ("reply by 30th June 2026", date(2026, 6, 30)),
        ("not later than 5th day of November, 2026", date(2026, 11, 5)),
        ("Last date for submission: 15.12.2026", date(2026, 12, 15)),
        ("Due date: 2026-11-05", date(2026, 11, 5)),
        ("deadline is November 5, 2026", date(2026, 11, 5)),
        ("05/11/2026-നകം", date(2026, 11, 5)),
        ("30.06.2026 ന് മുമ്പ്", date(2026, 6, 30)),
        ("2026 ജൂൺ 30-നകം സമർപ്പിക്കണം", date(2026, 6, 30)),
        ("2026 ജൂണ്‍ 30-നകം സമര്‍പ്പിക്കണം", date(2026, 6, 30)),
    ],
)
def test_a_term_of_a_day(text, day):
    (term,) = terms.find([(1, text)])
    assert (term.day, term.count) == (day, 0)


@pytest.mark.parametrize("text", ["by 31/02/2026", "Train 15 days", "version 2.1.3", "on 05/11/2026 it rained", ""])
def test_what_is_no_term(text):
    assert terms.find([(1, text)]) == []


def test_whether_something_is_asked_for_and_from_when_it_counts():
    one, two = terms.find([(1, "Reply within 15 days of receipt of this letter."), (2, "It lasted within 3 weeks.")])
    assert (one.asks, one.from_receipt, one.page) == (True, True, 1)
    assert (two.asks, two.from_receipt, two.page) == (False, False, 2)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("No. 5\nDated 1st June 2026", date(2026, 6, 1)),
        ("Date: 05/11/2026\nDear Sir", date(2026, 11, 5)),
        ("തീയതി: 01.06.2026", date(2026, 6, 1)),
        ("Inspected on 05/11/2026", None),
    ],
)
def test_the_date_that_a_letter_gives_itself(text, day):
    assert terms.written_on(text) == day


def test_dates_are_day_first_and_those_that_are_none_are_passed_over():
    text = "03/04/2026, 31/02/2026, 5-11-26, 12 Dec 2026 and ഡിസംബർ 24, 2026"
    found = [one.day for one in dates.find(alike(text))]
    assert found == [date(2026, 4, 3), date(2026, 11, 5), date(2026, 12, 12), date(2026, 12, 24)]


@pytest.mark.parametrize(
    ("said", "value"), [("fifteen", 15), ("forty-five", 45), ("ഇരുപത്", 20), ("7", 7), ("some", None)]
)
def test_numbers_in_words(said, value):
    assert number(said) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Rs. 5,000/-", 5_000),
        ("INR 3.5 lakh", 350_000),
        ("2 കോടി രൂപ", 20_000_000),
        ("₹12,34,567.89", Decimal("1234567.89")),
        ("രൂപ 500", 500),
    ],
)
def test_amounts_of_money(text, value):
    (found,) = amounts.find([(1, text)])
    assert (found.value, found.certain) == (value, 0)


def test_the_total_is_what_is_named_so_and_no_part_of_it():
    page = (
        "Sub-total 1,40,000.00\nCGST @ 9% 12,600.00\nTotal Tax 25,200.00\nTotal 1,65,200.00\nGrand Total ₹ 1,65,201.00"
    )
    total = amounts.total(amounts.find([(1, "₹ 9,99,999.00 advance"), (2, page)]))
    assert total is not None
    assert (total.value, total.page, total.words) == (Decimal("165201.00"), 2, "Grand Total ₹ 1,65,201.00")


def test_without_a_named_total_there_is_none():
    assert amounts.total(amounts.find([(1, "₹ 500 and ₹ 700; phone 0484 2846700, pin 682017")])) is None


def test_rupees_are_written_with_lakh_and_crore():
    assert amounts.grouped(Decimal("1234567.891")) == "₹ 12,34,567.89"
    assert amounts.grouped(Decimal("-999")) == "₹ -999.00"


def test_assets_are_told_from_references_and_longer_ids():
    text = "TS-07-BOGIE-2, TS-07-BOGIE-21, again TS-07-BOGIE-2; AL-3-ESC-1; KMRL/PO/2026-27/0142; TS-07-BOGIE-2-X"
    assert assets.find([(4, text)]) == {"TS-07-BOGIE-2": 4, "TS-07-BOGIE-21": 4, "AL-3-ESC-1": 4}


def test_an_asset_is_found_in_a_line_among_others_and_never_over_two():
    pages = [(1, "Night shift\r\nTS-07-BOGIE-2 lifted\nby hand, TS-07-\nBOGIE-3"), (2, "ടിഎസ് AL-൩-ESC-൧")]
    assert assets.find(pages) == {"TS-07-BOGIE-2": 1, "AL-3-ESC-1": 2}


INVOICE = """TAX INVOICE
Invoice No: INV/2026/0042  Date: 05/11/2026
PO No: KMRL/PO/2026-27/0142
1 Brake pad 8607 20 Nos 4,500.00 90,000.00
2 Bogie spring 4 Nos 12,500.00 50,000.00
Sub-total 1,40,000.00
CGST @ 9% 12,600.00
SGST @ 9% 12,600.00
Grand Total ₹ 1,65,200.00
"""


def test_a_bill_in_rows_and_one_whose_cells_have_a_line_each():
    read = bills.read([(1, INVOICE)])
    assert (read.order, read.total, read.tax_rate) == ("KMRL/PO/2026-27/0142", Decimal("165200.00"), 18)
    rows = [("Brake pad", 20, Decimal("4500.00")), ("Bogie spring", 4, Decimal("12500.00"))]
    assert [(line.item, line.quantity, line.rate) for line in read.lines] == rows
    cells = "Item Qty Rate 1 Brake_pad 8607 20_Nos 4,500.00 90,000.00 2 Bogie_spring 4_Nos 12,500.00 50,000.00"
    cells = cells.replace(" ", "\n").replace("_", " ")
    assert bills.read([(1, cells)]).lines == read.lines


def test_a_row_whose_amount_is_not_its_product_is_no_line():
    assert bills.read([(1, "Brake pad 20 Nos 4,500.00 91,000.00")]).lines == ()
