"""Which scripts a page is going to need, so that its head can ask for all of them at once.

Without that a browser learns of each from the one that imports it: three trips, one after the other, on a slow line.
"""

EVERYWHERE = ("bell.js", "keys.js", "live.js", "page.js", "pictures.js", "realtime.js", "tray.js", "waiting.js")
OF_PAGES = {
    "documents/list.html": ("documents.js", "picking.js"),
    "documents/one.html": ("document.js", "presence.js"),
    "home.html": ("charts.js",),
    "tasks/list.html": ("picking.js", "posting.js", "tasks.js"),
    "tasks/one.html": ("document.js", "posting.js", "presence.js", "review.js"),
    "workflows/list.html": ("flow.js", "others.js", "runs.js"),
    "workflows/one.html": ("flow.js", "others.js", "runs.js"),
}


def of(template: str) -> tuple[str, ...]:
    """Names of files of `static/`, for the page that `template` draws."""
    return (*EVERYWHERE, *OF_PAGES.get(template, ()))
