from django.urls import path

from accounts.rest import me, schemes, tokens  # noqa: F401  (schemes registers itself with drf-spectacular)

urlpatterns = [
    path("auth/token/", tokens.ObtainToken.as_view(), name="token"),
    path("auth/token/refresh/", tokens.RefreshAccess.as_view(), name="token-refresh"),
    path("me/", me.Me.as_view(), name="me"),
]
