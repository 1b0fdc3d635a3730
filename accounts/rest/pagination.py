"""Lists by cursor: the cost of a page does not depend on how deep it lies, and new rows move nothing."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import estimating, keyset
from accounts.refusals import Refusal

COUNTED_TO = 10_000
USUAL, MOST = 50, 200


class BadLimit(Refusal):
    code, title = "invalid", "The limit must be a whole number from 1"


class KeysetPagination(BasePagination):
    """`{"next", "previous", "count", "count_is_estimate", "results"}`; `?limit=` up to 200, `?cursor=`.

    A view sets `ordering` to names of columns or annotations, `-` for descending, that end in a unique one, and
    `counted_to` when counting 10,000 would take long. `counted_most()` says how many there cannot be more of, where the
    planner knows too little.
    """

    ordering: str | Sequence[str] = "-id"
    page_size = USUAL
    _page: list[Any]

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page that is asked for. Raises BadCursor, BadLimit."""
        self._request = request
        limit = limit_of(request.query_params.get("limit", ""), usual=self.page_size)
        ordering = getattr(view, "ordering", None) or self.ordering
        self._columns = keyset.columns_of(queryset, [ordering] if isinstance(ordering, str) else ordering)
        cursor = request.query_params.get("cursor", "")
        place = keyset.read(self._columns, cursor) if cursor else None
        to, most = getattr(view, "counted_to", None), getattr(view, "counted_most", None)
        self.count, self.count_is_estimate = counted(queryset, to=to, most=most)
        backward = place is not None and place.backward
        columns = [column.reversed() for column in self._columns] if backward else self._columns
        rows = queryset.order_by(*(column.ordering for column in columns))
        if place is not None:
            rows = rows.filter(keyset.beyond(columns, place))
        found = list(rows[: limit + 1])
        more, self._page = len(found) > limit, found[:limit]
        if backward:
            self._page.reverse()
        self._more_after, self._more_before = (True, more) if backward else (more, place is not None)
        return self._page

    def get_next_link(self) -> str | None:
        return self._link(self._page[-1], backward=False) if self._page and self._more_after else None

    def get_previous_link(self) -> str | None:
        return self._link(self._page[0], backward=True) if self._page and self._more_before else None

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
                "count": self.count,
                "count_is_estimate": self.count_is_estimate,
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "count", "count_is_estimate", "results"],
            "properties": {
                "next": link,
                "previous": link,
                "count": {"type": "integer"},
                "count_is_estimate": {"type": "boolean"},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": self.page_size}
        where = "Where the page begins: part of `next` and `previous`."
        return [
            {"name": "cursor", "in": "query", "required": False, "description": where, "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "required": False, "description": "Rows by page.", "schema": limit},
        ]

    def _link(self, row: Any, *, backward: bool) -> str:
        place = keyset.Place([column.value_in(row) for column in self._columns], backward)
        query = [pair for pair in self._request.query_params.lists() if pair[0] != "cursor"]
        query.append(("cursor", [keyset.write(self._columns, place)]))
        return f"{self._request.build_absolute_uri(self._request.path)}?{urlencode(query, doseq=True)}"


def limit_of(said: str, *, usual: int = USUAL) -> int:
    """The page size that is asked for; more than 200 is 200. Raises BadLimit."""
    if not said:
        return usual
    if not (said.isascii() and said.isdecimal()) or int(said[:9]) < 1:
        raise BadLimit(errors={"limit": [f"Write a whole number from 1 to {MOST}."]})
    return min(int(said[:9]), MOST)


def counted(
    queryset: QuerySet, *, to: int | None = None, most: Callable[[], int | None] | None = None
) -> tuple[int, bool]:
    """How many there are, and whether that is the planner's estimate: it is past `to`, 10,000 unless told.

    The estimate is never below it, nor above `most`, if that knows.
    """
    to = to or COUNTED_TO
    exact = queryset.order_by()[: to + 1].count()
    if exact <= to:
        return exact, False
    estimate, bound = estimating.rows(queryset), most() if most is not None else None
    return max(to, estimate if bound is None else min(estimate, bound)), True
