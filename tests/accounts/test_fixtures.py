"""The shared fixtures keep what they promise."""

import pytest
from django.core.cache import cache
from django.db import transaction


class Undone(Exception):
    pass


def leave_undone(ran: list[str]) -> None:
    with transaction.atomic():
        transaction.on_commit(lambda: ran.append("never"))
        raise Undone


def test_hooks_run_when_the_outermost_block_commits_and_not_before(commits):
    ran = []
    with transaction.atomic():
        transaction.on_commit(lambda: ran.append("outer"))
        with transaction.atomic():
            transaction.on_commit(lambda: ran.append("inner"))
        assert ran == []
    assert ran == ["outer", "inner"]
    transaction.on_commit(lambda: ran.append("outside any block"))
    assert ran[-1] == "outside any block"


def test_hooks_of_what_was_rolled_back_do_not_run(commits):
    ran = []
    with pytest.raises(Undone):
        leave_undone(ran)
    with transaction.atomic():
        transaction.on_commit(lambda: ran.append("once"))
    assert ran == ["once"]


@pytest.mark.parametrize("turn", [1, 2])
def test_no_test_finds_what_another_left_in_the_cache(turn):
    assert cache.get("left behind") is None
    cache.set("left behind", turn)
    assert cache.get("left behind") == turn


def test_originals_go_below_the_tests_own_folder(settings, tmp_path):
    assert tmp_path == settings.KMRL_DATA
    assert settings.STORAGES["originals"]["OPTIONS"]["location"] == str(tmp_path / "originals")


def test_a_client_is_signed_in_through_the_real_door(api_client_as, clerk):
    assert api_client_as(clerk).get("/api/v1/schema/").status_code == 200
    assert api_client_as(None).get("/api/v1/schema/").status_code == 401
