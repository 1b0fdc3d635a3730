"""The words of workflows in Malayalam: one word for one thing."""

from tests.pages.test_malayalam import MESSAGES, parts

ONCE = {"പ്രവാഹ": "നടത്തിപ്പ് (a run)", "പ്രവർത്തനക്രമ": "പ്രവൃത്തിക്രമം (a workflow)"}


def test_a_run_and_a_workflow_have_one_name_each():
    said = [text for message in MESSAGES for text in parts(message.string)]
    assert {other: [text for text in said if other in text] for other in ONCE} == {other: [] for other in ONCE}
    assert sum("നടത്തിപ്പ" in text for text in said) > 30
    assert sum("പ്രവൃത്തിക്രമ" in text for text in said) > 30
