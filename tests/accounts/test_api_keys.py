"""API keys: shown once, kept as digests, ended by revoking, expiry or their user's leaving."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import api_keys, history
from accounts.models import ApiKey


def run(*said: str) -> str:
    out = StringIO()
    call_command("api_key", *said, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_only_a_digest_is_kept(clerk):
    key, full = api_keys.issue(name="scanner", user=clerk, by=clerk)
    kept = [str(value) for value in ApiKey.objects.filter(pk=key.pk).values_list()[0]]
    assert full.startswith(api_keys.MARK) and not any(full.split("_", 2)[2] in value for value in kept)
    assert api_keys.find(full) == key
    assert api_keys.find(full[:-1]) is None


def test_issuing_and_revoking_are_history(clerk, administrator):
    key, full = api_keys.issue(name="scanner", user=clerk, by=administrator)
    api_keys.revoke(key, by=administrator)
    assert [(e.action, e.actor) for e in history.of("api_key", key.pk)] == [
        ("issued", administrator),
        ("revoked", administrator),
    ]
    assert api_keys.find(full) is None


def test_an_expired_key_is_unknown(clerk):
    _, full = api_keys.issue(name="k", user=clerk, by=clerk, expires_at=timezone.now() + timedelta(hours=1))
    assert api_keys.find(full) is not None
    ApiKey.objects.update(expires_at=timezone.now())
    assert api_keys.find(full) is None


def test_an_unknown_scope_makes_no_key(clerk):
    with pytest.raises(ValueError, match="Unknown scopes: fly"):
        api_keys.issue(name="k", user=clerk, by=clerk, scopes=["read", "fly"])
    assert not ApiKey.objects.exists()


def test_use_is_noted_at_most_once_a_minute(clerk, django_assert_num_queries):
    key, _ = api_keys.issue(name="k", user=clerk, by=clerk)
    api_keys.note_use(key)
    key.refresh_from_db()
    assert key.last_used_at is not None
    with django_assert_num_queries(0):
        api_keys.note_use(key)


def test_the_command_issues_a_key_that_is_bound_as_told(clerk, operations):
    full = run(
        "issue", "scanner", "--user", "clerk", "--scope", "upload", "--source", "api", "--department", "operations",
        "--days", "3",
    )  # fmt: skip
    key = api_keys.find(full)
    assert key is not None and (key.name, key.user, key.scopes, key.sources) == ("scanner", clerk, ["upload"], ["api"])
    assert list(key.departments.all()) == [operations]
    assert timedelta(days=2) < key.expires_at - timezone.now() <= timedelta(days=3)


def test_the_command_lists_keys_without_their_secrets_and_revokes_them(clerk):
    full = run("issue", "scanner", "--user", "clerk")
    prefix = full.split("_")[1]
    assert run("list") == f"{prefix}  valid  clerk  read,upload  all  scanner"
    run("revoke", prefix, "--by", "clerk")
    assert api_keys.find(full) is None and run("list").split()[1] == "revoked"
    with pytest.raises(CommandError, match="revoked already"):
        run("revoke", prefix, "--by", "clerk")


@pytest.mark.parametrize(
    "said",
    [
        ["issue", "k", "--user", "nobody"],
        ["issue", "k", "--user", "clerk", "--department", "moon"],
        ["issue", "k", "--user", "clerk", "--days", "0"],
        ["issue", "k", "--user", "clerk", "--scope", "fly"],
        ["revoke", "no", "--by", "clerk"],
    ],
)
def test_what_the_command_cannot_do_leaves_nothing(clerk, said):
    with pytest.raises(CommandError):
        run(*said)
    assert not ApiKey.objects.exists()
