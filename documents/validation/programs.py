"""Programs and scripts, whatever they are called: never taken in."""

import re

# What a program begins with, and what to call it.
BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"\xfe\xed\xfa\xce", "a macOS program"),
    (b"\xfe\xed\xfa\xcf", "a macOS program"),
    (b"\xce\xfa\xed\xfe", "a macOS program"),
    (b"\xcf\xfa\xed\xfe", "a macOS program"),
    (b"\xca\xfe\xba\xbe", "a Java or macOS program"),
    (b"\x4c\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut"),
    (b"\x00asm", "a WebAssembly program"),
    (b"ITSF", "a compiled help file, which can run programs"),
    (b"FWS", "a Flash film"),
    (b"CWS", "a Flash film"),
    (b"ZWS", "a Flash film"),
    (b"dex\n", "an Android program"),
    (b"Cr24", "a browser extension"),
    (b"!<arch>\n", "a software package"),
    (b"\xed\xab\xee\xdb", "a software package"),
    (b"REGEDIT4", "a registry file"),
    (b"Windows Registry Editor", "a registry file"),
    (b"[InternetShortcut]", "an internet shortcut"),
    (b"[Desktop Entry]", "a desktop shortcut"),
)
FLASH_LONGEST_VERSION = 60

# Scripts: text that a machine runs. Looked for at the beginning of what is text.
SCRIPTS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"#!\s*/\w"), "a script"),
    (re.compile(rb"<\?php\b", re.I), "a PHP script"),
    (re.compile(rb"<%@|<jsp:", re.I), "a server page"),
    (re.compile(rb"@echo\s+(off|on)\b", re.I), "a batch script"),
    (
        re.compile(rb"(<\?xml[^>]*>\s*)?<(job|package|component)\b[^>]*>\s*<(\?job|script|runtime|comment)", re.I),
        "a Windows script",
    ),
    (re.compile(rb"on error resume next\b", re.I), "a Visual Basic script"),
)
HTA = re.compile(rb"<\s*hta:application\b", re.I)


def named(head: bytes) -> str | None:
    """What program or script the bytes begin as ("a Windows program"); None when they do not."""
    for beginning, name in BEGINNINGS:
        if head.startswith(beginning) and _is_meant(beginning, head):
            return name
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:4096]
    for pattern, name in SCRIPTS:
        if pattern.match(start):
            return name
    return "an HTML application" if HTA.search(head[:65536]) else None


def _is_meant(beginning: bytes, head: bytes) -> bool:
    """Short beginnings are also words: "MZ-4 axle report" is text, and so is "FWS" before a space."""
    if beginning == b"MZ":
        return not head.isascii() or b"\x00" in head or b"This program" in head[:512]
    if beginning in (b"FWS", b"CWS", b"ZWS"):
        return len(head) > 8 and head[3] < FLASH_LONGEST_VERSION and b"\x00" in head[3:16]
    return True
