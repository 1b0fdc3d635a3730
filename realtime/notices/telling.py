"""Telling people: notifications are written in the transaction of the change that they tell of.

All of one call cost one statement, whoever they are for: it asks for everybody's preferences, joins what is unread and
of the same group, and says when it is due by mail. So a crowd of happenings is one notification, not a storm.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Q
from django.utils import timezone

from accounts import prepared
from accounts.models import HouseRole, User
from realtime import audiences, events
from realtime.catalogue import Notification, Told
from realtime.notices.kinds import Importance, Kind

KEPT_ITEMS = 5
DAILY_AT = 8  # o'clock, where the person is


@dataclass(frozen=True, kw_only=True)
class News:
    """One happening for one person. `more` is what the sentence of its kind needs beside title and detail.

    `group` is what it joins: everything of its kind unless told. `once`: never again when there was one of the group,
    read or not.
    """

    kind: Kind
    to: int
    subject: str
    title: str = ""
    detail: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    group: str = ""
    importance: Importance | None = None
    once: bool = False

    def item(self) -> dict[str, Any]:
        return {**self.more, "subject": self.subject, "title": self.title, "detail": self.detail}


Pairs = list[tuple[Told, list[str]]]


def notify(news: News) -> None:
    """Tell one person, in the caller's transaction."""
    notify_many([news])


def notify_many(news: Iterable[News]) -> None:
    """As `notify` for many: one statement, and one for the events."""
    if pairs := write(list(news)):
        events.tell_many(pairs)


def write(news: Sequence[News]) -> Pairs:
    """Write them in one statement (none for no news); what is to be told of them by `events.tell_many`."""
    if not news:
        return []
    now = timezone.now()
    rows = prepared.rows(_WRITE, {"rows": orjson.dumps(_rows(news, now)).decode(), "now": now})
    return [
        (
            Notification(id=pk, kind=kind, importance=importance, count=count, quiet=quiet),
            [audiences.user(user_id)],
        )
        for pk, user_id, kind, importance, count, quiet in rows
    ]


def administrators() -> list[int]:
    """Those who run the house."""
    run_it = Q(is_superuser=True) | Q(house_role=HouseRole.ADMINISTRATOR)
    return list(User.objects.filter(run_it, is_active=True).order_by("pk").values_list("pk", flat=True))


def _rows(news: Sequence[News], now: datetime) -> list[dict[str, Any]]:
    """One row for each person, kind and group; what is newest first."""
    rows: dict[tuple[int, str, str], dict[str, Any]] = {}
    for one in news:
        kind, stretch = one.kind, "once" if one.once else int(now.timestamp() // one.kind.window.total_seconds())
        key = (one.to, kind.name, f"{one.group}@{stretch}"[-200:])
        row = rows.setdefault(
            key,
            {
                "user_id": one.to,
                "kind": kind.name,
                "grouped": key[2],
                "once": one.once,
                "in_app": kind.in_app,
                "mail": str(kind.mail),
                "subjects": set(),
                "items": [],
            },
        )
        row["importance"] = str(one.importance or kind.importance)
        row["subjects"].add(one.subject)
        row["items"] = [one.item(), *(item for item in row["items"] if item["subject"] != one.subject)][:KEPT_ITEMS]
    return [
        {**{name: said for name, said in row.items() if name != "subjects"}, "count": len(row["subjects"])}
        for row in rows.values()
    ]


_WRITE = f"""
WITH given AS MATERIALIZED (
    SELECT g.user_id, g.kind, g.grouped, g.importance, g.count, g.items,
        coalesce((p.kinds -> g.kind ->> 'in_app')::boolean, g.in_app) AS in_app,
        coalesce(p.kinds -> g.kind ->> 'mail', g.mail) AS mail,
        coalesce(p.timezone, 'Asia/Kolkata') AS zone, here.now AS local,
        CASE WHEN p.quiet_from IS NULL OR p.quiet_to IS NULL THEN false
             WHEN p.quiet_from <= p.quiet_to THEN here.now::time >= p.quiet_from AND here.now::time < p.quiet_to
             ELSE here.now::time >= p.quiet_from OR here.now::time < p.quiet_to END AS quiet
    FROM json_to_recordset(%(rows)s::json) AS g (user_id bigint, kind text, grouped text, importance text, count int,
            items jsonb, once boolean, in_app boolean, mail text)
        JOIN accounts_user u ON u.id = g.user_id AND u.is_active
        LEFT JOIN realtime_noticepreferences p ON p.user_id = g.user_id
        CROSS JOIN LATERAL (SELECT %(now)s::timestamptz AT TIME ZONE coalesce(p.timezone, 'Asia/Kolkata')
            AS now) AS here
    WHERE NOT g.once OR NOT EXISTS (SELECT FROM realtime_notice o
        WHERE o.user_id = g.user_id AND o.kind = g.kind AND o.grouped = g.grouped)
), numbered AS (
    SELECT given.*, nextval(pg_get_serial_sequence('realtime_notice', 'id')) AS serial FROM given
    WHERE in_app OR mail <> 'never' ORDER BY user_id, kind, grouped
), written AS (
    INSERT INTO realtime_notice AS old
        (id, serial, user_id, kind, grouped, importance, count, items, in_app, first_at, at, mail_at)
    SELECT serial, serial, user_id, kind, grouped, importance, count, items, in_app, %(now)s, %(now)s,
        CASE mail WHEN 'at_once' THEN %(now)s::timestamptz
            WHEN 'hourly' THEN (date_trunc('hour', local) + interval '1 hour') AT TIME ZONE zone
            WHEN 'daily' THEN (date_trunc('day', local - interval '{DAILY_AT} hours')
                + interval '1 day {DAILY_AT} hours') AT TIME ZONE zone END
    FROM numbered
    ON CONFLICT (user_id, kind, grouped) WHERE read_at IS NULL DO UPDATE SET
        serial = excluded.serial, at = excluded.at, importance = excluded.importance,
        in_app = old.in_app OR excluded.in_app, mail_at = coalesce(old.mail_at, excluded.mail_at),
        count = old.count + excluded.count - (SELECT count(*) FROM jsonb_array_elements(excluded.items) AS e
            WHERE old.items @> jsonb_build_array(jsonb_build_object('subject', e -> 'subject'))),
        items = (SELECT jsonb_agg(e ORDER BY place) FROM (
            SELECT e, place FROM (
                SELECT DISTINCT ON (e -> 'subject') e, place
                FROM jsonb_array_elements(excluded.items || old.items) WITH ORDINALITY AS all_of (e, place)
                ORDER BY e -> 'subject', place) AS each_once
            ORDER BY place LIMIT {KEPT_ITEMS}) AS newest)
    RETURNING id, user_id, kind, grouped, importance, count, in_app
)
SELECT w.id, w.user_id, w.kind, w.importance, w.count, g.quiet
FROM written w JOIN given g ON g.user_id = w.user_id AND g.kind = w.kind AND g.grouped = w.grouped
WHERE g.in_app ORDER BY w.user_id, w.id
"""  # noqa: S608 (numbers)
