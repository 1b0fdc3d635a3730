"""REST: a ticket for the socket, and the events for those who have none."""

from typing import Any, cast

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import credentials
from accounts.credentials import Identity
from accounts.refusals import NotAllowed, NotFound, Refusal
from accounts.rest.authentication import BearerAuthentication, SessionAuthentication, user_in
from accounts.rest.pagination import MOST, limit_of
from accounts.rights import Action, Rights
from realtime import audiences, door, schema, sequencer, tickets
from realtime import log as event_log

LIMIT = 100

TICKET = inline_serializer(
    "SocketTicket", {"ticket": serializers.CharField(), "expires_in": serializers.IntegerField()}
)
EVENT = inline_serializer(
    "Event",
    {
        "position": serializers.IntegerField(),
        "type": serializers.CharField(),
        "at": serializers.DateTimeField(),
        "data": serializers.DictField(),
    },
    many=True,
)
EVENTS = inline_serializer(
    "Events",
    {
        "position": serializers.IntegerField(help_text="ask for what comes after this one next time"),
        "reset": serializers.BooleanField(help_text="what was asked for is gone: fetch everything anew"),
        "events": EVENT,
    },
)


class TicketView(APIView):
    @extend_schema(request=None, responses=TICKET, summary="A ticket for the socket: once, within 30 seconds")
    def post(self, request: Request) -> Response:
        rights = _listener(request)
        by = request.successful_authenticator
        ticket = door.ticket_for(
            Identity(user_in(request), rights),
            session=request._request.session.session_key if isinstance(by, SessionAuthentication) else None,
            token=credentials.bearer_of(request.headers.get("Authorization", ""))
            if isinstance(by, BearerAuthentication)
            else None,
        )
        return Response({"ticket": ticket, "expires_in": tickets.SECONDS}, headers={"Cache-Control": "no-store"})


class EventsView(APIView):
    @extend_schema(
        parameters=[
            OpenApiParameter("after", int, description="position; without it you learn the present one"),
            OpenApiParameter("topic", str, many=True, description="beside your own, as `document:<id>`"),
            OpenApiParameter("limit", int, description=f"{LIMIT} unless told, {MOST} at most"),
        ],
        responses=EVENTS,
        summary="What you may see after a position, exactly as the socket tells it",
    )
    def get(self, request: Request) -> Response:
        rights = _listener(request)
        topics = [topic for topic in request.query_params.getlist("topic") if topic]
        if set(topics) - audiences.audible(rights, topics):
            raise NotFound("There is no such topic that you may listen to.")
        last = sequencer.number_events()
        after = _number(request, "after", last)
        limit = limit_of(request.query_params.get("limit", ""), usual=LIMIT)
        missed = event_log.missed(after, keys=audiences.keys_of(rights) | set(topics), limit=limit)
        return Response(
            {"position": missed.position, "reset": missed.reset, "events": [_told(x) for x in missed.lines]}
        )


class CatalogueView(APIView):
    @extend_schema(responses=dict[str, Any], summary="Every event as JSON Schema")
    def get(self, request: Request) -> Response:
        return Response(schema.json_schema())


class AsyncApiView(APIView):
    @extend_schema(responses=dict[str, Any], summary="The socket, what it tells and what it understands, as AsyncAPI 3")
    def get(self, request: Request) -> Response:
        version = str(settings.SPECTACULAR_SETTINGS["VERSION"])
        return Response(schema.asyncapi(version=version, host=request.get_host()))


def _told(line: event_log.Line) -> dict[str, Any]:
    return {"position": line.position, "type": line.type, "at": line.at, "data": line.data}


def _listener(request: Request) -> Rights:
    rights = cast(Rights, request.auth)
    if not rights.scope_allows(Action.SEE):
        raise NotAllowed("This API key may not read.")
    return rights


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise Refusal(f"`{name}` must be a whole number from 0.", errors={name: ["A whole number from 0."]})
    return int(text)
