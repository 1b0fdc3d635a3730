"""Where each address leads. Every app keeps its own routes; this page only mounts them."""

from django.contrib import admin
from django.urls import include, path, re_path

from accounts.rest import edges
from kmrl import health, metrics

admin.autodiscover()  # see `kmrl.admin_app`

api = [
    path("", include("accounts.rest.urls")),
    path("", include("realtime.urls")),
    path("", include("jobs.urls")),
    path("", include("documents.urls")),
    path("", include("workflows.urls")),
    path("", include("kmrl.schema_urls")),
]

urlpatterns = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics.show),
    path("api/v1/", include(api)),
    re_path(r"^api/(?P<address>.*)$", edges.unknown),
    path("admin/queue/", include("kmrl.queue.urls")),
    path("admin/workflows/", include("kmrl.desk.urls")),
    path("admin/", admin.site.urls),
    path("", include("kmrl.pages.urls")),
]

handler400 = "accounts.rest.edges.bad_request"
handler403 = "kmrl.pages.errors.not_allowed"
handler404 = "kmrl.pages.errors.not_found"
handler500 = "kmrl.pages.errors.broken"
