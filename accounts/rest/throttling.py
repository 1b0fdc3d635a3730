from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class CallerThrottle(SimpleRateThrottle):
    """By person or key, else by address; lets everything pass while the cache is away."""

    scope = "caller"

    def get_cache_key(self, request: Request, view: object) -> str:
        if request.user is not None and request.user.is_authenticated:
            who = f"user-{request.user.pk}"
        else:
            who = f"address-{self.get_ident(request)}"
        return f"throttle-{self.scope}-{who}"
