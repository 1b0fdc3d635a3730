"""Workers yield to uploads and pages, also where the kernel counts by sessions."""

import os
import subprocess
import sys

import pytest

from jobs.stepping_back import GROUP
from tests.house.gateways import PROJECT

SAY = """
import os
from jobs.stepping_back import GROUP, step_back
step_back(7)
print(os.getpriority(os.PRIO_PROCESS, 0), ((GROUP.read_text() if GROUP.exists() else "") or "None").split()[-1])
"""


def told(script: str, *, leads: bool) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, start_new_session=leads, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def by_sessions() -> bool:
    return GROUP.exists() and bool(GROUP.read_text())


@pytest.mark.skipif(not by_sessions(), reason="this kernel does not count by sessions")
def test_who_leads_a_session_steps_back_with_all_of_it():
    assert told(SAY, leads=True) == [str(os.nice(0) + 7), "7"]


def test_who_shares_a_session_leaves_its_others_alone():
    before = GROUP.read_text().split()[-1] if by_sessions() else "None"
    assert told(SAY, leads=False) == [str(os.nice(0) + 7), before]
