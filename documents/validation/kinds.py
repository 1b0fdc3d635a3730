"""The kinds of files that the house takes in, by content type, and the suffixes that people give them."""

PDF = "application/pdf"
TEXT = "text/plain"
CSV = "text/csv"
TSV = "text/tab-separated-values"
HTML = "text/html"
XML = "application/xml"
JSON = "application/json"
RTF = "application/rtf"
EML = "message/rfc822"
MSG = "application/vnd.ms-outlook"
ENCRYPTED_OFFICE = "application/encrypted"  # an OOXML file under a password: an OLE file around the secret
OLE = "application/x-ole-storage"
OOXML = "application/vnd.openxmlformats-officedocument"
DOCX = f"{OOXML}.wordprocessingml.document"
XLSX = f"{OOXML}.spreadsheetml.sheet"
PPTX = f"{OOXML}.presentationml.presentation"
DOC, XLS, PPT = "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"
ODT, ODS, ODP, ODG = (
    f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation", "graphics")
)
EPUB = "application/epub+zip"
WPD = "application/vnd.wordperfect"
DWG = "application/acad"
PNG, JPEG, TIFF, GIF, WEBP, BMP, HEIC = (
    f"image/{kind}" for kind in ("png", "jpeg", "tiff", "gif", "webp", "bmp", "heic")
)

SUFFIXES: dict[str, frozenset[str]] = {
    PDF: frozenset({"pdf"}),
    TEXT: frozenset({"txt", "text", "log", "md", "asc", "ini", "yaml", "yml", "csv", "tsv"}),
    CSV: frozenset({"csv", "txt"}),
    TSV: frozenset({"tsv", "tab", "csv", "txt"}),
    HTML: frozenset({"html", "htm", "xhtml"}),
    XML: frozenset({"xml", "xsd"}),
    JSON: frozenset({"json", "geojson", "txt"}),
    RTF: frozenset({"rtf", "doc"}),
    EML: frozenset({"eml", "mht", "mhtml", "txt"}),
    MSG: frozenset({"msg", "oft"}),
    ENCRYPTED_OFFICE: frozenset({"docx", "xlsx", "pptx", "docm", "xlsm", "pptm", "xlsb"}),
    OLE: frozenset(),
    DOCX: frozenset({"docx", "docm", "dotx", "dotm"}),
    XLSX: frozenset({"xlsx", "xlsm", "xltx", "xltm", "xlsb"}),
    PPTX: frozenset({"pptx", "pptm", "ppsx", "potx"}),
    DOC: frozenset({"doc", "dot"}),
    XLS: frozenset({"xls", "xlt"}),
    PPT: frozenset({"ppt", "pps", "pot"}),
    ODT: frozenset({"odt", "ott"}),
    ODS: frozenset({"ods", "ots"}),
    ODP: frozenset({"odp", "otp"}),
    ODG: frozenset({"odg", "otg"}),
    EPUB: frozenset({"epub"}),
    WPD: frozenset({"wpd", "wp"}),
    DWG: frozenset({"dwg", "dxf"}),
    PNG: frozenset({"png"}),
    JPEG: frozenset({"jpg", "jpeg", "jpe", "jfif"}),
    TIFF: frozenset({"tif", "tiff"}),
    GIF: frozenset({"gif"}),
    WEBP: frozenset({"webp"}),
    BMP: frozenset({"bmp", "dib"}),
    HEIC: frozenset({"heic", "heif", "hif", "avif"}),
}
DOCUMENT_SUFFIXES = frozenset().union(*SUFFIXES.values())


def contradicts(content_type: str, suffix: str) -> bool:
    """Whether the suffix belongs to another kind of document; one that says nothing contradicts nothing."""
    return suffix in DOCUMENT_SUFFIXES and suffix not in SUFFIXES[content_type]
