import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from accounts.rights import rights_of
from documents import intake
from documents.intake import Upload
from documents.models import Document, RememberedTime
from documents.storage import contract
from tests.intake import samples


@pytest.fixture
def send(api_source) -> Callable[..., Document]:
    """`send(clerk, pdf(), "a.pdf", department="operations")`: taken in through the core."""

    def submit(by: User, data: bytes | None = None, name: str = "note.pdf", **more) -> Document:
        more.setdefault("source", "api")
        upload = Upload(name, file=io.BytesIO(samples.pdf() if data is None else data))
        return intake.submit(upload, by=by, rights=rights_of(by), **more)

    return submit


@pytest.fixture
def kept(place: Path) -> Callable[[], list[Path]]:
    """The files that lie in storage, unfinished ones included; not the gateway's mark, which is no original."""
    originals = place / "originals"
    return lambda: sorted(
        path for path in originals.rglob("*") if path.is_file() and path.parent != originals / contract.MARKS
    )


def form(data: bytes, name: str = "note.pdf", **fields) -> dict:
    return {"file": SimpleUploadedFile(name, data), "source": "api", **fields}


@pytest.fixture
def remembered(db) -> None:
    """The database has notes of the last month: what no row knows never had a receipt."""
    now = timezone.now()
    RememberedTime.objects.create(begun_at=now - timedelta(days=30), seen_at=now, incarnation="this")
