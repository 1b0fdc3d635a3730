"""What the deeds of these pages answer: to scripts as JSON, to plain forms by leading on to a page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse

from accounts.refusals import NotFound, Refusal
from kmrl.pages import reasons


def is_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Script") == "1"


def done(request: HttpRequest, said: str, *, to: str, **more: Any) -> HttpResponse:
    """It is done; `to` is where one goes on."""
    if is_script(request):
        return JsonResponse({"said": said, "to": to, **more})
    if said:
        messages.success(request, said)
    return HttpResponseRedirect(to)


def refused(request: HttpRequest, refusal: Refusal, *, to: str, **more: Any) -> HttpResponse:
    """It is not, with the sentence that says why; what one may not see is 404."""
    said = in_words(refusal)
    if is_script(request):
        return JsonResponse(
            {"code": refusal.code, "detail": said, "errors": errors(refusal), **more}, status=refusal.status
        )
    if isinstance(refusal, NotFound):
        to = "/tasks/"
    messages.error(request, said)
    return HttpResponseRedirect(to)


def in_words(refusal: Refusal) -> str:
    return reasons.in_words(refusal.detail)


def errors(refusal: Refusal) -> dict[str, list[str]]:
    """By field, in the language of the page."""
    return {name: [reasons.in_words(said) for said in of] for name, of in (refusal.errors or {}).items()}
