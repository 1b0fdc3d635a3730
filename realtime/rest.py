"""REST: one's notifications, marking them read, and what one wants to be told. No logic: parse, call, present."""

from datetime import time
from typing import Any, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.refusals import NotAllowed, Refusal
from accounts.rest.parameters import flag
from accounts.rights import Action, Rights
from realtime.models import Mail, Notice
from realtime.notices import preferences, reading
from realtime.notices.kinds import Importance
from realtime.notices.preferences import Preferences, Quiet
from realtime.notices.reading import Shown

AT_ONCE = 1_000


class PartShape(serializers.Serializer):
    subject = serializers.CharField(help_text="such as `document:<id>`")
    title = serializers.CharField()
    detail = serializers.CharField()
    address = serializers.CharField(help_text="its page")


class NoticeShape(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    importance = serializers.ChoiceField(choices=[str(one) for one in Importance])
    count = serializers.IntegerField(help_text="of how many it tells")
    text = serializers.CharField(help_text="a sentence")
    detail = serializers.CharField()
    address = serializers.CharField(help_text="where it leads, or nothing")
    parts = PartShape(many=True, help_text="the last few that it tells of and that you may see")
    hidden = serializers.BooleanField(help_text="you may no longer see what it is about")
    at = serializers.DateTimeField()
    read = serializers.BooleanField()


class ReadAsked(serializers.Serializer):
    ids = serializers.ListField(child=serializers.IntegerField(min_value=1), required=False, max_length=AT_ONCE)
    upto = serializers.IntegerField(
        required=False, min_value=0, help_text="all that was told up to this position of the event log"
    )
    all = serializers.BooleanField(required=False, default=False)


class ReadAnswer(serializers.Serializer):
    read = serializers.IntegerField(help_text="how many were marked")
    unread = serializers.IntegerField()


class ChoiceShape(serializers.Serializer):
    kind = serializers.CharField()
    meaning = serializers.CharField(read_only=True)
    in_app = serializers.BooleanField(help_text="at the bell")
    mail = serializers.ChoiceField(choices=Mail.choices)


class QuietShape(serializers.Serializer):
    begin = serializers.TimeField(format="%H:%M", input_formats=["%H:%M"])
    end = serializers.TimeField(format="%H:%M", input_formats=["%H:%M"])


class PreferencesShape(serializers.Serializer):
    kinds = ChoiceShape(many=True, help_text="those that you do not name are as usual again")
    quiet = QuietShape(allow_null=True, default=None, help_text="nothing pops up and nothing is mailed between these")
    timezone = serializers.CharField(default=preferences.USUAL_ZONE)
    language = serializers.CharField(default="en", help_text="of the mail: en or ml")


class NoticesView(ListAPIView):
    """`GET /notifications/`"""

    queryset = Notice.objects.none()
    serializer_class = NoticeShape
    filter_backends = ()
    ordering = "-serial"

    @extend_schema(
        operation_id="notifications_list",
        parameters=[
            OpenApiParameter("unread", bool, description="`true`: only those that are not read"),
            OpenApiParameter("kind", str, description="only of this kind"),
        ],
        summary="My notifications, what changed last first, with `unread` and the `position` up to which they tell",
    )
    def get(self, request: Request) -> Response:
        rights, position = _person(request), reading.position()
        asked = request.query_params
        found = reading.of(rights.user_id, unread=flag(asked, "unread"), kind=asked.get("kind", ""))
        page = self.paginate_queryset(found)
        answer = self.get_paginated_response([_said(one) for one in reading.shown(page or [], rights)])
        answer.data |= {"unread": reading.unread(rights.user_id), "position": position}
        return answer


class ReadView(APIView):
    """`POST /notifications/read/`"""

    @extend_schema(request=ReadAsked, responses=ReadAnswer, summary="Mark read: these, up to a position, or all")
    def post(self, request: Request) -> Response:
        rights = _person(request, changes=True)
        asked = ReadAsked(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        if ("ids" in said) + ("upto" in said) + said["all"] != 1:
            raise Refusal("Say one of `ids`, `upto` and `all`.")
        read = reading.mark_read(rights.user_id, ids=said.get("ids"), upto=said.get("upto"))
        return Response({"read": read, "unread": reading.unread(rights.user_id)})


class PreferencesView(APIView):
    """`GET·PUT /notifications/preferences/`"""

    @extend_schema(responses=PreferencesShape, summary="What I am told at the bell and by mail, and my quiet hours")
    def get(self, request: Request) -> Response:
        rights = _person(request)
        return Response(_chosen(preferences.of(rights.user_id, rights)))

    @extend_schema(request=PreferencesShape, responses=PreferencesShape, summary="Choose what I am told, and how")
    def put(self, request: Request) -> Response:
        rights = _person(request, changes=True)
        asked = PreferencesShape(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        kept = preferences.save(
            rights.user_id,
            rights,
            choices={one["kind"]: (one["in_app"], one["mail"]) for one in said["kinds"]},
            quiet=_quiet(said["quiet"]),
            zone=said["timezone"],
            language=said["language"],
        )
        return Response(_chosen(kept))


def _person(request: Request, *, changes: bool = False) -> Rights:
    """Notifications are a person's: a key that is bound to departments or sources reaches none."""
    rights = cast(Rights, request.auth)
    if rights.bound or not rights.scope_allows(Action.CONTROL if changes else Action.SEE):
        raise NotAllowed("This API key may not do this with its owner's notifications.")
    return rights


def _said(shown: Shown) -> dict[str, Any]:
    return cast(dict[str, Any], NoticeShape(shown).data)


def _chosen(chosen: Preferences) -> dict[str, Any]:
    return cast(
        dict[str, Any],
        PreferencesShape(
            {
                "kinds": [
                    {"kind": one.kind.name, "meaning": str(one.kind.label), "in_app": one.in_app, "mail": one.mail}
                    for one in chosen.choices
                ],
                "quiet": chosen.quiet,
                "timezone": chosen.timezone,
                "language": chosen.language,
            }
        ).data,
    )


def _quiet(said: dict[str, time] | None) -> Quiet | None:
    return None if said is None else Quiet(said["begin"], said["end"])
