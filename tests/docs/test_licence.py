"""The licence is given with the code, whole and word for word, and everything foreign is named."""

import hashlib
import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
AGPL_3 = "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"  # as the Free Software Foundation gives it
VENDORED = re.compile(r"\.min\.(js|css)$|\.woff2?$")


def test_the_whole_licence_is_given_word_for_word():
    assert hashlib.sha256((PROJECT / "LICENSE").read_bytes()).hexdigest() == AGPL_3


def test_the_notice_says_the_licence_that_the_project_declares():
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["license"]
    assert f"SPDX-License-Identifier: {declared}" in (PROJECT / "NOTICE").read_text()


def test_the_notice_names_every_foreign_file():
    places = (PROJECT / "static", PROJECT / "tests", PROJECT / "templates")
    foreign = {file for place in places for file in place.rglob("*") if VENDORED.search(file.name)}
    notice = (PROJECT / "NOTICE").read_text()
    assert foreign
    assert [str(file.relative_to(PROJECT)) for file in foreign if str(file.relative_to(PROJECT)) not in notice] == []
