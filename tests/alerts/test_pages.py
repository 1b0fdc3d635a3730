"""Where people see alerts: the administration's list and first page, and the head of the staff pages."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobs.models import Alert


@pytest.fixture
def alerts(db) -> list[Alert]:
    """One open, one over."""
    now = timezone.now()
    over = Alert.objects.create(
        name="disk",
        subject="originals",
        text="The disk is full.",
        value=95,
        threshold=90,
        raised_at=now,
        cleared_at=now,
    )
    opened = Alert.objects.create(
        name="backlog", subject="low", text="Many jobs wait.", value=9, threshold=5, raised_at=now, level="warning"
    )
    return [opened, over]


def page(user, address: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_open_ones_come_first_and_can_be_asked_for_alone(alerts, administrator):
    said = page(administrator, reverse("admin:jobs_alert_changelist"))
    assert said.index("Many jobs wait.") < said.index("The disk is full.")
    said = page(administrator, reverse("admin:jobs_alert_changelist") + "?standing=open")
    assert "Many jobs wait." in said and "The disk is full." not in said


def test_the_first_page_shows_what_is_open(alerts, administrator):
    said = page(administrator, reverse("admin:index"))
    assert "1 open alert" in said and "Many jobs wait." in said and "The disk is full." not in said


def test_acknowledging_says_who(alerts, administrator, auditor):
    asked = {"action": "acknowledge", "_selected_action": [alerts[0].pk]}
    client = Client()
    client.force_login(auditor)
    client.post(reverse("admin:jobs_alert_changelist"), asked)
    assert not Alert.objects.filter(acknowledged_by__isnull=False).exists()
    client.force_login(administrator)
    client.post(reverse("admin:jobs_alert_changelist"), asked)
    assert Alert.objects.get(acknowledged_by=administrator) == alerts[0]
    shown = page(administrator, reverse("admin:jobs_alert_change", args=[alerts[0].pk]))
    assert "administrator" in shown and "(&#x27;" not in shown
    assert "administrator cares for it" in page(administrator, reverse("admin:index"))


def test_the_head_of_the_staff_pages_says_so_to_administrators_alone(alerts, administrator, clerk):
    link = reverse("admin:jobs_alert_changelist") + "?standing=open"
    assert link in page(administrator, reverse("home"))
    assert link not in page(clerk, reverse("home"))
    Alert.objects.update(cleared_at=timezone.now())
    assert link not in page(administrator, reverse("home"))
