"""Lists by cursor: the cost of a page does not depend on how deep it lies."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response

COUNTED_TO = 10_000


class KeysetPagination(CursorPagination):
    """`{"next", "previous", "count", "count_is_estimate", "results"}`; `?limit=` up to 200.

    A view sets `ordering` to columns that end in a unique one.
    """

    page_size_query_param = "limit"
    max_page_size = 200
    ordering = "-id"

    def paginate_queryset(self, queryset: QuerySet, request: Any, view: Any = None) -> list[Any] | None:
        self.count, self.count_is_estimate = counted(queryset)
        return super().paginate_queryset(queryset, request, view)

    def get_ordering(self, request: Any, queryset: QuerySet, view: Any) -> tuple[str, ...]:
        wanted = getattr(view, "ordering", None) or self.ordering
        return (wanted,) if isinstance(wanted, str) else tuple(wanted)

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


def counted(queryset: QuerySet) -> tuple[int, bool]:
    """Exact up to 10,000, then the planner's estimate (never below 10,000)."""
    exact = queryset.order_by()[: COUNTED_TO + 1].count()
    if exact <= COUNTED_TO:
        return exact, False
    sql, params = queryset.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    return max(COUNTED_TO, int(plan[0]["Plan"]["Plan Rows"])), True
