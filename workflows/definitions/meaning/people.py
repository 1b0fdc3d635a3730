"""Whether the people that are asked can be there, and may decide."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from accounts.models import Department, User
from workflows.definitions.meaning.look import Look
from workflows.definitions.problems import Path, Problem, close

KINDS_OF = ("department", "head_of", "user", "expr", "uploader")


class House:
    """Who is there now: looked up once for a whole check."""

    @cached_property
    def departments(self) -> set[str]:
        return set(Department.objects.filter(active=True).values_list("key", flat=True))

    @cached_property
    def users(self) -> set[str]:
        return set(User.objects.filter(is_active=True).values_list("username", flat=True))


def problems(look: Look) -> Iterator[Problem]:
    """What is wrong with candidates, exclusions and whom a ladder tells."""
    house = House()
    for path, entries, deciding in _entries(look):
        for number, entry in enumerate(entries):
            yield from _entry(look, entry, (*path, number), house, deciding=deciding)
    for placed in look.placed:
        if placed.step["kind"] == "human":
            yield from _excluded(look, placed.step, placed.path, house)
            yield from _quorum(look, placed.step, placed.path)


def _entries(look: Look) -> Iterator[tuple[Path, Iterable[dict[str, Any]], bool]]:
    yield from _rungs(look.body["sla"], ("sla",))
    for placed in look.placed:
        if placed.step["kind"] == "human":
            yield (*placed.path, "candidates"), placed.step["candidates"], True
        if placed.step["kind"] == "acknowledge":
            yield (*placed.path, "people"), placed.step["people"], False
        yield from _rungs(placed.step["sla"], (*placed.path, "sla"))


def _rungs(sla: dict[str, Any] | None, path: Path) -> Iterator[tuple[Path, Iterable[dict[str, Any]], bool]]:
    for number, rung in enumerate(sla["ladder"] if sla else ()):
        yield (*path, "ladder", number, "to"), rung["to"], rung["do"] == "reassign"


def _entry(look: Look, entry: dict[str, Any], path: Path, house: House, *, deciding: bool) -> Iterator[Problem]:
    said = [kind for kind in KINDS_OF if kind in entry]
    if len(said) != 1:
        yield look.wrong(
            path, "This has to say who in one way.", "Use one of department with role, head_of, user, expr or uploader."
        )
        return
    if ("department" in entry) != ("role" in entry):
        yield look.wrong(path, "A department and a role belong together.", "Write {department: legal, role: reviewer}.")
    if deciding and entry.get("role") == "clerk":
        yield look.wrong(
            (*path, "role"),
            "Clerks decide nothing: they only acknowledge.",
            "Ask a reviewer, or use acknowledge.",
        )
    named = entry[said[0]]
    if said[0] in {"department", "head_of"} and isinstance(named, str) and named not in house.departments:
        advice = close(named, house.departments, otherwise="Create it before this runs.")
        yield look.odd((*path, said[0]), f"There is no department “{named}” now.", advice)
    if said[0] == "user" and isinstance(named, str) and named not in house.users:
        advice = close(named, house.users) if len(house.users) < 5_000 else ""
        yield look.odd(
            (*path, "user"), f"Nobody is called “{named}” now.", advice if "Did" in advice else "Correct the user name."
        )


def _excluded(look: Look, step: dict[str, Any], path: Path, house: House) -> Iterator[Problem]:
    for number, entry in enumerate(step["exclude"]):
        here = (*path, "exclude", number)
        decided = entry.get("decided")
        if decided is None:
            if isinstance(entry.get("user"), str) and entry["user"] not in house.users:
                yield look.odd((*here, "user"), f"Nobody is called “{entry['user']}” now.", "Correct the user name.")
            continue
        if decided not in look.ids:
            humans = [one.step["id"] for one in look.placed if one.step["kind"] == "human"]
            yield look.wrong((*here, "decided"), f"There is no step “{decided}”.", close(decided, humans))
        elif look.step(decided).step["kind"] != "human":
            yield look.wrong((*here, "decided"), f"Nobody decides “{decided}”.", "Name a step of kind human.")
        elif not look.may_have_happened(decided, before=step["id"]):
            yield look.wrong(
                (*here, "decided"), f"“{decided}” comes only after this step.", "Exclude who decided something before."
            )


def _quorum(look: Look, step: dict[str, Any], path: Path) -> Iterator[Problem]:
    users = [entry["user"] for entry in step["candidates"] if isinstance(entry.get("user"), str)]
    all_named = len(users) == len(step["candidates"])
    if step["quorum"] == "all" and not all(set(entry) & {"user", "expr"} for entry in step["candidates"]):
        yield look.wrong(
            (*path, "quorum"),
            "“all” needs people by name: who has a role comes and goes.",
            "Write a number.",
        )
    if isinstance(step["quorum"], int) and all_named and step["quorum"] > len(set(users)):
        yield look.wrong(
            (*path, "quorum"),
            f"{step['quorum']} have to agree, and {len(set(users))} may decide.",
            "Lower the quorum, or name more people.",
        )
    if {"uploader": True} in step["candidates"] and {"uploader": True} in step["exclude"]:
        yield look.wrong((*path, "exclude"), "The uploader is asked and excluded.", "Remove one of the two.")
