"""How figures went: by day, week or month of the house, without a gap."""

from datetime import datetime

from django.conf import settings

from accounts.refusals import Refusal
from accounts.rights import Rights
from workflows import clock
from workflows.analytics import asking, scope
from workflows.analytics.figures import Point, Trend
from workflows.analytics.period import Period

GRAINS = ("day", "week", "month")
MOST = 1100
"""Points of one answer: three years by day."""


class BadGrain(Refusal):
    code, title = "bad_grain", "There is no such trend"


_POINTS = """
WITH chosen AS (
    SELECT started_at, finished_at, status, breached, extract(epoch FROM finished_at - started_at) AS seconds
    FROM workflows_instance
    WHERE (started_at >= %(since)s AND started_at < %(until)s OR finished_at >= %(since)s AND finished_at < %(until)s)
      AND (%(definition)s::bigint IS NULL OR definition_id = %(definition)s)
      AND (%(departments)s::bigint[] IS NULL OR department_id = ANY(%(departments)s))
), moments AS (
    SELECT started_at AS at, true AS start, '' AS status, false AS breached, NULL::numeric AS seconds FROM chosen
    WHERE started_at >= %(since)s AND started_at < %(until)s
    UNION ALL
    SELECT finished_at, false, status, breached, seconds FROM chosen
    WHERE finished_at >= %(since)s AND finished_at < %(until)s
), counted AS (
    SELECT date_trunc(%(by)s, at, %(zone)s) AS point,
        count(*) FILTER (WHERE start) AS started,
        count(*) FILTER (WHERE status = 'finished') AS finished,
        count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE breached) AS breached,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY seconds)
            FILTER (WHERE status = 'finished') AS duration
    FROM moments GROUP BY 1
)
"""
_KEPT = """
WITH counted AS (
    SELECT point, started, finished, cancelled, breached, duration FROM workflows_trend_figures
    WHERE grain = %(by)s AND definition_id = coalesce(%(definition)s::bigint, 0)
      AND point >= date_trunc(%(by)s, %(since)s::timestamptz, %(zone)s) AND point < %(until)s
)
"""
_WITHOUT_GAPS = """
SELECT g AS point, coalesce(started, 0) AS started, coalesce(finished, 0) AS finished,
    coalesce(cancelled, 0) AS cancelled, coalesce(breached, 0) AS breached, duration
FROM generate_series(date_trunc(%(by)s, %(since)s::timestamptz, %(zone)s),
    %(until)s::timestamptz - interval '1 microsecond', ('1 ' || %(by)s)::interval, %(zone)s) AS g
LEFT JOIN counted ON counted.point = g ORDER BY g
"""


def trend(
    rights: Rights,
    *,
    key: str | None = None,
    by: str = "day",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Trend:
    """Of all definitions, or one: what began and ended on each day, in each week or month.

    A kept one (see `as_of`) shows its first point whole. Raises NotAllowed, NotFound, BadPeriod, BadGrain.
    """
    mine, period = scope.of(rights), Period.of(since, until)
    if by not in GRAINS:
        raise BadGrain(f"Ask by {', '.join(GRAINS)}.")
    if by == "day" and period.days > MOST:
        raise BadGrain("Ask by week or month for so long a time.")
    definition = scope.chosen(key, None).definition if key else None
    kept = mine.kept_as(period)
    values = asking.params(
        mine, period, by=by, zone=settings.TIME_ZONE, definition=definition.pk if definition else None
    )
    found = asking.rows((_POINTS if kept is None else _KEPT) + _WITHOUT_GAPS, values)
    points = [
        Point(
            row["point"],
            row["started"],
            row["finished"],
            row["cancelled"],
            row["breached"],
            asking.spread(row["duration"]),
        )
        for row in found
    ]
    as_of = clock.now() if kept is None else asking.refreshed_at()
    return Trend(as_of, period.since, period.until, by, points)
