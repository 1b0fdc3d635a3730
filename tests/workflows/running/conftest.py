"""Definitions that are published in a line, papers to run them on, and what a run has written down."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import yaml
from django.utils import timezone

from accounts import history
from accounts.models import Department, User
from documents.models import Blob, Document, Source, Version
from documents.models.document import Status
from workflows import bodies
from workflows.definitions import defaults
from workflows.engine import fold
from workflows.models import Definition, DefinitionVersion, Instance

Publish = Callable[..., Definition]


@pytest.fixture(autouse=True)
def _no_bodies_from_before() -> Iterator[None]:
    bodies.forget()
    yield
    bodies.forget()


@pytest.fixture
def publish(db) -> Publish:
    """`publish("key", '''steps as YAML''', variables={…})`: the definition, its version published with all defaults."""

    def make(key: str, steps: str, **more: Any) -> Definition:
        body = defaults.filled({"key": key, "title": key.capitalize(), "steps": yaml.safe_load(steps), **more})
        definition, _ = Definition.objects.get_or_create(key=key, defaults={"title": key.capitalize()})
        version = DefinitionVersion.objects.create(
            definition=definition,
            number=definition.versions.count() + 1,
            source=steps,
            body=body,
            digest=hashlib.sha256(orjson.dumps(body)).hexdigest(),
            published_at=timezone.now(),
        )
        definition.published = version
        definition.save(update_fields=["published"])
        return definition

    return make


@pytest.fixture
def paper(operations: Department, clerk: User, api_source: Source) -> Document:
    """A document of operations that has been read."""
    return paper_of(operations, clerk, api_source)


def paper_of(department: Department, by: User, source: Source, title: str = "Directive 7") -> Document:
    now = timezone.now()
    digest = hashlib.sha256(title.encode()).hexdigest()
    blob, _ = Blob.objects.get_or_create(sha256=digest, defaults={"size": 3, "created_at": now})
    document = Document(title=title, source=source, department=department, uploaded_by=by, uploaded_at=now)
    document.start_processing()
    document.finish()
    document.save()
    version = Version.objects.create(
        document=document,
        number=1,
        blob=blob,
        original_filename="a.pdf",
        content_type="application/pdf",
        file_size=3,
        uploaded_by=by,
        uploaded_at=now,
        status=Status.PROCESSED,
        page_count=1,
    )
    document.newest = document.readable = version
    document.save(update_fields=["newest", "readable"])
    return document


def actions(instance: Instance) -> list[str]:
    """What its history says, in order."""
    return list(history.of("workflow", instance.pk).values_list("action", flat=True))


def folded(instance: Instance) -> dict[str, Any]:
    """The state that its history gives."""
    entries = history.of("workflow", instance.pk).values_list("action", "after")
    return fold.folded(list(entries))
