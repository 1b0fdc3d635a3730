"""What PostgreSQL's planner expects, without reading a row: for choosing a way, never for an answer."""

import orjson
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet


def rows(queryset: QuerySet) -> int:
    """About how many rows it will find. Takes half a millisecond, however many they are."""
    plain = queryset.order_by().values("pk")
    try:
        plain.query.sql_with_params()
    except EmptyResultSet:
        return 0
    plan = orjson.loads(plain.explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])
