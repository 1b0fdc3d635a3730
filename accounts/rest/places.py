"""Where something that was sent or made can be had: the `Location` of a 201 or 202."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

LOCATION = OpenApiParameter(
    "Location",
    OpenApiTypes.URI_REF,
    OpenApiParameter.HEADER,
    description="where it can be had from now on",
    response=[201, 202],
)


def at(address: str) -> dict[str, str]:
    """The header for an address below the API, such as `documents/…/`.

    A path alone: a proxy may be called otherwise than the gateway thinks.
    """
    return {"Location": f"/api/v1/{address}"}
