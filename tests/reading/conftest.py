import io
from collections.abc import Callable, Iterator

import pytest

from accounts.models import User
from accounts.rights import rights_of
from documents import intake, processing
from documents.intake import Upload
from documents.models import Document
from jobs import children, running
from jobs.nursery import NURSERY
from tests.reading import samples


@pytest.fixture(scope="module", autouse=True)
def _no_child_outlives_its_module() -> Iterator[None]:
    yield
    NURSERY.close()


@pytest.fixture
def send(transactional_db, api_source, operations) -> Callable[..., Document]:
    """`send(clerk, data, "a.pdf")`: taken in, waiting to be read."""

    def submit(by: User, data: bytes | None = None, name: str = "note.pdf", **more) -> Document:
        more = {"source": "api", "department": "operations"} | more
        upload = Upload(name, file=io.BytesIO(samples.pdf("Rail joint gap") if data is None else data))
        return intake.submit(upload, by=by, rights=rights_of(by), **more)

    return submit


@pytest.fixture
def work() -> Callable[[], int]:
    """Runs everything that waits, as a worker would, and tells how many jobs ended."""
    return lambda: running.drain("low")


@pytest.fixture
def reader(monkeypatch) -> Callable[[str], None]:
    """`reader("hang")`: from now on files are read by that function of `misbehaving`."""

    def choose(name: str) -> None:
        monkeypatch.setattr(children, "ALLOWED", ["documents.extraction", "tests.reading"])
        monkeypatch.setattr(processing, "READ", f"tests.reading.misbehaving:{name}")
        NURSERY.close()

    return choose


@pytest.fixture
def fresh() -> Callable[[Document], Document]:
    return lambda document: Document.objects.select_related("newest", "readable").get(pk=document.pk)
