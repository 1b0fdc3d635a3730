"""`/auth/token/`: a name and a password for a pair of JWTs, and the pair again for a new access token."""

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import User
from accounts.refusals import NotSignedIn


class NameAndPassword(serializers.Serializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1024, trim_whitespace=False, write_only=True)


class Refresh(serializers.Serializer):
    refresh = serializers.CharField(max_length=4096)


class TokenPair(serializers.Serializer):
    access = serializers.CharField(help_text="Send as `Authorization: Bearer …`; short-lived.")
    refresh = serializers.CharField(help_text="Gets the next access token; a changed password ends it.")


class ObtainToken(APIView):
    """A pair of tokens for a name and a password. Failures are counted by name and by address."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=NameAndPassword, responses=TokenPair, operation_id="auth_token", auth=[])
    def post(self, request: Request) -> Response:
        said = NameAndPassword(data=request.data)
        said.is_valid(raise_exception=True)
        user = authenticate(request._request, **said.validated_data)
        if user is None:
            raise NotSignedIn("Name and password do not fit together, or the account is not active.")
        refresh = RefreshToken.for_user(user)
        return Response({"access": str(refresh.access_token), "refresh": str(refresh)})


class RefreshAccess(APIView):
    """A new access token. The refresh token stays as it is and ends when it said it would."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=Refresh, responses=TokenPair, operation_id="auth_token_refresh", auth=[])
    def post(self, request: Request) -> Response:
        said = Refresh(data=request.data)
        said.is_valid(raise_exception=True)
        text = said.validated_data["refresh"]
        return Response({"access": str(_access_for(text)), "refresh": text})


def _access_for(text: str) -> AccessToken:
    """Raises NotSignedIn when the refresh token is over, its user is not active, or the password was changed since."""
    try:
        refresh = RefreshToken(text)  # type: ignore[arg-type]  # the stubs forget that it takes the text
        user = JWTAuthentication().get_user(refresh)
    except (TokenError, AuthenticationFailed, ValueError):
        raise NotSignedIn("This refresh token is not valid or no longer so. Sign in again.") from None
    if not isinstance(user, User):
        raise NotSignedIn
    return refresh.access_token
