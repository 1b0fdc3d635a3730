"""`/me/`: what the caller is and may, as the gateway sees it now."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Department, HouseRole, Role
from accounts.rest.authentication import rights_in, user_in
from accounts.rights import Rights


class MyDepartment(serializers.Serializer):
    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    name_ml = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class MyKey(serializers.Serializer):
    scopes = serializers.ListField(child=serializers.CharField())
    sources = serializers.ListField(child=serializers.CharField(), allow_null=True, help_text="null: all")
    departments_only = serializers.BooleanField(help_text="reaches nothing outside the departments listed")


class Limits(serializers.Serializer):
    max_upload_bytes = serializers.IntegerField()
    max_batch_files = serializers.IntegerField()
    max_batch_bytes = serializers.IntegerField()
    requests = serializers.CharField(help_text="how many a key, person or address may send: `6000/min`")


class Myself(serializers.Serializer):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    house_role = serializers.ChoiceField(choices=HouseRole.choices, allow_blank=True)
    departments = MyDepartment(many=True)
    key = MyKey(allow_null=True, help_text="what narrows the API key that asked; null for people")
    limits = Limits()


class Me(APIView):
    """Who I am, my departments and roles, and what the gateway accepts from me."""

    @extend_schema(responses=Myself, operation_id="me")
    def get(self, request: Request) -> Response:
        rights, user = rights_in(request), user_in(request)
        return Response(
            {
                "id": user.pk,
                "username": user.get_username(),
                "name": user.get_full_name(),
                "email": user.email,
                "house_role": _house_role(rights),
                "departments": _departments(rights),
                "key": _key(rights),
                "limits": _limits(),
            }
        )


def _house_role(rights: Rights) -> str:
    if rights.administrator:
        return HouseRole.ADMINISTRATOR
    return HouseRole.AUDITOR if rights.auditor else HouseRole.NONE


def _departments(rights: Rights) -> list[dict[str, Any]]:
    found = Department.objects.filter(pk__in=rights.departments)
    return [
        {"id": one.pk, "key": one.key, "name": one.name, "name_ml": one.name_ml, "role": rights.departments[one.pk]}
        for one in found
    ]


def _key(rights: Rights) -> dict[str, Any] | None:
    if rights.key_id is None:
        return None
    return {
        "scopes": sorted(rights.scopes or ()),
        "sources": None if rights.sources is None else sorted(rights.sources),
        "departments_only": rights.only_departments is not None,
    }


def _limits() -> dict[str, Any]:
    return {
        "max_upload_bytes": settings.MAX_UPLOAD_BYTES,
        "max_batch_files": settings.MAX_BATCH_FILES,
        "max_batch_bytes": settings.MAX_BATCH_BYTES,
        "requests": settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["caller"],
    }
