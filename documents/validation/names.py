"""Names of files: kept for people, never used for places."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 255
NAMELESS = "document"

# Turn the reading direction or hide themselves: "invoice\u202efdp.exe" shows as "invoiceexe.pdf".
# The zero-width joiner and non-joiner stay: Malayalam is written with them.
HIDDEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
SPACE = re.compile(r"\s+")

# What a machine runs when somebody opens it.
EXECUTABLE = frozenset(
    [
        "apk",
        "app",
        "appimage",
        "appx",
        "bash",
        "bat",
        "bin",
        "chm",
        "class",
        "cmd",
        "com",
        "command",
        "cpl",
        "crx",
        "csh",
        "deb",
        "desktop",
        "dll",
        "dmg",
        "elf",
        "exe",
        "gadget",
        "hta",
        "htc",
        "inf",
        "ins",
        "iso",
        "img",
        "jar",
        "jnlp",
        "js",
        "jse",
        "jsp",
        "ksh",
        "lnk",
        "lua",
        "mjs",
        "msc",
        "msi",
        "msix",
        "msp",
        "mst",
        "ocx",
        "out",
        "php",
        "phtml",
        "pif",
        "pkg",
        "pl",
        "prg",
        "ps1",
        "ps1xml",
        "ps2",
        "psc1",
        "psm1",
        "py",
        "pyc",
        "pyw",
        "rb",
        "reg",
        "rpm",
        "run",
        "scf",
        "scr",
        "sct",
        "sh",
        "shb",
        "shs",
        "so",
        "svgz",
        "swf",
        "sys",
        "url",
        "vb",
        "vbe",
        "vbs",
        "vhd",
        "vhdx",
        "war",
        "wasm",
        "ws",
        "wsc",
        "wsf",
        "wsh",
        "xbap",
        "xll",
        "xpi",
        "zsh",
        "asp",
        "aspx",
        "cgi",
    ]
)
# Of these a second-last suffix is no accident either; "site.com.pdf" and "notes.py.txt" are.
EXECUTABLE_INSIDE = frozenset(
    ["exe", "scr", "pif", "bat", "cmd", "vbs", "vbe", "ps1", "hta", "msi", "jar", "lnk", "dll", "jse", "wsf"]
)


def in_a_line(said: str) -> str:
    """As it may stand in a list or a letter: one line, without control and direction characters; NFC."""
    said = HIDDEN.sub("", unicodedata.normalize("NFC", said))
    said = "".join(" " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in said)
    return SPACE.sub(" ", said).strip()


def cleaned(name: str) -> str:
    """The name to show: without path, control and direction characters; NFC; at most 255 characters."""
    name = in_a_line(name.replace("\\", "/").rsplit("/", 1)[-1]).strip(".").strip()
    if len(name) > LONGEST:
        stem, dot, suffix = name.rpartition(".")
        keep = f"{dot}{suffix}" if dot and len(suffix) <= 10 else ""
        name = (stem if keep else name)[: LONGEST - len(keep)] + keep
    return name or NAMELESS


def suffixes(name: str) -> list[str]:
    """The parts behind dots, lower-cased, without spaces: "a.PDF .exe" gives ["pdf", "exe"]."""
    return [part.strip().lower() for part in name.split(".")[1:]]


def executable_suffix(name: str) -> str | None:
    """The suffix that makes this the name of a program, also hidden as in "letter.exe.pdf"; None when there is none."""
    found = suffixes(name)
    if found and found[-1] in EXECUTABLE:
        return found[-1]
    return next((part for part in found[-3:-1] if part in EXECUTABLE_INSIDE), None)


def title_of(name: str) -> str:
    """What a document is called when nobody said: its file name without the suffix, underscores as spaces."""
    stem = name.rsplit(".", 1)[0] if "." in name[1:] else name
    return SPACE.sub(" ", stem.replace("_", " ")).strip() or name


def attachment(name: str) -> str:
    """A `Content-Disposition` for a download (RFC 6266), with the name in both forms (RFC 8187) when it needs both."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^\w .()\[\]+,=@~-]", "_", plain, flags=re.ASCII).strip() or NAMELESS
    if plain.startswith("."):
        plain = NAMELESS + plain
    if plain == name:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
