"""Where each address leads. Every app keeps its own routes; this page only mounts them."""

from django.contrib import admin
from django.urls import include, path

from kmrl import health, metrics

api = [
    path("", include("accounts.rest.urls")),
    path("", include("realtime.urls")),
    path("", include("jobs.urls")),
    path("", include("documents.urls")),
    path("", include("kmrl.schema_urls")),
]

urlpatterns = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics.show),
    path("api/v1/", include(api)),
    path("admin/", admin.site.urls),
    path("", include("kmrl.pages.urls")),
]
